"""The tables in docs/performance.md and README.md, filled from the JSON of a run; a test holds them against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.figures import Row, markdown

ROOT = Path(__file__).parents[1]
PAGES = {ROOT / "docs" / "performance.md": False, ROOT / "README.md": True}
"""Where the table stands, and whether only the figures that something is wanted of."""
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"


def block(record: dict[str, Any], *, brief: bool) -> str:
    """What stands between the marks; ``brief`` leaves out the figures that nothing is wanted of."""
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    rows = [Row(**{key: value for key, value in row.items() if key != "holds"}) for row in record["rows"]]
    where = f"{machine['cpu']}, {machine['cores']} cores ({', '.join(machine['features'])}); Python {machine['python']}, {versions}"
    return f"{BEGIN}\nMeasured by `make bench` on {where}.\n\n{markdown([row for row in rows if row.wanted or not brief])}\n\n{END}"


def write_pages(record: dict[str, Any]) -> None:
    """Replace the block on every page."""
    for page, brief in PAGES.items():
        replace_block(page, block(record, brief=brief))


def replace_block(page: Path, text: str) -> None:
    """Put ``text``, marks and all, where the marks are on a page."""
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(head + text + rest.partition(END)[2], encoding="utf-8")
