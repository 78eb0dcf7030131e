"""One picture, as large as the widget allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.tui.engine import fit
from emoterm.tui.widgets.strips import background_of, is_dark, over_checker, picture_strips

if TYPE_CHECKING:
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
        self._drawn: tuple[U8 | None, object, list[Strip]] = (None, None, [])

    def render_line(self, y: int) -> Strip:
        """One line of the picture, or a blank one around it."""
        width, height = self.content_size
        blank = Strip.blank(width, self.rich_style)
        size = min(width, height * 2)
        if self.pixels is None or size < 2:
            return blank
        size -= size % 2
        strips = self._strips(self.pixels, size)
        line = y - (height - len(strips)) // 2
        if not 0 <= line < len(strips):
            return blank
        left = (width - strips[line].cell_length) // 2
        right = width - strips[line].cell_length - left
        return Strip.join([blank.crop(0, left), strips[line], blank.crop(0, right)])

    def _strips(self, pixels: U8, size: int) -> list[Strip]:
        grey = getattr(self.app, "grey", False)
        background = _FIXED.get(self.ground, background_of(self))
        key = (size, background, self.ground, grey)
        if self._drawn[0] is not pixels or self._drawn[1] != key:
            fitted = fit(pixels, size)
            if self.ground == "checker":
                fitted = over_checker(fitted)
            behind = self.rich_style.background_style
            strips = picture_strips(fitted, background, grey=grey, dark=is_dark(self), behind=behind)
            self._drawn = (pixels, key, strips)
        return self._drawn[2]
