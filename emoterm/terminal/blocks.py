"""Pictures as text: two pixels in a character cell.

A cell shows ``▀`` with the upper pixel as its foreground and the lower one as its background colour. Where a pixel is not painted the
terminal's own background stays: then the cell is ``▀`` or ``▄`` on the default background, or a blank.
"""

from __future__ import annotations

import numpy as np

from emoterm.imaging.compose import U8, Color, over_uint8
from emoterm.terminal.sgr import ansi_rows, glyphs, packed

RAMP = " ░▒▓█"
ASCII_RAMP = " .:-=+*#%@"
_HALVES = glyphs(" ▀▄▀")
"""By upper painted + 2 * lower painted."""


def paint(pixels: U8, *, background: Color | None, matte: Color | None = None) -> U8:
    """Decide which pixels to paint, and how; a terminal has no alpha.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        background: compose over this colour and paint every pixel. None: leave transparent pixels to the terminal.
        matte: without a background, what the terminal's own is thought to be: half-transparent pixels are composed over it. None
            (not known): they are either painted in their own colour or left out, so that no wrong colour rims the picture.

    Returns:
        ``(H or H + 1, W, 4)``, an even number of rows; alpha is 255 (paint) or 0 (leave out), and the colour is 0 where it is 0.
    """
    height, width, _ = pixels.shape
    behind = matte if background is None else background
    out = pixels.copy() if behind is None else over_uint8(pixels, behind)
    if background is None:
        # Over a matte, what is fainter than 8 / 255 would only print cells nobody can tell from the background.
        seen = pixels[..., 3] >= (128 if matte is None else 8)
        out[..., 3] = 255
        out *= seen[..., None]
    if height % 2:
        out = np.concatenate([out, np.zeros((1, width, 4), np.uint8)])
    return out


def half_block(pixels: U8, *, background: Color | None = None, matte: Color | None = None) -> list[str]:
    """Draw with half blocks in 24-bit colour.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        background: as in :func:`paint`.
        matte: as in :func:`paint`.

    Returns:
        ``ceil(H / 2)`` strings of W columns, each starting from and ending in the default colours, so that they can stand side by side.
    """
    words = packed(paint(pixels, background=background, matte=matte))
    upper, lower = words[0::2], words[1::2]  # (H, W) -> (H / 2, W) each
    has_upper, has_lower = upper != 0, lower != 0
    return ansi_rows(np.where(has_upper, upper, lower), lower * has_upper, _HALVES[has_upper + 2 * has_lower])


def shade(pixels: U8, *, dark: bool = True, ascii_only: bool = False) -> list[str]:
    """Draw without colours: the lighter a cell, the denser its character; the other way round on a light terminal.

    What is opaque is never blank, so that a picture can be told from its background.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        dark: whether the terminal's background is dark.
        ascii_only: use no character beyond ASCII.

    Returns:
        ``ceil(H / 2)`` strings of W columns.
    """
    height, width, _ = pixels.shape
    if height % 2:
        pixels = np.concatenate([pixels, np.zeros((1, width, 4), np.uint8)])
    luma = pixels[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32) / 255  # Rec. ITU-R BT.709
    ink = (0.2 + 0.8 * (luma if dark else 1 - luma)) * pixels[..., 3] / 255
    cells = ink.reshape(-1, 2, width).mean(axis=1)  # (H, W) -> (H / 2, 2, W) -> (H / 2, W)
    ramp = np.array(list(ASCII_RAMP if ascii_only else RAMP))
    return ["".join(row) for row in ramp[np.rint(cells * (len(ramp) - 1)).astype(np.intp)]]
