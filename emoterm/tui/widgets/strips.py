"""Pixels to the lines of a Textual widget: half blocks, or grey characters where colours are not wanted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget

    from emoterm.imaging.compose import U8, Color

_CHECKER = ((154, 154, 154), (102, 102, 102))
_CHECKER_PX = 8
GROUNDS = ("theme", "checker", "white", "black")
"""What a picture can be shown on."""


def picture_strips(
    pixels: U8, background: Color | None, *, grey: bool = False, dark: bool = True, behind: Style | None = None
) -> list[Strip]:
    """Draw a picture, two pixels a cell.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        background: composed behind it; None leaves transparent cells to the terminal.
        grey: no colours, characters of different density.
        dark: whether the background is dark, for ``grey``.
        behind: the style of a cell's ground where nothing is painted.

    Returns:
        ``ceil(H / 2)`` strips of W cells.
    """
    import numpy as np

    from emoterm.terminal.blocks import paint, shade

    width = pixels.shape[1]
    if grey:
        return [Strip([Segment(line, behind)], width) for line in shade(pixels, dark=dark)]
    painted = paint(pixels, background=background).astype(np.int32)  # (2 · rows, W, 4)
    numbers = np.where(painted[..., 3] > 0, painted[..., 0] << 16 | painted[..., 1] << 8 | painted[..., 2], -1)
    ground = behind or Style.null()
    rows = zip(numbers[0::2].tolist(), numbers[1::2].tolist(), strict=True)
    return [Strip(_segments(upper, lower, ground), width) for upper, lower in rows]


def over_checker(pixels: U8) -> U8:
    """The picture ``(H, W, 4)`` on the chequered ground that image programs use for transparency."""
    import numpy as np

    from emoterm.imaging.compose import over_uint8

    y, x = (np.arange(size) // _CHECKER_PX for size in pixels.shape[:2])
    light, dark = (over_uint8(pixels, color) for color in _CHECKER)
    return np.where(((x + y[:, None]) % 2)[..., None] == 0, light, dark)


def background_of(widget: Widget) -> Color | None:
    """The colour behind a widget; None where it is the terminal's own, which nobody knows."""
    color = widget.background_colors[1]
    return None if color.ansi is not None or color.a < 1 else color.rgb


def is_dark(widget: Widget) -> bool:
    """Whether the theme is a dark one."""
    return widget.app.current_theme.dark


def _segments(upper: list[int], lower: list[int], ground: Style) -> list[Segment]:
    segments: list[Segment] = []
    start = 0
    width = len(upper)
    while start < width:
        top, bottom = upper[start], lower[start]
        end = start + 1
        while end < width and upper[end] == top and lower[end] == bottom:
            end += 1
        glyph, style = _cell(top, bottom, ground)
        segments.append(Segment(glyph * (end - start), style))
        start = end
    return segments


@lru_cache(maxsize=16_384)
def _cell(top: int, bottom: int, ground: Style) -> tuple[str, Style]:
    """The character of a cell and its style; −1 is not painted."""
    if top == bottom:
        return " ", ground if top < 0 else Style.from_color(None, _color(top))
    if top < 0:
        return "▄", ground + Style.from_color(_color(bottom))
    if bottom < 0:
        return "▀", ground + Style.from_color(_color(top))
    return "▀", Style.from_color(_color(top), _color(bottom))


@lru_cache(maxsize=16_384)
def _color(number: int) -> RichColor:
    """As :meth:`rich.color.Color.from_rgb`, but named by its number: writing hexadecimal names took a third of drawing."""
    return RichColor(str(number), ColorType.TRUECOLOR, None, ColorTriplet(number >> 16, number >> 8 & 255, number & 255))
