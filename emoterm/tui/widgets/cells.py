"""A picture made of cells, one of which is under the cursor: the codes of the codebook, or the tokens of an emoji."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.tui.engine import fit
from emoterm.tui.widgets.moving import MOVING
from emoterm.tui.widgets.strips import background_of, is_dark, picture_strips

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8


class CellMap(Widget, can_focus=True):
    """Rows and columns of cells.

    Args:
        rows: how many.
        columns: how many.
        id: as for every widget.
    """

    HELP = "Arrows move from cell to cell, Home and End go to the first and the last. A click chooses a cell."
    BINDINGS: ClassVar[list[BindingType]] = MOVING

    cursor: reactive[int] = reactive(0)

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another cell."""

        cells: CellMap
        index: int

        @property
        def control(self) -> CellMap:
            return self.cells

    def __init__(self, rows: int, columns: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows, self._columns = rows, columns
        self._pixels: U8 | None = None
        self._marked: frozenset[int] = frozenset()
        self._drawn: tuple[object, list[Strip]] = (None, [])

    def show(self, pixels: U8 | None) -> None:
        """A picture (H, W, 4); H and W are multiples of rows and columns."""
        self._pixels = pixels
        self._drawn = (None, [])
        self.refresh()

    def show_rows(self, rows: int, pixels: U8) -> None:
        """As :meth:`show`, with another number of rows."""
        self._rows = rows
        self.show(pixels)

    def set_marked(self, cells: Collection[int]) -> None:
        """Dots on some cells."""
        self._marked = frozenset(cells)
        self.refresh()

    @property
    def cell_size(self) -> tuple[int, int]:
        """Columns and lines of the terminal that a cell takes: 1×1, 2×1 or 4×2."""
        width, height = self.content_size
        for wide, high in ((4, 2), (2, 1)):
            if wide * self._columns <= width and high * self._rows <= height:
                return wide, high
        return 1, 1

    def _strips(self) -> list[Strip]:
        assert self._pixels is not None
        wide, high = self.cell_size
        background, grey = background_of(self), getattr(self.app, "grey", False)
        key = (wide, high, background, grey)
        if self._drawn[0] != key:
            behind = self.rich_style.background_style
            self._drawn = (key, picture_strips(self._scaled(wide, high), background, grey=grey, dark=is_dark(self), behind=behind))
        return self._drawn[1]

    def _scaled(self, wide: int, high: int) -> U8:
        """Each cell ``wide`` pixels across and ``2 · high`` down."""
        import numpy as np

        assert self._pixels is not None
        cell = self._pixels.shape[0] // self._rows
        small = max(wide, 2 * high)
        cells = self._pixels.reshape(self._rows, cell, self._columns, cell, 4).swapaxes(1, 2)  # (rows, columns, cell, cell, 4)
        parts = [np.concatenate([fit(each, small)[: 2 * high, :wide] for each in row], axis=1) for row in cells]
        return np.concatenate(parts)

    def render_line(self, y: int) -> Strip:
        """One line of the cells."""
        width = self.size.width
        wide, high = self.cell_size
        if self._pixels is None or y >= self._rows * high:
            return Strip.blank(width, self.rich_style)
        strip = self._strips()[y]
        row, line = divmod(y, high)
        for column in range(self._columns):
            index = row * self._columns + column
            if index == self.cursor or (index in self._marked and line == (high - 1) // 2):
                strip = self._mark(strip, column * wide, wide, line, index)
        return strip.adjust_cell_length(width, self.rich_style)

    def _mark(self, strip: Strip, left: int, wide: int, line: int, index: int) -> Strip:
        under = list(strip.crop(left, left + wide))
        style = under[0].style if under and under[0].style else Style()
        color = style.bgcolor or style.color
        light = color is not None and color.triplet is not None and sum(color.triplet) > 3 * 128
        ink = Style(color=RichColor.from_rgb(0, 0, 0) if light else RichColor.from_rgb(255, 255, 255), bold=True)
        if index == self.cursor:
            text = {1: "◆", 2: "[]", 4: "┌──┐" if line == 0 else "└──┘"}[wide]
            if self.has_focus:
                ink += Style(reverse=wide < 4)
        else:
            text = {1: "•", 2: "··", 4: " •• "}[wide]
        marked = Strip([Segment(text, Style(bgcolor=color) + ink)], wide)
        return Strip.join([strip.crop(0, left), marked, strip.crop(left + wide)])

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor; stays inside."""
        row, column = divmod(self.cursor, self._columns)
        row, column = row + rows, column + columns
        if 0 <= row < self._rows and 0 <= column < self._columns:
            self.cursor = row * self._columns + column

    def action_jump(self, index: int) -> None:
        """To the first or the last cell."""
        self.cursor = index % (self._rows * self._columns)

    def watch_cursor(self) -> None:
        """Tell the screen."""
        self.refresh()
        self.post_message(self.Highlighted(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose the cell under the mouse."""
        wide, high = self.cell_size
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < wide * self._columns and offset.y < high * self._rows:
            self.cursor = offset.y // high * self._columns + offset.x // wide
