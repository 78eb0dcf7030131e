"""The tables in docs/performance.md and README.md, filled from the JSON of the runs; a test holds them against each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Row, markdown
from emoterm.errors import OutputError

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"
"""The marks of a page with one table."""
PERFORMANCE, README = ROOT / "docs" / "performance.md", ROOT / "README.md"


@dataclass(frozen=True)
class Table:
    """A table that stands between two marks on one or more pages."""

    name: str
    """Of the marks."""
    command: str
    """What measured it."""
    results: Path
    """The record that it shows."""
    pages: tuple[tuple[Path, bool], ...]
    """The pages it stands on, and whether a page shows only the figures that have a limit."""

    @property
    def begin(self) -> str:
        """The mark in front."""
        return f"<!-- {self.name}: begin -->\n"

    @property
    def end(self) -> str:
        """The mark behind."""
        return f"<!-- {self.name}: end -->"

    def block(self, record: dict[str, Any], *, brief: bool) -> str:
        """What stands between the marks; ``brief`` leaves out the figures without a limit."""
        machine = record["machine"]
        versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        rows = [Row(**{key: value for key, value in row.items() if key != "holds"}) for row in record["rows"]]
        where = f"{machine['cpu']}, {machine['cores']} cores ({', '.join(machine['features'])}); Python {machine['python']}, {versions}"
        shown = markdown([row for row in rows if row.wanted or not brief])
        return f"{self.begin}\nMeasured by `{self.command}` on {where}.\n\n{shown}\n\n{self.end}"

    def write(self) -> None:
        """Replace the block on every page."""
        record = json.loads(self.results.read_text(encoding="utf-8"))
        for page, brief in self.pages:
            replace_block(page, self.block(record, brief=brief), begin=self.begin, end=self.end)


HERE = Path(__file__).parent
FIGURES = Table("figures", "make bench", HERE / "results.json", ((PERFORMANCE, False), (README, True)))
NEWER = Table("with avx512", "make bench", HERE / "results-avx512.json", ((PERFORMANCE, True),))
"""The same on a machine whose processor has AVX-512, products of bytes and AMX."""
TERMINAL = Table("terminal interface", "python -m benchmarks.tui", HERE / "results-tui.json", ((PERFORMANCE, False), (README, True)))
TABLES = (FIGURES, NEWER, TERMINAL)


def save(record: dict[str, Any], file: Path) -> None:
    """Write a record."""
    file.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def replace_block(page: Path, text: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Put ``text``, marks and all, where the marks are on a page.

    Raises:
        OutputError: they are not there.
    """
    head, begins, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ends, tail = rest.partition(end)
    if not begins or not ends:
        raise OutputError(f"{page} has no place for these figures.", fix=f"Put these two lines where they go:\n{begin}{end}")
    page.write_text(head + text + tail, encoding="utf-8")
