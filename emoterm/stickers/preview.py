"""How stickers look where they will be seen: very small, on dark and on light."""

from __future__ import annotations

import numpy as np

from emoterm.imaging.compose import U8, Color, over_uint8
from emoterm.imaging.upscale import scale_to

SIZE_PX = 20
GAP_PX = 6
DARK: Color = (26, 29, 33)
LIGHT: Color = (255, 255, 255)


def preview(pictures: U8, *, columns: int = 16) -> U8:
    """Lay pictures out at 20 pixels, as in a line of chat: all on dark, and below all on light.

    Args:
        pictures: ``(N, S, S, 4)``, straight alpha.
        columns: pictures in a row.

    Returns:
        ``(H, W, 4)``, alpha 255 everywhere.
    """
    small = scale_to(pictures, SIZE_PX)
    rows = -(-len(small) // columns)
    step = SIZE_PX + GAP_PX
    strip = np.zeros((rows * step + GAP_PX, min(len(small), columns) * step + GAP_PX, 4), np.uint8)
    for i, picture in enumerate(small):
        row, column = divmod(i, columns)
        top, left = GAP_PX + row * step, GAP_PX + column * step
        strip[top : top + SIZE_PX, left : left + SIZE_PX] = picture
    return np.concatenate([over_uint8(strip, DARK), over_uint8(strip, LIGHT)])
