"""Pictures that are partly known: which tokens of a source stay, and which the prior writes anew.

N pictures · P = rows · columns tokens, raster order · −1 where the prior writes, as :meth:`emoterm.prior.Prior.generate` takes it
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError
from emoterm.sampling import uniforms

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

FREE = -1
"""Marks a token that the prior writes."""
_KEEP_STREAM = 1 << 63
"""Streams of random numbers from here on decide which tokens stay; those below draw the tokens of as many pictures."""


def keep_share(tokens: I64, keep: float, n: int, *, columns: int, seed: int, patch: int = 2) -> I64:
    """``n`` times the same picture, each with another random share of its tokens left.

    Tokens stay or go in square patches: a single token between new ones says little about what was there, and looks like a stain.

    Args:
        tokens: (P,) of the source.
        keep: share that stays, 0 … 1: 1 is the picture itself, 0 a picture that has nothing of it.
        n: how many.
        columns: of the token grid.
        seed: what stays depends on it and on the index of the picture.
        patch: edge of a patch, in tokens.

    Returns:
        (n, P). The number of tokens that stay is the same in all of them, keep · P, rounded.

    Raises:
        UsageError: a share outside 0 … 1, or a seed out of range.
    """
    check_share(keep, "--keep")
    place = np.arange(tokens.size)
    patches_across = -(-columns // patch)
    patch_of_place = place // columns // patch * patches_across + place % columns // patch
    given = np.full((n, tokens.size), FREE)
    for row in range(n):
        rank_of_patch = uniforms(seed, _KEEP_STREAM + row, int(patch_of_place.max()) + 1)
        order = np.lexsort((place, rank_of_patch[patch_of_place]))  # whole patches in random order, raster order within one
        kept = order[: round(keep * tokens.size)]
        given[row, kept] = tokens[kept]
    return given


def keep_rows(tokens: I64, rows: int, n: int, *, columns: int) -> I64:
    """``n`` times the same picture of which only the top ``rows`` rows of tokens are left: (P,) → (n, P).

    Raises:
        UsageError: no row, or all of them: then there is nothing to complete.
    """
    check_rows(rows, tokens.size // columns)
    given = np.tile(tokens, (n, 1))  # (P,) → (n, P)
    given[:, rows * columns :] = FREE
    return given


def free_least_likely(tokens: I64, bits: F64, share: float) -> I64:
    """The tokens of a picture without those that the prior finds least likely.

    Args:
        tokens: (P,).
        bits: (P,) of :meth:`emoterm.prior.Prior.token_bits`.
        share: how many to free, 0 … 1 of them; of equally likely ones the later.

    Returns:
        (P,), −1 where the prior writes.

    Raises:
        UsageError: a share outside 0 … 1.
    """
    check_share(share, "--repaint")
    likely_first = np.argsort(bits, kind="stable")
    given = tokens.copy()
    given[likely_first[tokens.size - round(share * tokens.size) :]] = FREE
    return given


def check_share(value: float, flag: str) -> None:
    """Raise :class:`~emoterm.errors.UsageError` unless the value is between 0 and 1."""
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise UsageError(f"{flag} must be between 0 and 1, is {value:g}.")


def check_rows(rows: int, total: int) -> None:
    """Raise :class:`~emoterm.errors.UsageError` unless some of the ``total`` rows of tokens stay, and some do not."""
    if not 1 <= rows < total:
        raise UsageError(f"--rows must be between 1 and {total - 1}, is {rows}.", fix=f"{total // 2} keeps the upper half.")
