"""Tokens that decode better than the nearest codes: analysis by synthesis.

The encoder names the nearest code of each cell, as if cells were painted one by one. The decoder paints each cell with an eye on those
around it, so another code is often better there. A search tries the next nearest codes, decodes, and keeps what brings the picture closer
to the original. A file is no larger for it and decodes just as before; only encoding takes longer.

Trying out codes by decoding them is the idea of CELP (Schroeder & Atal, "Code-excited linear prediction", ICASSP 1985). One cell after the
other is improved while the rest stays, as in iterated conditional modes (Besag 1986, §2.1); cells so far apart that they hardly touch each
other are tried in the same decoding.

Shapes below: N pictures, S their size in pixels, R rows and C columns of tokens, K candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import F32, I64, Codec
from emoterm.errors import UsageError
from emoterm.imaging.compose import over

F64 = NDArray[np.float64]

# A cell is judged by the 3×3 cells around it. Cells that are tried together stand 3 apart, so that each has a window of its own.
RADIUS = 1
STRIDE = 2 * RADIUS + 1

# Over white, over black, alpha: the mixture that the decoder was trained for.
WHITE, BLACK, ALPHA = 0.6, 0.2, 0.2

CHUNK = 16
"""Pictures that are searched side by side; bounds the memory."""


class Effort(NamedTuple):
    """How hard to search."""

    candidates: int
    """The nearest codes that are tried in each cell, the nearest of all among them."""
    sweeps: int
    """Times that every cell is tried; fewer where nothing changes any more."""


EFFORTS = (Effort(1, 0), Effort(2, 1), Effort(4, 1), Effort(8, 5))
"""By the number that people give. A sweep decodes a picture at most 9 times for each candidate."""
DEFAULT_EFFORT = 2


def search_tokens(images: F32, *, codec: Codec, effort: int = DEFAULT_EFFORT, on_progress: Callable[[int, int], None] | None = None) -> I64:
    """The tokens of pictures, searched for.

    The tokens of a picture depend neither on the other pictures nor on the number of threads.

    Args:
        images: (N, 4, S, S) in [0, 1], associated alpha.
        codec: encodes and decodes.
        effort: index into :data:`EFFORTS`; 0 takes the nearest codes, as the encoder does.
        on_progress: called with the pieces of work that are done and those there are at most.

    Returns:
        (N, R, C). Their error, over white, over black and in alpha, is never above that of the nearest codes.

    Raises:
        UsageError: no such effort.
    """
    if not 0 <= effort < len(EFFORTS):
        raise UsageError(f"--effort must be 0 to {len(EFFORTS) - 1}, is {effort}.")
    z_e, tokens = codec.encode(images)
    how = EFFORTS[effort]
    chunks = [slice(i, i + CHUNK) for i in range(0, len(images), CHUNK)] if how.sweeps else []
    pieces = how.sweeps * STRIDE**2
    for number, part in enumerate(chunks):

        def report(done: int, number: int = number) -> None:
            if on_progress is not None:
                on_progress(number * pieces + done, len(chunks) * pieces)

        tokens[part] = _search(images[part], z_e[part], tokens[part], how, codec, report)
        report(pieces)
    return tokens


def _search(images: F32, z_e: F32, tokens: I64, how: Effort, codec: Codec, report: Callable[[int], None]) -> I64:
    if not codec.has_alpha:
        images = np.concatenate([over(images), np.ones_like(images[:, 3:])], axis=1)
    candidates = codec.nearest(z_e, min(how.candidates, len(codec.codebook)))  # (N, R, C, K)
    tokens = tokens.copy()
    errors = cell_errors(codec.decode(codec.lookup(tokens)), images, tokens.shape[1:])  # (N, R, C)
    done = 0
    for _ in range(how.sweeps):
        improved = False
        for row in range(STRIDE):
            for column in range(STRIDE):
                cells = (slice(None), slice(row, None, STRIDE), slice(column, None, STRIDE))
                better = _best_of(tokens, candidates, errors, cells, images, codec)
                (changed,) = np.nonzero((better != tokens).any(axis=(1, 2)))
                if len(changed):
                    found = cell_errors(codec.decode(codec.lookup(better[changed])), images[changed], tokens.shape[1:])
                    # Neighbours reach a little into each other's windows after all: the picture as a whole has the last word.
                    closer = found.sum(axis=(1, 2)) < errors[changed].sum(axis=(1, 2))
                    kept = changed[closer]
                    tokens[kept], errors[kept] = better[kept], found[closer]
                    improved |= len(kept) > 0
                done += 1
                report(done)
        if not improved:
            break
    return tokens


def _best_of(tokens: I64, candidates: I64, errors: F64, cells: tuple[slice, slice, slice], images: F32, codec: Codec) -> I64:
    """The tokens (N, R, C) with the best candidate in each of the cells, as far as the windows around them can tell."""
    R, C, K = candidates.shape[1:]
    trials = np.repeat(tokens[:, None], K, axis=1)  # (N, R, C) → (N, K, R, C)
    for k in range(K):
        trials[:, k][cells] = candidates[..., k][cells]
    windows = np.repeat(_windows(errors)[:, None], K, axis=1)  # (N, K, R, C)
    picture, rank = np.nonzero((trials != tokens[:, None]).any(axis=(2, 3)))
    windows[picture, rank] = _windows(cell_errors(codec.decode(codec.lookup(trials[picture, rank])), images[picture], (R, C)))
    best = windows.argmin(axis=1)  # (N, K, R, C) → (N, R, C)
    lower = windows.min(axis=1) < _windows(errors)
    chosen = np.take_along_axis(candidates, best[..., None], axis=3)[..., 0]  # (N, R, C, K) → (N, R, C)
    better = tokens.copy()
    better[cells] = np.where(lower, chosen, tokens)[cells]
    return better


def cell_errors(found: F32, wanted: F32, grid: tuple[int, ...]) -> F64:
    """Squared error of each cell, summed over its pixels and colours: twice (N, 4, S, S), associated alpha → (N, R, C)."""
    error = found.astype(np.float64) - wanted
    rgb, alpha = error[:, :3], error[:, 3:]
    # With associated alpha the error over white is rgb − alpha, that over black is rgb: nothing has to be composed.
    pixels = WHITE * np.square(rgb - alpha).mean(axis=1) + BLACK * np.square(rgb).mean(axis=1) + ALPHA * np.square(alpha[:, 0])
    N, H, W = pixels.shape
    R, C = grid
    cells: F64 = pixels.reshape(N, R, H // R, C, W // C).sum(axis=(2, 4))  # (N, S, S) → (N, R, C)
    return cells


def _windows(errors: F64) -> F64:
    """Sums over the cells around each cell: (N, R, C) → the same."""
    R, C = errors.shape[1:]
    padded = np.pad(errors, ((0, 0), (RADIUS, RADIUS), (RADIUS, RADIUS)))
    rows = sum((padded[:, i : i + R] for i in range(STRIDE)), np.zeros(()))
    total: F64 = sum((rows[:, :, i : i + C] for i in range(STRIDE)), np.zeros(()))
    return total
