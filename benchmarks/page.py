"""The table in docs/performance.md, filled from the JSON of a run; a test holds the two against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.figures import Row, markdown

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"


def block(record: dict[str, Any]) -> str:
    """What stands between the marks."""
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    rows = [Row(**{key: value for key, value in row.items() if key != "holds"}) for row in record["rows"]]
    where = f"{machine['cpu']}, {machine['cores']} cores ({', '.join(machine['features'])}); Python {machine['python']}, {versions}"
    return f"{BEGIN}\nMeasured by `make bench` on {where}.\n\n{markdown(rows)}\n\n{END}"


def write_page(record: dict[str, Any]) -> None:
    """Replace the block."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(head + block(record) + rest.partition(END)[2], encoding="utf-8")
