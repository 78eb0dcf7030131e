"""Oklab, a space in which lightness, strength and hue of a colour are apart and equal steps look equal.

Ottosson 2020, https://bottosson.github.io/posts/oklab/, which has the matrices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
)
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
)
_FROM_CONES, _FROM_LAB = np.linalg.inv(_TO_CONES), np.linalg.inv(_TO_LAB)


def to_oklab(srgb: F64) -> F64:
    """(…, 3) sRGB in [0, 1] → lightness in [0, 1], a, b."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab: F64 = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def to_srgb(lab: F64) -> F64:
    """(…, 3) lightness, a, b → sRGB, clipped to [0, 1]."""
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def straight_oklab(picture: NDArray[np.float32]) -> F64:
    """The colours of a picture (4, H, W) with associated alpha as Oklab: (H, W, 3); black where nothing is."""
    alpha = picture[3].astype(np.float64)
    straight = np.clip(picture[:3] / np.maximum(alpha, 1e-3), 0, 1)
    return to_oklab(np.moveaxis(straight, 0, -1))  # (3, H, W) → (H, W, 3)
