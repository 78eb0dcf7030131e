"""Thumbnails as they were drawn last, by a worker or when they were needed, and the rows that were put together from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from emoterm.tui.widgets.ready import ReadyLine, ReadyStrip, make_ready
from emoterm.tui.widgets.thumb import Look, Thumb, draw_thumb

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

_CELLS_KEPT, _ROWS_KEPT = 600, 48


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a grid."""

    thumb: Thumb
    mark: str = ""
    cursor: Style | None = None
    """How the cursor looks, where it stands here."""

    def draw(self, pixels: U8 | None, look: Look) -> list[ReadyLine]:
        """Its lines, with a picture (size_px, size_px, 4) or with a dot where that will be."""
        return draw_thumb(self.thumb, pixels, self.mark, cursor=self.cursor, look=look)


class DrawnThumbs:
    """The lines of cells and of rows of cells, the most recent ones, in one look."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._cells: OrderedDict[Cell, list[ReadyLine]] = OrderedDict()
        self._rows: OrderedDict[int, list[ReadyStrip]] = OrderedDict()

    def use(self, look: Look) -> None:
        """From now on draw like this; what was drawn in another look is forgotten."""
        if look != self._look:
            self._look = look
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._cells.clear()
        self._rows.clear()

    def forget_rows(self) -> None:
        """Other cells stand in the rows."""
        self._rows.clear()

    def forget_row(self, row: int) -> None:
        """Something in this row changed."""
        self._rows.pop(row, None)

    def forget_key(self, key: Hashable) -> None:
        """It has another picture."""
        for cell in [cell for cell in self._cells if cell.thumb.key == key]:
            del self._cells[cell]

    def add(self, cell: Cell, lines: list[ReadyLine], look: Look) -> None:
        """Keep what a worker has drawn, if that look still holds."""
        if look == self._look:
            self._cells[cell] = lines
            self._cells.move_to_end(cell)
            while len(self._cells) > _CELLS_KEPT:
                self._cells.popitem(last=False)

    def has(self, cell: Cell) -> bool:
        """Whether a cell is drawn."""
        return cell in self._cells

    def cell(self, cell: Cell, pixels: U8 | None) -> list[ReadyLine]:
        """The lines of a cell, drawn now if they are not there; :meth:`use` comes first."""
        assert self._look is not None
        found = self._cells.get(cell)
        if found is None:
            found = cell.draw(pixels, self._look)
            if pixels is not None:
                self.add(cell, found, self._look)
        return found

    def row(self, row: int) -> list[ReadyStrip] | None:
        """All lines of a row, if it was put together and nothing changed."""
        return self._rows.get(row)

    def join_row(self, row: int, cells: Sequence[list[ReadyLine]]) -> list[ReadyStrip]:
        """All lines of a row of cells, as wide as the grid."""
        look = self._look
        assert look is not None
        rest = look.width - sum(lines[0].width for lines in cells)
        after = [make_ready([Segment(" " * rest, look.plain.background_style)], rest, look.finish)] if rest > 0 else []
        found = self._rows[row] = [ReadyStrip([*line, *after]) for line in zip(*cells, strict=True)]
        while len(self._rows) > _ROWS_KEPT:
            self._rows.popitem(last=False)
        return found
