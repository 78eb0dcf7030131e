"""Where head and eyes are on a picture, as far as its shapes tell.

S edge of a picture in pixels
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from emoterm.imaging.shapes import Bools, bounding_box, connected, eroded, pieces
from emoterm.oklab import straight_oklab

F32 = NDArray[np.float32]

SOLID = 0.5
"""Opacity from which on a pixel belongs to who is shown."""
_TOP = 0.3
"""The part of a picture, from the top, in which its head is looked for."""
_EAR = 0.6
"""Size from which on a piece of that belongs to the head, as a share of the largest piece."""
_DARK = 0.45
"""Lightness below which a pixel may belong to an eye."""
_OUTLINE = 3
"""Pixels at the edge that are no eyes, however dark, nor is what they run into."""
_EYES = (0.2, 0.68)
"""Where eyes can be, as shares of the height."""
_NOSE = 0.1
"""Half the width of what lies between two eyes, as a share of the width."""
_EYE_ROWS = 7
"""Rows over which darkness is added up."""
_LEAST_DARK = 0.5
"""Pixels a row, on either side, that pass for eyes."""
_LEAST_EYE = 2
"""Pixels of an eye."""
_OFF_MIDDLE, _APART = 0.06, 0.15
"""How far the middle of two eyes may be from that of the picture, and how far apart they are at least, as shares of the width."""
_UNLEVEL, _UNLIKE = 2, 3
"""Rows by which two eyes may differ, and how many times as many pixels one may have."""


def find_head(solid: Bools) -> tuple[int, int]:
    """The first and behind the last column of what is at the top of a shape (S, S), two ears for instance, without a tail beside it."""
    top, bottom, *_ = bounding_box(solid)
    band = solid[top : top + max(1, round(_TOP * (bottom - top)))]
    columns = np.flatnonzero(band.any(axis=0))
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    sizes = [int(band[:, piece].sum()) for piece in runs]
    large = [piece for piece, size in zip(runs, sizes, strict=True) if size >= _EAR * max(sizes)]
    return int(large[0][0]), int(large[-1][-1]) + 1


def find_eyes(face: F32, solid: Bools) -> tuple[int, int] | None:
    """The row of two eyes and the width of both: where most is dark on both sides of the middle alike; None where nothing is."""
    top, bottom, left, right = bounding_box(solid)
    dark = _inner_ink(face, solid)[top:bottom, left:right]
    width = right - left
    apart = abs(np.arange(width) - (width - 1) / 2) > _NOSE * width
    both = dark & dark[:, ::-1] & apart  # (h, w)
    sums = np.convolve(both.sum(axis=1), np.ones(_EYE_ROWS), "same")  # whole numbers
    first, behind = (int(share * (bottom - top)) for share in _EYES)
    if behind <= first or sums[first:behind].max() < 2 * _LEAST_DARK * _EYE_ROWS:
        return None
    row = first + int(sums[first:behind].argmax())
    columns = np.flatnonzero(both[max(0, row - _EYE_ROWS // 2) : row + _EYE_ROWS // 2 + 1].any(axis=0))
    return top + row, int(columns[-1] - columns[0]) + 1


def has_pair_of_eyes(picture: F32) -> bool:
    """Whether a picture (4, S, S) shows two eyes: dark pieces much alike, side by side, as far to the left of its middle as to the right.

    A stricter question than that for the row where eyes are most likely, which has an answer for the patches of a cow too.
    """
    solid = picture[3] > SOLID
    eyes = find_eyes(picture, solid) if solid.any() else None
    if eyes is None:
        return False
    *_, left, right = bounding_box(solid)
    boxes = [(bounding_box(piece), int(piece.sum())) for piece in pieces(_inner_ink(picture, solid))]
    found = [((x0 + x1) / 2, (y0 + y1) / 2, n) for (y0, y1, x0, x1), n in boxes if y0 - 1 <= eyes[0] <= y1 + 1 and n >= _LEAST_EYE]
    return any(
        abs(a[0] + b[0] - left - right) / 2 <= _OFF_MIDDLE * (right - left) + 0.5
        and abs(a[0] - b[0]) > _APART * (right - left)
        and abs(a[1] - b[1]) <= _UNLEVEL
        and max(a[2], b[2]) <= _UNLIKE * (min(a[2], b[2]) + 1)
        for a, b in itertools.combinations(found, 2)
    )


def _inner_ink(face: F32, solid: Bools) -> Bools:
    """What is dark on a shape (S, S), but for outlines and hair."""
    ink = (straight_oklab(face)[..., 0] < _DARK) & solid
    return ink & ~connected(ink, ink & ~eroded(solid, _OUTLINE))
