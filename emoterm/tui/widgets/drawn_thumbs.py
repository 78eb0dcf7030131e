"""Thumbnails as they were drawn last: a line that scrolls by is the same strip again, so what Textual made of it is kept too."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.strip import Strip

from emoterm.tui.widgets.strips import StripRow
from emoterm.tui.widgets.thumb import Look, Thumb, draw_thumb

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

_CELLS_KEPT, _ROWS_KEPT = 400, 48


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a grid."""

    thumb: Thumb
    pixels: U8 | None
    """(size_px, size_px, 4), or None while it is on its way."""
    mark: str
    chosen: bool


class DrawnThumbs:
    """The strips of cells and of rows of cells, the most recent ones, in one look."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._cells: OrderedDict[tuple[Hashable, ...], list[Strip]] = OrderedDict()
        self._rows: OrderedDict[int, list[Strip]] = OrderedDict()

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

    def forget_thumb(self, key: Hashable) -> None:
        """It has another picture."""
        for name in [name for name in self._cells if name[0] == key]:
            del self._cells[name]

    def row(self, row: int) -> list[Strip] | None:
        """All lines of a row, if it was drawn and nothing changed."""
        return self._rows.get(row)

    def draw_row(self, row: int, cells: Sequence[Cell]) -> list[Strip]:
        """All lines of a row of cells, as wide as the grid; :meth:`use` comes first."""
        look = self._look
        assert look is not None
        drawn = [self._cell(cell, look) for cell in cells]
        used = sum(lines[0].cell_length for lines in drawn)
        rest = Strip.blank(look.width - used, look.plain)
        found = self._rows[row] = [StripRow([*line, rest]).crop(0, look.width) for line in zip(*drawn, strict=True)]
        while len(self._rows) > _ROWS_KEPT:
            self._rows.popitem(last=False)
        return found

    def _cell(self, cell: Cell, look: Look) -> list[Strip]:
        name = (cell.thumb.key, cell.thumb.caption, cell.chosen, cell.mark)
        found = self._cells.get(name)
        if found is None:
            found = self._cells[name] = draw_thumb(cell.thumb, cell.pixels, cell.mark, chosen=cell.chosen, look=look)
            while len(self._cells) > _CELLS_KEPT:
                self._cells.popitem(last=False)
        return found
