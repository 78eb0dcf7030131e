"""Print pictures side by side, as large as the terminal allows."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from typing import NamedTuple, TextIO

import numpy as np

from emoterm.imaging.compose import U8, Color, from_uint8, to_uint8
from emoterm.imaging.resize import resize
from emoterm.quiet import output_lock
from emoterm.terminal.blocks import half_block, shade
from emoterm.terminal.detect import Graphics, GraphicsChoice

_GAP_COLUMNS = 2
_GAP_LINES = 1
_LEAST_PX = 20
"""Below this an emoji is hard to tell; many of them rather scroll than shrink further."""


class Layout(NamedTuple):
    """How pictures are arranged in a terminal."""

    columns: int
    """Pictures side by side."""
    width_px: int
    """Width of each; one pixel is one terminal column."""


def plan(n: int, picture_width_px: int, picture_height_px: int, *, width: int, height: int) -> Layout:
    """Choose the largest size at which all pictures are seen at once, never larger than they are.

    Args:
        n: how many pictures, at least 1.
        picture_width_px: width of each.
        picture_height_px: height of each; two pixels make one terminal line.
        width: columns of the terminal.
        height: lines of the terminal.
    """

    def columns_at(size_px: int) -> int:
        fitting = max(1, (width + _GAP_COLUMNS) // (size_px + _GAP_COLUMNS))
        rows = math.ceil(n / fitting)
        return math.ceil(n / rows)  # as many rows, but evenly filled

    largest = max(1, min(picture_width_px, width))
    least = min(_LEAST_PX, largest)
    for size_px in range(largest, least, -1):
        columns = columns_at(size_px)
        picture_lines = math.ceil(size_px * picture_height_px / picture_width_px / 2)
        if math.ceil(n / columns) * (picture_lines + _GAP_LINES) < height:  # one line is left for the prompt
            return Layout(columns, size_px)
    return Layout(columns_at(least), least)


def picture_lines(pictures: U8, *, choice: GraphicsChoice, width: int, height: int, background: Color | None = None) -> Iterator[str]:
    """The lines that show pictures; none if the choice is not to.

    Args:
        pictures: ``(N, H, W, 4)``, straight alpha.
        choice: how to show them.
        width: columns of the terminal.
        height: lines of the terminal.
        background: 8-bit colour to compose over, or None for the terminal's own.

    Yields:
        Lines without line end.
    """
    n, picture_height, picture_width, _ = pictures.shape
    if choice.graphics is Graphics.NONE or n == 0:
        return
    layout = plan(n, picture_width, picture_height, width=width, height=height)
    for start in range(0, n, layout.columns):
        if start:
            yield ""
        drawn = [_draw(_shrink(picture, layout.width_px), choice, background) for picture in pictures[start : start + layout.columns]]
        for parts in zip(*drawn, strict=True):
            yield (" " * _GAP_COLUMNS).join(parts)


def print_pictures(
    pictures: U8,
    *,
    choice: GraphicsChoice,
    stream: TextIO | None = None,
    background: Color | None = None,
) -> None:
    """Print pictures side by side, as large as the terminal allows.

    Args:
        pictures: ``(N, H, W, 4)``, straight alpha.
        choice: how to show them; nothing is printed for ``none``.
        stream: standard output by default.
        background: 8-bit colour to compose over, or None for the terminal's own.
    """
    # 80×24 where the size is not known or 0×0, which some pseudo-terminals report.
    width, height = shutil.get_terminal_size((80, 24))
    lines = picture_lines(pictures, choice=choice, width=width, height=height, background=background)
    text = "".join(line + "\n" for line in lines)
    if text:
        with output_lock:
            stream = sys.stdout if stream is None else stream
            stream.write(text)
            stream.flush()


def _draw(pixels: U8, choice: GraphicsChoice, background: Color | None) -> list[str]:
    if choice.graphics is Graphics.GREY:
        return shade(pixels, dark=choice.dark, ascii_only=choice.ascii_only)
    return half_block(pixels, background=background, matte=choice.background)


def _shrink(pixels: U8, width_px: int) -> U8:
    height, width, _ = pixels.shape
    if width == width_px:
        return pixels
    return np.asarray(to_uint8(resize(from_uint8(pixels), width_px, max(1, round(height * width_px / width)))))
