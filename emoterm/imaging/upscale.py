"""Make flat art larger."""

from __future__ import annotations

import numpy as np

from emoterm.imaging.compose import F32, U8, from_uint8, to_uint8
from emoterm.imaging.resize import resize

SIZES = (64, 128, 256, 512)
"""What ``--size`` takes."""


def scale_to(pixels: U8, size_px: int) -> U8:
    """Square pictures at another size: enlarged as flat art, or shrunk.

    Args:
        pixels: ``(N, S, S, 4)``, straight alpha.
        size_px: the new side.

    Returns:
        ``(N, size_px, size_px, 4)``; the very same pixels when the size does not change.
    """
    if pixels.shape[1] == size_px:
        return pixels
    change = enlarge if size_px > pixels.shape[1] else _shrink
    return np.stack([to_uint8(change(from_uint8(picture), size_px)) for picture in pixels])


def enlarge(picture: F32, size_px: int) -> F32:
    """Enlarge a square picture.

    Args:
        picture: ``(4, S, S)`` in [0, 1], associated alpha.
        size_px: the new side, at least S.
    """
    return resize(picture, size_px, size_px)


def _shrink(picture: F32, size_px: int) -> F32:
    return resize(picture, size_px, size_px)
