"""Several pictures as one."""

from __future__ import annotations

import math

import numpy as np

from emoterm.errors import UsageError
from emoterm.imaging.compose import U8, Color, over_uint8
from emoterm.imaging.load import MAX_PIXELS


def make_grid(
    pictures: U8,
    *,
    columns: int | None = None,
    scale: int = 1,
    gap_px: int = 2,
    background: Color | None = None,
) -> U8:
    """Lay pictures out in rows, first picture top left.

    Args:
        pictures: ``(N, H, W, 4)``, straight alpha.
        columns: pictures in a row; by default the nearest to a square. No more than N are used.
        scale: whole factor of enlargement, each pixel a sharp block.
        gap_px: space between two pictures, before enlargement. There is none around the outside.
        background: 8-bit colour behind everything, or None for transparent.

    Returns:
        ``(H', W', 4)``, straight alpha.

    Raises:
        UsageError: no pictures, ``columns`` or ``scale`` below 1, or a result that could not be read back: of more than
            :data:`~emoterm.imaging.load.MAX_PIXELS`.
    """
    n, height, width, _ = pictures.shape
    if n == 0:
        raise UsageError("There is no picture to lay out.", fix="Ask for at least one: --n 1")
    if columns is not None and columns < 1:
        raise UsageError(f"--columns must be at least 1, is {columns}.", fix="For everything in one row: --columns 99")
    if scale < 1:
        raise UsageError(f"--scale must be at least 1, is {scale}.", fix="For the pictures as they are: --scale 1")
    columns = min(n, columns or math.ceil(math.sqrt(n)))
    rows = math.ceil(n / columns)
    grid_height = rows * (height + gap_px) - gap_px
    grid_width = columns * (width + gap_px) - gap_px
    if grid_height * grid_width * scale**2 > MAX_PIXELS:
        raise UsageError(
            f"The grid would be {grid_width * scale}×{grid_height * scale} pixels, more than {MAX_PIXELS // 10**6} million.",
            fix="Use a smaller --scale, or fewer pictures.",
        )

    grid = np.zeros((grid_height, grid_width, 4), np.uint8)
    for i, picture in enumerate(pictures):
        row, column = divmod(i, columns)
        top, left = row * (height + gap_px), column * (width + gap_px)
        grid[top : top + height, left : left + width] = picture
    if background is not None:
        grid = over_uint8(grid, background)
    return grid.repeat(scale, axis=0).repeat(scale, axis=1)  # (h, w, 4) -> (h * scale, w * scale, 4)


def beside(originals: U8, results: U8) -> U8:
    """Each picture in front of what became of it.

    Args:
        originals: ``(N, H, W, 4)``.
        results: ``(N · k, H, W, 4)``, k of each original in turn.

    Returns:
        ``(N · (1 + k), H, W, 4)``.
    """
    n, *shape = originals.shape
    of_each = results.reshape(n, -1, *shape)  # (N · k, H, W, 4) → (N, k, H, W, 4)
    return np.concatenate([originals[:, None], of_each], 1).reshape(-1, *shape)  # (N, 1 + k, H, W, 4) → (N · (1 + k), H, W, 4)
