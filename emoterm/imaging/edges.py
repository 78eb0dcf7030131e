"""Edges that look right on any background."""

from __future__ import annotations

import numpy as np

from emoterm.imaging.compose import U8

_SOLID = 250
"""Alpha from which a pixel shows its own colour and nothing of what was once behind it."""
_REACH = 2
"""How far in pixels the colour of an edge may come from: an antialiased edge is one or two pixels wide."""


def defringe(pixels: U8) -> U8:
    """Give the half-transparent pixels of an edge the colour of the solid pixels beside them.

    A picture that was once cut out of a white or a black ground has that ground in the colour of its edges: a halo on the other one. Alpha
    stays as it is, and so does every pixel without a solid one within two pixels, such as those of glass or of a shadow.

    Args:
        pixels: ``(N, H, W, 4)``, straight alpha.

    Returns:
        The same shape.
    """
    height, width = pixels.shape[1:3]
    solid = (pixels[..., 3] >= _SOLID).astype(np.float32)  # (N, H, W)
    colored = np.concatenate([pixels[..., :3] * solid[..., None], solid[..., None]], axis=-1)  # (N, H, W, 3) and (N, H, W, 1)
    padded = np.pad(colored, ((0, 0), (_REACH, _REACH), (_REACH, _REACH), (0, 0)))
    total = np.zeros_like(colored)
    for dy in range(2 * _REACH + 1):
        for dx in range(2 * _REACH + 1):
            weight = 4.0 ** -((dy - _REACH) ** 2 + (dx - _REACH) ** 2)  # the nearest solid pixel decides, by and large
            total += np.float32(weight) * padded[:, dy : dy + height, dx : dx + width]
    edge = (pixels[..., 3] > 0) & (solid == 0) & (total[..., 3] > 0)  # (N, H, W)
    out = pixels.copy()
    out[edge, :3] = np.rint(total[edge, :3] / total[edge, 3:]).astype(np.uint8)
    return out
