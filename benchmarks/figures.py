"""The rows of the table: a figure, its floor or ceiling, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure."""

    name: str
    value: float
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is inside its limits; a figure without any is there to be read."""
        return (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)

    @property
    def wanted(self) -> str:
        """The limit in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    def to_json(self) -> dict[str, Any]:
        """For the record."""
        return {**asdict(self), "holds": self.holds}


def markdown(rows: Sequence[Row]) -> str:
    """A table that people read in a terminal and on a page."""
    lines = ["| figure | measured | wanted | |", "|---|---|---|---|"]
    for row in rows:
        verdict = "" if not row.wanted else ("holds" if row.holds else "**missed**")
        name = f"{row.name} ({row.note})" if row.note else row.name
        lines.append(f"| {name} | {_short(row.value)} {row.unit} | {row.wanted} | {verdict} |")
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
