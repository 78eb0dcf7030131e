"""How close a reconstruction is to its original: MSE, PSNR, SSIM (numpy, pure).

All take float pictures ``(..., C, H, W)`` in [0, 1] and give one number a picture, in float64. Compose over white first
(:func:`emoterm.imaging.compose.over`), as figures of other work are taken.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_SIGMA_PX = 1.5
_RADIUS_PX = int(3.5 * _SIGMA_PX + 0.5)  # 5: an 11×11 window
_C1, _C2 = 0.01**2, 0.03**2  # (k1 · range)², (k2 · range)² at data range 1


def mse(a: F32, b: F32) -> F64:
    """Mean squared error of each picture: ``(..., C, H, W)`` twice → ``(...)``."""
    error: F64 = np.square(a.astype(np.float64) - b).mean(axis=(-3, -2, -1))
    return error


def psnr(a: F32, b: F32) -> F64:
    """Peak signal-to-noise ratio of each picture in dB, peak 1: ``(..., C, H, W)`` twice → ``(...)``; infinite for equal pictures."""
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(mse(a, b)), dtype=np.float64)


def ssim(a: F32, b: F32) -> F64:
    """Structural similarity of each picture, at most 1: ``(..., C, H, W)`` twice → ``(...)``.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP 2004, equation 13, with torchmetrics'
    choices: gaussian window of 11×11 and σ 1.5, reflected borders, data range 1.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = _blur(x), _blur(y)
    variance_x = np.maximum(_blur(x * x) - mean_x**2, 0.0)
    variance_y = np.maximum(_blur(y * y) - mean_y**2, 0.0)
    covariance = _blur(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    contrast = (2 * covariance + _C2) / (variance_x + variance_y + _C2)
    similarity: F64 = (luminance * contrast).mean(axis=(-3, -2, -1))
    return similarity


def _blur(x: F64) -> F64:
    """Gaussian blur with reflected borders; the shape stays."""
    taps = [math.exp(-((offset / _SIGMA_PX) ** 2) / 2) for offset in range(-_RADIUS_PX, _RADIUS_PX + 1)]
    height, width = x.shape[-2:]
    margin = (_RADIUS_PX, _RADIUS_PX)
    padded = np.pad(x, [(0, 0)] * (x.ndim - 2) + [margin, margin], mode="reflect")  # (..., H + 10, W + 10)
    rows: F64 = sum((tap * padded[..., i : i + height, :] for i, tap in enumerate(taps)), np.zeros(()))
    both: F64 = sum((tap * rows[..., :, i : i + width] for i, tap in enumerate(taps)), np.zeros(()))
    return both / sum(taps) ** 2
