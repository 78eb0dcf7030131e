"""A grid of small pictures, as many as one likes: only those in view exist, and scrolling never waits for a picture."""

from __future__ import annotations

import textwrap
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import get_current_worker

from emoterm.tui.engine import fit
from emoterm.tui.messages import Thumbnails
from emoterm.tui.widgets.drawn_thumbs import Cell, DrawnThumbs
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.moving import MOVING
from emoterm.tui.widgets.pending import Job, Pending
from emoterm.tui.widgets.ready import Finish, ReadyLine
from emoterm.tui.widgets.strips import background_of, is_dark
from emoterm.tui.widgets.thumb import Look, Thumb
from emoterm.tui.widgets.thumb_sizes import cell_height, cell_width, other_size

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

Loader = Callable[[Sequence[Hashable]], Sequence["U8"]]
_AT_ONCE = 6
"""Pictures that a worker hands over together."""
_PIXEL_BYTES = 24 * 2**20


class ThumbnailGrid(ReportsFailures, ScrollView, can_focus=True):
    """Thumbnails in rows, one of them under the cursor.

    Args:
        loader: gives pictures (H, W, 4) for keys; called in a thread, may raise.
        captions: whether names stand below.
        empty: what to say when there is nothing.
        id: as for every widget.
    """

    HELP = "Arrows, Page Up and Page Down, Home and End move. + and - change the size of the pictures. The mouse does the same."
    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVING,
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("plus,equals_sign", "zoom(1)", "Larger pictures", show=False),
        Binding("minus", "zoom(-1)", "Smaller pictures", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"thumb--cursor", "thumb--caption", "thumb--mark"}

    cursor: reactive[int] = reactive(0)
    size_px: reactive[int] = reactive(16)

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another picture."""

        grid: ThumbnailGrid
        thumb: Thumb

        @property
        def control(self) -> ThumbnailGrid:
            return self.grid

    class Chosen(Highlighted):
        """A second click on the picture under the cursor. Enter belongs to the screen."""

    def __init__(
        self, loader: Loader | None = None, *, captions: bool = True, empty: str = "", id: str | None = None, size_px: int = 16
    ) -> None:
        super().__init__(id=id)
        self._loader = loader
        self._captions = captions
        self._empty = empty
        self.items: list[Thumb] = []
        self.marks: dict[Hashable, str] = {}
        self._pixels: OrderedDict[Hashable, U8] = OrderedDict()
        self._places: dict[Hashable, int] = {}
        self._given: dict[Hashable, U8] = {}
        self._pending = Pending()
        self._drawn = DrawnThumbs()
        self.set_reactive(ThumbnailGrid.size_px, size_px)

    # --- what is shown ---

    def set_items(self, items: Sequence[Thumb], *, cursor: int = 0) -> None:
        """Show other pictures."""
        self.items = list(items)
        self._places = {thumb.key: place for place, thumb in enumerate(self.items)}
        self._given = {key: pixels for key, pixels in self._given.items() if key in self._places}
        self._drawn.forget_rows()
        self._lay_out()
        self.scroll_to(y=0, animate=False)
        self.set_reactive(ThumbnailGrid.cursor, max(0, min(cursor, len(items) - 1)))
        self._show_cursor()
        self.refresh()
        self._want()
        self._tell()

    def set_empty(self, text: str) -> None:
        """What to say when there is nothing."""
        self._empty = text

    def put(self, key: Hashable, pixels: U8) -> None:
        """A picture (64, 64, 4) that is already there, or a newer one. A worker draws it; until then the one before is shown."""
        if self._given.get(key) is pixels and key in self._pixels:
            return
        self._given[key] = pixels
        place = self._places.get(key)
        thumb = Thumb(key) if place is None else self.items[place]
        if self._pending.give(Cell(thumb, self.marks.get(key, "")), pixels, self._look()):
            self._draw()

    def set_marks(self, marks: dict[Hashable, str]) -> None:
        """Letters in the corner of pictures."""
        if marks != self.marks:
            self.marks = dict(marks)
            self._drawn.forget_rows()
            self.refresh()

    @property
    def current(self) -> Thumb | None:
        """The picture under the cursor."""
        return self.items[self.cursor] if 0 <= self.cursor < len(self.items) else None

    # --- geometry ---

    @property
    def columns(self) -> int:
        """Pictures in a row."""
        return max(1, (self.scrollable_content_region.width or self.size.width) // self.cell_width)

    @property
    def cell_width(self) -> int:
        """Columns of a cell."""
        return cell_width(self.size_px)

    @property
    def cell_height(self) -> int:
        """Lines of a cell."""
        return cell_height(self.size_px)

    def _lay_out(self) -> None:
        rows = -(-len(self.items) // self.columns)
        self.virtual_size = Size(self.columns * self.cell_width, rows * self.cell_height)

    def on_resize(self) -> None:
        """Other columns."""
        self._lay_out()
        self._show_cursor()
        self._want()

    def watch_size_px(self) -> None:
        """Another size is another set of pictures."""
        self._pixels.clear()
        self._drawn.clear()
        self._lay_out()
        self._show_cursor()
        self._want()
        for key, pixels in self._given.items():
            self.put(key, pixels)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._want()

    def _visible(self) -> range:
        first = int(self.scroll_offset.y) // self.cell_height
        last = (int(self.scroll_offset.y) + max(1, self.size.height) - 1) // self.cell_height
        return range(first * self.columns, min(len(self.items), (last + 2) * self.columns))

    # --- pictures ---

    def _want(self) -> None:
        if self._loader is None or not self.is_mounted:
            return
        cells = [self._cell(index) for index in self._visible()]
        missing = [replace(cell, cursor=None) for cell in cells if not self._drawn.has(cell)]
        if self._pending.want([(cell, self._pixels.get(cell.thumb.key)) for cell in missing], self._look()):
            self._draw()

    @work(thread=True, group="thumbnails", exit_on_error=False)
    def _draw(self) -> None:
        """Until nothing is left to draw."""
        worker = get_current_worker()
        try:
            while (taken := self._pending.take(_AT_ONCE)) is not None and not worker.is_cancelled:
                jobs, look = taken
                self._hand_over(jobs, look)
        except BaseException:
            self._pending.abandon()
            raise

    def _hand_over(self, jobs: Sequence[Job], look: Look) -> None:
        """Load what is missing, draw, and tell the event loop."""
        missing = [cell.thumb.key for cell, pixels in jobs if pixels is None]
        loaded = list(self._loader(missing)) if self._loader is not None and missing else []
        if len(loaded) < len(missing):  # the grid shows others by now, and wants those
            return
        arrived = iter(loaded)
        fitted = [fit(next(arrived) if pixels is None else pixels, look.size_px) for _, pixels in jobs]
        drawn = [cell.draw(pixels, look) for (cell, _), pixels in zip(jobs, fitted, strict=True)]
        self.post_message(Thumbnails([cell for cell, _ in jobs], fitted, drawn, look))

    def on_thumbnails(self, message: Thumbnails) -> None:
        """Show what the worker has made."""
        message.stop()
        if message.look.size_px != self.size_px:
            return
        self._drawn.use(self._look())
        for cell, pixels, lines in zip(message.cells, message.pixels, message.drawn, strict=True):
            self._keep(cell.thumb.key, pixels)
            self._drawn.add(cell, lines, message.look)

    def _keep(self, key: Hashable, pixels: U8) -> None:
        self._pixels[key] = pixels
        self._pixels.move_to_end(key)
        most = max(256, _PIXEL_BYTES // (4 * self.size_px**2))
        while len(self._pixels) > most:
            self._pixels.popitem(last=False)
        self._drawn.forget_key(key)
        if key in self._places:
            self._redraw(self._places[key])

    # --- drawing ---

    def _look(self) -> Look:
        style = self.get_component_rich_style
        return Look(
            size_px=self.size_px,
            columns=self.columns,
            width=self.size.width,
            captions=self._captions,
            grey=getattr(self.app, "grey", False),
            dark=is_dark(self),
            background=background_of(self),
            plain=self.rich_style,
            caption=style("thumb--caption"),
            mark=style("thumb--mark"),
            finish=Finish(tuple(self.app.get_line_filters()), self.background_colors[1], self.app.console),
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the cells in view. A line is the same strip wherever it is scrolled to, so what Textual made of it is kept too."""
        look = self._look()
        self._drawn.use(look)
        strips = [self._line(y, look) for y in crop.line_range]
        for line_filter in look.finish.filters:
            strips = [strip.apply_filter(line_filter, look.finish.ground) for strip in strips]
        left, right = crop.column_span
        return strips if (left, right) == (0, look.width) else [strip.crop(left, right) for strip in strips]

    def _line(self, y: int, look: Look) -> Strip:
        row, line = divmod(y + int(self.scroll_offset.y), self.cell_height)
        if row * look.columns < len(self.items):
            return self._row(row, look)[line]
        told = [] if self.items else textwrap.wrap(self._empty, max(1, look.width - 2))
        line = y - max(0, (self.size.height - len(told)) // 2)
        if not 0 <= line < len(told):
            return Strip.blank(look.width, look.plain)
        before = Segment(" " * ((look.width - len(told[line])) // 2), look.plain.background_style)
        return Strip([before, Segment(told[line], look.caption)]).adjust_cell_length(look.width, look.plain)

    def _row(self, row: int, look: Look) -> Sequence[Strip]:
        """All lines of a row of cells."""
        places = range(row * look.columns, min((row + 1) * look.columns, len(self.items)))
        return self._drawn.row(row) or self._drawn.join_row(row, [self._lines(index) for index in places])

    def _lines(self, index: int) -> list[ReadyLine]:
        cell = self._cell(index)
        return self._drawn.cell(cell, self._pixels.get(cell.thumb.key))

    def _cell(self, index: int) -> Cell:
        thumb = self.items[index]
        return Cell(thumb, self.marks.get(thumb.key, ""), self._cursor_style() if index == self.cursor else None)

    def _cursor_style(self) -> Style:
        return self.get_component_rich_style("thumb--cursor")

    def _redraw(self, index: int) -> None:
        """The row of a place is to be drawn anew."""
        row = index // self.columns
        self._drawn.forget_row(row)
        top = row * self.cell_height - int(self.scroll_offset.y)
        if -self.cell_height < top < self.size.height:
            self.refresh(Region(0, top, self.size.width, self.cell_height))

    # --- moving ---

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor; stays in the grid."""
        index = self.cursor + columns + rows * self.columns
        if 0 <= index < len(self.items):
            self.cursor = index
        elif rows > 0 and self.cursor // self.columns < (len(self.items) - 1) // self.columns:
            self.cursor = len(self.items) - 1

    def action_jump(self, index: int) -> None:
        """To the first or the last picture."""
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
        self.call_after_refresh(self._redraw, self.cursor)  # when its style is that of the focus

    def watch_cursor(self, before: int, now: int) -> None:
        """Bring the cursor into view."""
        self._redraw(before)
        self._redraw(now)
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
        """Put the cursor under the mouse; take the picture on a second click."""
        column = event.x // self.cell_width
        index = (event.y + int(self.scroll_offset.y)) // self.cell_height * self.columns + column
        if column >= self.columns or not 0 <= index < len(self.items):
            return
        if index == self.cursor and event.chain > 1:
            self.post_message(self.Chosen(self, self.items[index]))
        self.cursor = index
