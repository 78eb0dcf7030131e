"""Pictures as pixels, by DEC sixel graphics: bands of six rows, one colour of a palette at a time.

DEC VT330/VT340 programmer reference, chapter 14. Pixels that are not painted keep the terminal's background, which composing over a
guessed colour would not.
"""

from __future__ import annotations

import re

import numpy as np
from PIL import Image

from emoterm.imaging.compose import U8
from emoterm.terminal.probe import N_COLORS

BAND_PX = 6
_RUN = re.compile(r"(.)\1{3,}")
_BITS = (1 << np.arange(BAND_PX, dtype=np.uint8))[:, None]


def sixel_image(pixels: U8) -> str:
    """The escape sequence that shows a picture at the cursor.

    Args:
        pixels: ``(H, W, 4)``, alpha 255 (paint) or 0 (leave out), as :func:`emoterm.terminal.blocks.paint` makes them.
    """
    height, width, _ = pixels.shape
    quantized = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).quantize(N_COLORS, dither=Image.Dither.NONE)
    palette = np.array(quantized.getpalette("RGB"), np.uint32).reshape(-1, 3)  # (3 n,) -> (n, 3)
    percent = (palette * 100 + 127) // 255  # all that sixel can say
    indices = np.asarray(quantized).astype(np.int16)
    indices[pixels[..., 3] == 0] = -1
    indices = np.pad(indices, ((0, -height % BAND_PX), (0, 0)), constant_values=-1)

    # Second parameter 1: what is not painted stays as it is. Then the shape of a pixel, 1:1, and the size.
    parts = [f'\x1bP0;1;0q"1;1;{width};{height}']
    used = np.unique(indices[indices >= 0])
    parts += [f"#{color};2;{red};{green};{blue}" for color, (red, green, blue) in zip(used, percent[used], strict=True)]
    for band in indices.reshape(-1, BAND_PX, width):  # (H, W) -> (H / 6, 6, W)
        colors = np.unique(band[band >= 0])
        codes = ((band == colors[:, None, None]) * _BITS).sum(axis=1, dtype=np.uint8) + ord("?")  # (n, 6, W) -> (n, W)
        rows = (row.tobytes().decode("ascii").rstrip("?") for row in codes)
        parts.append("$".join(f"#{color}{_RUN.sub(_shorten, row)}" for color, row in zip(colors, rows, strict=True)) + "-")
    return "".join(parts).removesuffix("-") + "\x1b\\"


def _shorten(run: re.Match[str]) -> str:
    return f"!{len(run[0])}{run[1]}"
