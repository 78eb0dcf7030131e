"""A grid of small pictures, as many as one likes: only those in view exist, and scrolling never waits for a picture."""

from __future__ import annotations

import textwrap
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.worker import get_current_worker

from emoterm.tui.engine import fit
from emoterm.tui.in_thread import in_thread
from emoterm.tui.messages import Thumbnails
from emoterm.tui.widgets.cell_grid import CellGrid
from emoterm.tui.widgets.drawn_thumbs import Cell, DrawnThumbs
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.pending import Job, Pending
from emoterm.tui.widgets.ready import ReadyLine, cut, finish_of
from emoterm.tui.widgets.strips import background_of, is_dark
from emoterm.tui.widgets.thumb import Look, Thumb

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

Loader = Callable[[Sequence[Hashable]], Sequence["U8"]]
_AT_ONCE = 6
"""Pictures that a worker hands over together."""
_PIXEL_BYTES = 24 * 2**20


class ThumbnailGrid(ReportsFailures, CellGrid):
    """Thumbnails in the cells.

    Args:
        loader: gives pictures (H, W, 4) for keys; called in a thread, may raise.
        captions: whether names stand below.
        empty: what to say when there is nothing.
        id: as for every widget.
        size_px: their side.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"thumb--cursor", "thumb--caption", "thumb--mark"}

    def __init__(
        self, loader: Loader | None = None, *, captions: bool = True, empty: str = "", id: str | None = None, size_px: int = 16
    ) -> None:
        super().__init__(id=id, size_px=size_px)
        self._loader = loader
        self._captions = captions
        self._empty = empty
        self.marks: dict[Hashable, str] = {}
        self._pixels: OrderedDict[Hashable, U8] = OrderedDict()
        self._places: dict[Hashable, int] = {}
        self._given: dict[Hashable, U8] = {}
        self._pending = Pending()
        self._drawn = DrawnThumbs()

    # --- what is shown ---

    def set_items(self, items: Sequence[Thumb], *, cursor: int = 0) -> None:
        """Show other pictures."""
        self._places = {thumb.key: place for place, thumb in enumerate(items)}
        self._given = {key: pixels for key, pixels in self._given.items() if key in self._places}
        self._drawn.forget_rows()
        super().set_items(items, cursor=cursor)

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

    def watch_size_px(self) -> None:
        """Another size is another set of pictures."""
        self._pixels.clear()
        self._drawn.clear()
        super().watch_size_px()
        for key, pixels in self._given.items():
            self.put(key, pixels)

    # --- pictures ---

    def want_cells(self) -> None:
        """Draw what is in view and not drawn yet."""
        if self._loader is None or not self.is_mounted:
            return
        cells = [self._cell(index) for index in self.in_view]
        missing = [replace(cell, cursor=None) for cell in cells if not self._drawn.has(cell)]
        if self._pending.want([(cell, self._pixels.get(cell.thumb.key)) for cell in missing], self._look()):
            self._draw()

    @in_thread(group="thumbnails")
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
        """Show what the worker has made. The app hears of it, too."""
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
            self.redraw_cell(self._places[key])

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
            finish=finish_of(self),
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the cells in view. A line is the same strip wherever it is scrolled to, so what Textual made of it is kept too."""
        look = self._look()
        self._drawn.use(look)
        strips = [self._line(y, look) for y in crop.line_range]
        for line_filter in look.finish.filters:
            strips = [strip.apply_filter(line_filter, look.finish.ground) for strip in strips]
        return cut(strips, crop, look.width)

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

    def redraw_cell(self, index: int) -> None:
        """The row that it is in is drawn anew."""
        self._drawn.forget_row(index // self.columns)
        super().redraw_cell(index)
