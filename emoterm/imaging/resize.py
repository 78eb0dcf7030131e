"""Resize with associated alpha, so that no hidden colour bleeds into an edge."""

from __future__ import annotations

import numpy as np
from PIL import Image

from emoterm.imaging.compose import F32


def resize(picture: F32, width_px: int, height_px: int) -> F32:
    """Resample with a Lanczos filter (antialiased when shrinking).

    Lanczos overshoots at sharp edges; the result is clipped back to ``0 <= rgb <= alpha <= 1``.

    Args:
        picture: ``(4, H, W)`` in [0, 1], associated alpha.
        width_px: new width, at least 1.
        height_px: new height, at least 1.

    Returns:
        ``(4, height_px, width_px)``; the very same values when the size does not change.
    """
    if picture.shape[1:] == (height_px, width_px):
        return picture.copy()
    size = (width_px, height_px)
    channels = [np.asarray(Image.fromarray(channel).resize(size, Image.Resampling.LANCZOS)) for channel in picture]
    out = np.stack(channels).astype(np.float32, copy=False)  # 4 x (h, w) -> (4, h, w)
    out[3] = np.clip(out[3], 0.0, 1.0)
    out[:3] = np.clip(out[:3], 0.0, out[3])
    return out


def fit_square(picture: F32, size_px: int) -> F32:
    """Fit into a square, keeping the proportions, and pad evenly with transparency.

    Args:
        picture: ``(4, H, W)`` in [0, 1], associated alpha.
        size_px: side of the square.

    Returns:
        ``(4, size_px, size_px)``.
    """
    _, height, width = picture.shape
    scale = size_px / max(height, width)
    fitted = resize(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    _, height, width = fitted.shape
    top, left = (size_px - height) // 2, (size_px - width) // 2
    square = np.zeros((4, size_px, size_px), np.float32)
    square[:, top : top + height, left : left + width] = fitted
    return square
