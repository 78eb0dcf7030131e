"""One picture, as large as the widget allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.tui.engine import fit
from emoterm.tui.widgets.ready import Finish, ReadyStrip, cut, finish_of, make_ready
from emoterm.tui.widgets.strips import background_of, is_dark, over_checker, picture_strips

if TYPE_CHECKING:
    from rich.style import Style

    from emoterm.imaging.compose import U8, Color

_FIXED: dict[str, Color] = {"white": (255, 255, 255), "black": (0, 0, 0)}


class Look(NamedTuple):
    """How a picture is drawn; where it changes, no line that was drawn holds."""

    space: Size
    style: Style
    background: Color | None
    ground: str
    grey: bool
    dark: bool
    finish: Finish


class Drawn(NamedTuple):
    """The lines of a picture."""

    pixels: U8 | None
    look: Look
    lines: list[ReadyStrip]


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
        self._drawn: Drawn | None = None
        self._ahead: Drawn | None = None

    def draw_ahead(self, pixels: U8) -> None:
        """Draw a picture (64, 64, 4) that will be shown next, in the look of the one that is shown; may be called in any thread."""
        if self._drawn is not None:
            look = self._drawn.look
            self._ahead = Drawn(pixels, look, _draw(pixels, look))

    def render_lines(self, crop: Region) -> list[Strip]:
        """As for every widget. All lines are made at once and ready for the terminal: whatever changes on the screen asks for them, too."""
        grey = getattr(self.app, "grey", False)
        look = Look(self.size, self.rich_style, background_of(self), self.ground, grey, is_dark(self), finish_of(self))
        there = (drawn for drawn in (self._drawn, self._ahead) if drawn is not None and drawn.pixels is self.pixels and drawn.look == look)
        self._drawn = next(there, None) or Drawn(self.pixels, look, _draw(self.pixels, look))
        return cut(self._drawn.lines[crop.y : crop.bottom], crop, self.size.width)


def _draw(pixels: U8 | None, look: Look) -> list[ReadyStrip]:
    (width, height), style = look.space, look.style
    blank = ReadyStrip([make_ready([Segment(" " * width, style)], width, look.finish)])
    size = min(width, height * 2)
    if pixels is None or size < 2:
        return [blank] * height
    fitted = fit(pixels, size - size % 2)
    if look.ground == "checker":
        fitted = over_checker(fitted)
    background = _FIXED.get(look.ground, look.background)
    strips = picture_strips(fitted, background, grey=look.grey, dark=look.dark, behind=style.background_style)
    before = (width - len(fitted)) // 2
    left, right = Segment(" " * before, style), Segment(" " * (width - len(fitted) - before), style)
    above = (height - len(strips)) // 2
    lines = [ReadyStrip([make_ready([left, *strip, right], width, look.finish)]) for strip in strips]
    return [blank] * above + lines + [blank] * (height - above - len(lines))
