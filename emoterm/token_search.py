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

# Over white, over black, alpha: the mixture that the decoder was trained for.
WHITE, BLACK, ALPHA = 0.6, 0.2, 0.2

CHUNK = 16
"""Pictures that are searched side by side; bounds the memory."""


class Pass(NamedTuple):
    """One way of going over a picture."""

    radius: int
    """A cell is judged by the window of cells that are so near. Cells that are tried together have a window each, so wide windows, which
    tell more, take more decodings."""
    candidates: int
    """The nearest codes that are tried in each cell, the nearest of all among them."""
    sweeps: int
    """Times that every cell is tried; fewer where nothing changes any more."""

    @property
    def stride(self) -> int:
        """Distance of the cells that are tried together."""
        return 2 * self.radius + 1


EFFORTS = ((), (Pass(1, 2, 1),), (Pass(1, 4, 1),), (Pass(1, 4, 3), Pass(2, 8, 1)))
"""Passes one after the other, by the number that people give. A sweep decodes a picture at most stride² times for each candidate: together
these come to 18, 36 and about 350 times."""
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
    passes = EFFORTS[effort]
    chunks = [slice(i, i + CHUNK) for i in range(0, len(images), CHUNK)] if passes else []
    pieces = sum(how.sweeps * how.stride**2 for how in passes)
    done = 0

    def report(more: int) -> None:
        if on_progress is not None:
            on_progress(done + more, len(chunks) * pieces)

    for part in chunks:
        search = _Search(images[part], z_e[part], tokens[part], codec)
        for how in passes:
            search.run(how, report)
            done += how.sweeps * how.stride**2
            report(0)
        tokens[part] = search.tokens
    return tokens


class _Search:
    """The tokens of some pictures while they are searched for, and the errors (N, R, C) that they make."""

    def __init__(self, images: F32, z_e: F32, tokens: I64, codec: Codec) -> None:
        if not codec.has_alpha:
            images = np.concatenate([over(images), np.ones_like(images[:, 3:])], axis=1)
        self.tokens = tokens.copy()
        self._images, self._z_e, self._codec = images, z_e, codec
        self._errors = self._errors_of(self.tokens, np.arange(len(tokens)))

    def run(self, how: Pass, report: Callable[[int], None]) -> None:
        """Go over the pictures; ``report`` is called with the number of groups of cells that have been tried."""
        candidates = self._codec.nearest(self._z_e, min(how.candidates, len(self._codec.codebook)))  # (N, R, C, K)
        starts = [(row, column) for row in range(how.stride) for column in range(how.stride)]
        for sweep in range(how.sweeps):
            improved = False
            for number, (row, column) in enumerate(starts, 1):
                cells = (slice(None), slice(row, None, how.stride), slice(column, None, how.stride))
                improved |= self._keep(self._best_of(candidates, cells, how.radius))
                report(sweep * len(starts) + number)
            if not improved:
                break

    def _best_of(self, candidates: I64, cells: tuple[slice, slice, slice], radius: int) -> I64:
        """The tokens (N, R, C) with the best candidate in each of the cells, as far as the windows around them can tell."""
        K = candidates.shape[3]
        trials = np.repeat(self.tokens[:, None], K, axis=1)  # (N, R, C) → (N, K, R, C)
        for k in range(K):
            trials[:, k][cells] = candidates[..., k][cells]
        now = _windows(self._errors, radius)
        windows = np.repeat(now[:, None], K, axis=1)  # (N, R, C) → (N, K, R, C)
        picture, rank = np.nonzero((trials != self.tokens[:, None]).any(axis=(2, 3)))
        windows[picture, rank] = _windows(self._errors_of(trials[picture, rank], picture), radius)
        best = windows.argmin(axis=1)  # (N, K, R, C) → (N, R, C)
        chosen = np.take_along_axis(candidates, best[..., None], axis=3)[..., 0]  # (N, R, C, K) → (N, R, C)
        better = self.tokens.copy()
        better[cells] = np.where(windows.min(axis=1) < now, chosen, better)[cells]
        return better

    def _keep(self, better: I64) -> bool:
        """Take over what brings a picture closer as a whole: neighbours reach a little into each other's windows after all."""
        (changed,) = np.nonzero((better != self.tokens).any(axis=(1, 2)))
        found = self._errors_of(better[changed], changed)
        closer = found.sum(axis=(1, 2)) < self._errors[changed].sum(axis=(1, 2))
        kept = changed[closer]
        self.tokens[kept], self._errors[kept] = better[kept], found[closer]
        return len(kept) > 0

    def _errors_of(self, tokens: I64, pictures: NDArray[np.intp]) -> F64:
        """The errors (M, R, C) of these tokens (M, R, C) as the pictures with these numbers (M,)."""
        return cell_errors(self._codec.decode(self._codec.lookup(tokens)), self._images[pictures], self.tokens.shape[1:])


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


def _windows(errors: F64, radius: int) -> F64:
    """Sums over the cells around each cell: (N, R, C) → the same."""
    R, C = errors.shape[1:]
    padded = np.pad(errors, ((0, 0), (radius, radius), (radius, radius)))
    rows = sum((padded[:, i : i + R] for i in range(2 * radius + 1)), np.zeros(()))
    total: F64 = sum((rows[:, :, i : i + C] for i in range(2 * radius + 1)), np.zeros(()))
    return total
