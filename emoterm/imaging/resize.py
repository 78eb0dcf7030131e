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
    return clip(resample(picture, width_px, height_px))


def resample(planes: F32, width_px: int, height_px: int, how: Image.Resampling = Image.Resampling.LANCZOS) -> F32:
    """Any numbers ``(C, H, W)`` at another size, ``(C, height_px, width_px)``, without clipping."""
    return np.stack([np.asarray(Image.fromarray(plane).resize((width_px, height_px), how), np.float32) for plane in planes])


def clip(picture: F32) -> F32:
    """A picture ``(4, H, W)`` clipped to ``0 <= rgb <= alpha <= 1``."""
    alpha = np.clip(picture[3:], 0.0, 1.0)
    return np.concatenate([np.clip(picture[:3], 0.0, alpha), alpha])


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
