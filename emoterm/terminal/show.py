"""Print pictures side by side, as large as the terminal allows."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from typing import NamedTuple, TextIO

import numpy as np

from emoterm.imaging.compose import U8, Color, from_uint8, over_uint8, to_uint8
from emoterm.imaging.resize import resize
from emoterm.quiet import output_lock
from emoterm.terminal.blocks import half_block, paint, shade
from emoterm.terminal.detect import Graphics, GraphicsChoice
from emoterm.terminal.kitty import kitty_image
from emoterm.terminal.octants import octant
from emoterm.terminal.sixel import sixel_image

_GAP_COLUMNS = 2
_GAP_LINES = 1
_LEAST_PX = 20
"""Below this an emoji is hard to tell; many of them rather scroll than shrink further."""
_USUAL_CELL_PX = (8, 16)
"""Where the size of a cell is not known: the smallest that is common, so that no picture reaches into the text below it."""


class Layout(NamedTuple):
    """How pictures are arranged in a terminal."""

    columns: int
    """Pictures side by side."""
    width_px: int
    """Width of each, in pixels of the picture."""


def plan(n: int, picture_width_px: int, picture_height_px: int, *, width: int, height: int, px_per_column: int = 1) -> Layout:
    """Choose the largest size at which all pictures are seen at once, never larger than they are.

    Args:
        n: how many pictures, at least 1.
        picture_width_px: width of each.
        picture_height_px: height of each.
        width: columns of the terminal.
        height: lines of the terminal.
        px_per_column: pixels in the width of a cell; its height has twice as many.
    """

    def columns_at(size_px: int) -> int:
        fitting = max(1, (width + _GAP_COLUMNS) // (math.ceil(size_px / px_per_column) + _GAP_COLUMNS))
        rows = math.ceil(n / fitting)
        return math.ceil(n / rows)  # as many rows, but evenly filled

    largest = max(1, min(picture_width_px, width * px_per_column))
    least = min(_LEAST_PX, largest)
    for size_px in range(largest, least, -1):
        columns = columns_at(size_px)
        picture_lines = math.ceil(size_px * picture_height_px / picture_width_px / (2 * px_per_column))
        if math.ceil(n / columns) * (picture_lines + _GAP_LINES) < height:  # one line is left for the prompt
            return Layout(columns, size_px)
    return Layout(columns_at(least), least)


def picture_lines(pictures: U8, *, choice: GraphicsChoice, width: int, height: int, background: Color | None = None) -> Iterator[str]:
    """The lines that show pictures; none if the choice is not to.

    Args:
        pictures: ``(N, H, W, 4)``, straight alpha.
        choice: how to show them. With kitty and sixel a row of pictures is lines of nothing and then one escape sequence.
        width: columns of the terminal.
        height: lines of the terminal.
        background: 8-bit colour to compose over, or None for the terminal's own.

    Yields:
        Lines without line end.
    """
    n, picture_height, picture_width, _ = pictures.shape
    if choice.graphics is Graphics.NONE or n == 0:
        return
    px_per_column = 1 if choice.graphics in (Graphics.HALF, Graphics.GREY) else 2
    layout = plan(n, picture_width, picture_height, width=width, height=height, px_per_column=px_per_column)
    for start in range(0, n, layout.columns):
        row = pictures[start : start + layout.columns]
        if choice.graphics in (Graphics.KITTY, Graphics.SIXEL):
            yield from _pixel_row(row, choice, background, layout.width_px / px_per_column)
            continue
        if start:
            yield ""
        drawn = [_draw(_resized(picture, layout.width_px), choice, background) for picture in row]
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
    if choice.graphics is Graphics.OCTANT:
        return octant(pixels, background=background, matte=choice.background)
    return half_block(pixels, background=background, matte=choice.background)


def _pixel_row(pictures: U8, choice: GraphicsChoice, background: Color | None, each_columns: float) -> Iterator[str]:
    """One row of pictures in true pixels, each so many columns wide: lines of nothing, then the sequence that draws over
    them.

    The lines are made before the picture, so that the screen has scrolled when it comes, and the cursor is put back by position: terminals
    do not agree on where a picture leaves it.
    """
    cell_width, cell_height = choice.cell_px or _USUAL_CELL_PX
    columns = math.ceil(each_columns)
    each_width = max(1, int(each_columns * cell_width))
    shown = np.stack([_resized(picture, each_width) for picture in pictures])  # (n, h, w, 4)
    n, each_height, _, _ = shown.shape
    lines = math.ceil(each_height / cell_height)
    total_columns = n * columns + (n - 1) * _GAP_COLUMNS
    sheet = np.zeros((lines * cell_height, total_columns * cell_width, 4), np.uint8)
    for index, picture in enumerate(shown):
        left = index * (columns + _GAP_COLUMNS) * cell_width
        sheet[:each_height, left : left + each_width] = picture if background is None else over_uint8(picture, background)
    if choice.graphics is Graphics.KITTY:
        image = kitty_image(sheet, columns=total_columns, lines=lines)
    else:
        image = sixel_image(paint(sheet, background=None, matte=choice.background)[: len(sheet)])
    yield from [""] * lines
    # The line below stays empty: a terminal may scroll when a picture ends in the last line of the screen.
    yield f"\x1b7\x1b[{lines}A{image}\x1b8"


def _resized(pixels: U8, width_px: int) -> U8:
    height, width, _ = pixels.shape
    if width == width_px:
        return pixels
    return np.asarray(to_uint8(resize(from_uint8(pixels), width_px, max(1, round(height * width_px / width)))))
