"""One picture, as large as the widget allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.tui.engine import fit
from emoterm.tui.widgets.strips import background_of, is_dark, over_checker, picture_strips

if TYPE_CHECKING:
    from rich.style import Style

    from emoterm.imaging.compose import U8, Color

_FIXED: dict[str, Color] = {"white": (255, 255, 255), "black": (0, 0, 0)}


class PictureView(Widget):
    """A picture in the middle of its space.

    Args:
        id: as for every widget.
        classes: as for every widget.
    """

    pixels: reactive[U8 | None] = reactive(None, always_update=True)
    """(64, 64, 4), straight alpha."""
    ground: reactive[str] = reactive("theme")
    """One of :data:`emoterm.tui.widgets.strips.GROUNDS`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: tuple[U8 | None, object] = (None, None)
        self._lines: list[Strip] = []

    def render_lines(self, crop: Region) -> list[Strip]:
        """As for every widget, but all lines are made at once: asking how they should look takes longer than making one."""
        look = (self.content_size, self.rich_style, background_of(self), self.ground, getattr(self.app, "grey", False), is_dark(self))
        if self._drawn[0] is not self.pixels or self._drawn[1] != look:
            self._drawn = (self.pixels, look)
            self._lines = self._make_lines(*look)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, or a blank one around it."""
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.content_size.width, self.rich_style)

    def _make_lines(self, space: Size, style: Style, background: Color | None, ground: str, grey: bool, dark: bool) -> list[Strip]:
        width, height = space
        blank = Strip.blank(width, style)
        size = min(width, height * 2)
        if self.pixels is None or size < 2:
            return [blank] * height
        fitted = fit(self.pixels, size - size % 2)
        if ground == "checker":
            fitted = over_checker(fitted)
        strips = picture_strips(fitted, _FIXED.get(ground, background), grey=grey, dark=dark, behind=style.background_style)
        left = (width - strips[0].cell_length) // 2
        right = width - strips[0].cell_length - left
        above = (height - len(strips)) // 2
        lines = [Strip.join([blank.crop(0, left), strip, blank.crop(0, right)]) for strip in strips]
        return [blank] * above + lines + [blank] * (height - above - len(lines))
