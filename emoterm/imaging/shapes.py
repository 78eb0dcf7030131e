"""Shapes: which pixels of a picture belong to something, as (H, W) booleans."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def bounding_box(shape: Bools) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a shape (H, W) that is not empty; bottom and right are behind it."""
    rows, columns = (np.flatnonzero(shape.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def eroded(shape: Bools, by: int) -> Bools:
    """A shape (H, W) without its ``by`` outermost pixels, those at the edge of the picture among them."""
    for _ in range(by):
        shape = shape & np.logical_and.reduce(_neighbours(shape))
    return shape


def connected(shape: Bools, start: Bools) -> Bools:
    """The part of a shape (H, W) that can be reached within it, by edges of pixels, from a part (H, W) of it."""
    reached = start
    while True:
        further = shape & np.logical_or.reduce([reached, *_neighbours(reached)])
        if np.array_equal(further, reached):
            return reached
        reached = further


def pieces(shape: Bools) -> Iterator[Bools]:
    """The connected pieces of a shape (H, W), each (H, W), from the top."""
    left = shape.copy()
    while left.any():
        start = np.zeros_like(left)
        start.flat[left.argmax()] = True
        piece = connected(left, start)
        left &= ~piece
        yield piece


def _neighbours(shape: Bools) -> list[Bools]:
    """What is above, below, left and right of each pixel: 4 × (H, W)."""
    padded = np.pad(shape, 1)
    return [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
