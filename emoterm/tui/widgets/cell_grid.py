"""A grid of equal cells that scrolls, with a cursor: which are in view, and what the keys and the mouse do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from emoterm.tui.widgets.moving import MOVING
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumb_sizes import cell_height, cell_width, other_size


class CellGrid(ScrollView, can_focus=True):
    """Cells in rows, as many side by side as fit, one of them under the cursor. Who inherits draws what is in a cell.

    Args:
        id: as for every widget.
        size_px: side of the pictures in the cells.
    """

    HELP = "Arrows, Page Up and Page Down, Home and End move. + and - change the size of the pictures. The mouse does the same."
    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVING,
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("plus,equals_sign", "zoom(1)", "Larger pictures", show=False),
        Binding("minus", "zoom(-1)", "Smaller pictures", show=False),
    ]

    cursor: reactive[int] = reactive(0)
    size_px: reactive[int] = reactive(16)

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another cell."""

        grid: CellGrid
        thumb: Thumb

        @property
        def control(self) -> CellGrid:
            return self.grid

    class Chosen(Highlighted):
        """A second click on the cell under the cursor. Enter belongs to the screen."""

    def __init__(self, *, id: str | None = None, size_px: int = 16) -> None:
        super().__init__(id=id)
        self.items: list[Thumb] = []
        self.set_reactive(CellGrid.size_px, size_px)

    # --- for who inherits ---

    def want_cells(self) -> None:
        """Other cells may be in view."""

    def redraw_cell(self, index: int) -> None:
        """A cell looks different, such as without the cursor."""
        top = index // self.columns * self.cell_height - int(self.scroll_offset.y)
        if -self.cell_height < top < self.size.height:
            self.refresh(Region(0, top, self.size.width, self.cell_height))

    # --- what is shown ---

    def set_items(self, items: Sequence[Thumb], *, cursor: int = 0) -> None:
        """Show others, from the top."""
        self.items = list(items)
        self._lay_out()
        self.scroll_to(y=0, animate=False)
        self.set_reactive(CellGrid.cursor, max(0, min(cursor, len(items) - 1)))
        self._show_cursor()
        self.refresh()
        self.want_cells()
        self._tell()

    @property
    def current(self) -> Thumb | None:
        """What is under the cursor."""
        return self.items[self.cursor] if 0 <= self.cursor < len(self.items) else None

    # --- geometry ---

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return max(1, (self.scrollable_content_region.width or self.size.width) // self.cell_width)

    @property
    def cell_width(self) -> int:
        """Columns of a cell."""
        return cell_width(self.size_px)

    @property
    def cell_height(self) -> int:
        """Lines of a cell."""
        return cell_height(self.size_px)

    @property
    def in_view(self) -> range:
        """The cells in view, and a row below them."""
        first = int(self.scroll_offset.y) // self.cell_height
        last = (int(self.scroll_offset.y) + max(1, self.size.height) - 1) // self.cell_height
        return range(first * self.columns, min(len(self.items), (last + 2) * self.columns))

    def _lay_out(self) -> None:
        rows = -(-len(self.items) // self.columns)
        self.virtual_size = Size(self.columns * self.cell_width, rows * self.cell_height)

    def on_resize(self) -> None:
        """Other columns."""
        self._lay_out()
        self._show_cursor()
        self.want_cells()

    def watch_size_px(self) -> None:
        """Fewer or more in a row."""
        self.on_resize()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.want_cells()

    # --- moving ---

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor; stays in the grid."""
        index = self.cursor + columns + rows * self.columns
        if 0 <= index < len(self.items):
            self.cursor = index
        elif rows > 0 and self.cursor // self.columns < (len(self.items) - 1) // self.columns:
            self.cursor = len(self.items) - 1

    def action_jump(self, index: int) -> None:
        """To the first or the last cell."""
        self.cursor = max(0, index % len(self.items)) if self.items else 0

    def action_page(self, pages: int) -> None:
        """A screenful up or down."""
        rows = max(1, self.size.height // self.cell_height)
        self.cursor = max(0, min(len(self.items) - 1, self.cursor + pages * rows * self.columns))

    def action_zoom(self, steps: int) -> None:
        """Larger or smaller pictures."""
        wanted = other_size(self.size_px, steps)
        if cell_width(wanted) <= max(12, self.size.width):
            self.size_px = wanted

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is dim while the keys are elsewhere."""
        super().watch_has_focus(has_focus)
        self.call_after_refresh(self.redraw_cell, self.cursor)  # when its style is that of the focus

    def watch_cursor(self, before: int, now: int) -> None:
        """Bring the cursor into view."""
        self.redraw_cell(before)
        self.redraw_cell(now)
        self._show_cursor()
        self._tell()

    def _show_cursor(self) -> None:
        row = self.cursor // self.columns
        region = Region(0, row * self.cell_height, 1, self.cell_height)
        self.scroll_to_region(region, animate=False, force=True)

    def _tell(self) -> None:
        if self.current is not None:
            self.post_message(self.Highlighted(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse; take the cell on a second click."""
        column = event.x // self.cell_width
        index = (event.y + int(self.scroll_offset.y)) // self.cell_height * self.columns + column
        if column >= self.columns or not 0 <= index < len(self.items):
            return
        if index == self.cursor and event.chain > 1:
            self.post_message(self.Chosen(self, self.items[index]))
        self.cursor = index
