"""Frames side by side, one of them pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from emoterm.tui.engine import fit
from emoterm.tui.widgets.strips import background_of, is_dark, picture_strips

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8


class FilmStrip(Widget):
    """As many frames as there is room for, evenly chosen; the last line points, once it was told where."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pixels: U8 | None = None
        self._share: float | None = None
        self._drawn: tuple[object, list[list[Strip]]] = (None, [])

    def show(self, pixels: U8 | None) -> None:
        """(N, 64, 64, 4), or nothing."""
        self._pixels = pixels
        self._drawn = (None, [])
        self.refresh()

    def point(self, share: float) -> None:
        """Point at a share of the way."""
        self._share = share
        self.refresh(Region(0, self.size.height - 1, self.size.width, 1))  # the frames stay as they are

    def render_line(self, y: int) -> Strip:
        """One line of all frames, or the pointer."""
        width, height = self.size
        blank = Strip.blank(width, self.rich_style)
        size = min((height - 1) * 2, width)
        if self._pixels is None or size < 4:
            return blank
        drawn = self._frames(size, width)
        used = len(drawn) * (size + 1) - 1
        left = max(0, (width - used) // 2)
        if y == height - 1 and self._share is not None:
            at = left + size // 2 + round(self._share * (used - size))
            before = Segment(" " * at, self.rich_style.background_style)
            return Strip([before, Segment("▲", self.rich_style)]).adjust_cell_length(width, self.rich_style)
        if y >= size // 2:
            return blank
        gap = Strip.blank(1, self.rich_style)
        parts = [blank.crop(0, left), *(part for strips in drawn for part in (strips[y], gap))]
        return Strip.join(parts).adjust_cell_length(width, self.rich_style)

    def _frames(self, size: int, width: int) -> list[list[Strip]]:
        assert self._pixels is not None
        background, grey = background_of(self), getattr(self.app, "grey", False)
        key = (size, width, background, grey)
        if self._drawn[0] != key:
            n = len(self._pixels)
            room = max(1, min(n, (width + 1) // (size + 1)))
            chosen = [round(i * (n - 1) / max(1, room - 1)) for i in range(room)]
            behind = self.rich_style.background_style
            dark = is_dark(self)
            pictures = [picture_strips(fit(self._pixels[i], size), background, grey=grey, dark=dark, behind=behind) for i in chosen]
            self._drawn = (key, pictures)
        return self._drawn[1]
