"""Make flat art larger: sharp edges without blocks, blur or ringing.

Irani and Peleg, "Improving Resolution by Image Registration", CVGIP 1991 (iterative back-projection): enlarge, shrink the result again, and
add what is missing compared with the picture that was given, enlarged, until it shrinks to just that picture. After each round no pixel may
be brighter or darker than the nine pixels around its place in the original, which takes away the ringing that this and Lanczos leave.

How it compares with the usual filters is in docs/upscaling.md.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from emoterm.imaging.compose import F32, U8, from_uint8, to_uint8
from emoterm.imaging.resize import clip, resample, resize

SIZES = (64, 128, 256, 512)
"""What ``--size`` takes."""
_ROUNDS = 4
"""Twice as many bring another 0.1 dB, and cost SSIM."""


def scale_to(pixels: U8, size_px: int) -> U8:
    """Square pictures at another size: enlarged as flat art, or shrunk.

    Args:
        pixels: ``(N, S, S, 4)``, straight alpha.
        size_px: the new side.

    Returns:
        ``(N, size_px, size_px, 4)``; the very same pixels when the size does not change.
    """
    side = pixels.shape[1]
    if side == size_px:
        return pixels
    pictures = (from_uint8(picture) for picture in pixels)
    changed = (enlarge(picture, size_px) if size_px > side else resize(picture, size_px, size_px) for picture in pictures)
    return np.stack([to_uint8(picture) for picture in changed])


def enlarge(picture: F32, size_px: int) -> F32:
    """Enlarge a square picture.

    Args:
        picture: ``(4, S, S)`` in [0, 1], associated alpha.
        size_px: the new side, at least S.

    Returns:
        ``(4, size_px, size_px)``.
    """
    side = picture.shape[1]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(picture, ((0, 0), (1, 1), (1, 1)), mode="edge"), (3, 3), axis=(1, 2))
    place = np.arange(size_px) * side // size_px  # the pixel of the original that each new one lies in
    darkest, brightest = (extreme[:, place][:, :, place] for extreme in (around.min(axis=(3, 4)), around.max(axis=(3, 4))))
    large = np.clip(resample(picture, size_px, size_px, Image.Resampling.LANCZOS), darkest, brightest)
    for _ in range(_ROUNDS):
        missing = picture - resample(large, side, side, Image.Resampling.LANCZOS)
        # Clipped to its surroundings and not to 0 … 1: in each channel alike, so that an edge keeps the colour of what it is the edge of.
        large = np.clip(large + resample(missing, size_px, size_px, Image.Resampling.BICUBIC), darkest, brightest)
    return clip(large)
