"""Tokens that decode better than the nearest codes: analysis by synthesis.

The encoder names the nearest code of each cell, as if cells were painted one by one. The decoder paints each cell with an eye on those
around it, so another code is often better there. A search tries other near codes, decodes, and keeps what brings the picture closer to the
original. A file is no larger for it and decodes just as before; only encoding takes longer.

Trying out codes by decoding them is the idea of CELP (Schroeder & Atal, "Code-excited linear prediction", ICASSP 1985). Most moves, one
code for another in one cell, bring nothing: those that promise most are tried first, and cells so far apart that they hardly touch each
other are tried in the same decoding.

Shapes below: N pictures, S their size in pixels, R rows and C columns of tokens, L = R·C cells, K candidates, T trials.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import F32, F64, I64, Codec
from emoterm.errors import UsageError
from emoterm.imaging.compose import over

Mask = NDArray[np.bool_]

# Over white, over black, alpha: the mixture that the decoder was trained for.
WHITE, BLACK, ALPHA = 0.6, 0.2, 0.2

CHUNK = 16
"""Pictures that are searched side by side; bounds the memory."""

EFFORTS = (0, 20, 72, 288)
"""Decodings of each picture, at most, by the number that people give."""
DEFAULT_EFFORT = 2

CANDIDATES = 16
"""The nearest codes that are tried in each cell, the nearest of all among them."""
TRIALS = 3
"""Decodings that try moves, before one of all that helped."""
RADIUS = 1
"""A move is judged by the window of cells that are so near."""

# What a move promises: chosen on 32 training pictures, by what 36 decodings came to.
OWN_ERROR = 5.0
"""So much does the error of the cell itself count beside that of its window."""
NEAR = 0.2
"""A code that is further than the nearest by so much, in squared distance, promises a quarter of it."""
TRIED = 0.4
"""Each try takes something off what other moves of the cell promise."""
AGAIN = 0.3
"""What a move that did not help promises, once a cell near to it has changed."""


class Painter(Protocol):
    """What a search asks of a model, as :class:`emoterm.codec.Codec` has it."""

    has_alpha: bool

    @property
    def codebook(self) -> F32:
        """(codes, D)."""

    def encode(self, images: F32) -> tuple[F32, I64]:
        """(N, 4, S, S) → z_e (N, D, R, C), the nearest codes (N, R, C)."""

    def nearest(self, z: F32, k: int) -> tuple[I64, F64]:
        """z_e (N, D, R, C) → codes (N, R, C, k), the nearest first, and squared distances that grow alike, (N, R, C, k)."""

    def decode_tokens(self, tokens: I64) -> F32:
        """(N, L) → (N, 4, S, S)."""


def search_tokens(
    images: F32, *, codec: Painter, effort: int = DEFAULT_EFFORT, on_progress: Callable[[int, int], None] | None = None
) -> I64:
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
    rounds = EFFORTS[effort] // (TRIALS + 1)
    chunks = [slice(i, i + CHUNK) for i in range(0, len(images), CHUNK)] if rounds else []
    for number, part in enumerate(chunks):
        search = _Search(images[part], z_e[part], tokens[part], codec)
        for done in range(1, rounds + 1):
            more = search.improve()
            if on_progress is not None:
                on_progress(number * rounds + (done if more else rounds), len(chunks) * rounds)
            if not more:
                break
        tokens[part] = search.tokens.reshape(tokens[part].shape)  # (N, L) → (N, R, C)
    return tokens


def reconstruct(pictures: F32, *, codec: Codec, effort: int, on_progress: Callable[[int, int], None] | None = None) -> F32:
    """What a model makes of pictures ``(N, 4, H, W)``, from the tokens of :func:`search_tokens`: the same shape."""
    return codec.decode(codec.lookup(search_tokens(pictures, codec=codec, effort=effort, on_progress=on_progress)))


class _Search:
    """The tokens (N, L) of some pictures while they are searched for, and the errors (N, L) that they make."""

    def __init__(self, images: F32, z_e: F32, tokens: I64, codec: Painter) -> None:
        if not codec.has_alpha:
            images = np.concatenate([over(images), np.ones_like(images[:, 3:])], axis=1)
        N, R, C = tokens.shape
        self._images, self._codec, self._grid = images, codec, (R, C)
        self.tokens = tokens.reshape(N, R * C).copy()  # (N, R, C) → (N, L)
        self._errors = self._errors_of(self.tokens, np.arange(N))
        candidates, distances = codec.nearest(z_e, min(CANDIDATES, len(codec.codebook)))
        self._candidates = candidates.reshape(N, R * C, -1)  # (N, R, C, K) → (N, L, K)
        further = (distances - distances[..., :1]).reshape(N, R * C, -1)  # (N, R, C, K) → (N, L, K)
        # A quotient, not an exponential: it has the same bits on every processor and in every place of an array.
        self._near = 1 / np.square(1 + further / NEAR)
        self._untried = np.ones(self._near.shape)  # 0 once a move was tried, then AGAIN
        self._tries = np.zeros((N, R * C))
        row, column = np.indices(self._grid).reshape(2, R * C)  # (2, R, C) → (2, L)
        apart = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column))
        self._touch: Mask = apart <= 2 * RADIUS  # (L, L): their windows overlap

    def improve(self) -> bool:
        """Try the moves that promise most, and make those that help; false when there is nothing left to try."""
        now = self._windows(self._errors)
        error = (now + OWN_ERROR * self._errors) / (1 + TRIED * self._tries)
        other = self._candidates != self.tokens[..., None]
        promise = error[..., None] * self._near * self._untried * other  # (N, L, K)
        trials = np.stack([self._trial(promise) for _ in range(TRIALS)])  # (T, N, L)
        changed = trials != self.tokens
        trial, picture = np.nonzero(changed.any(axis=2))
        if len(trial) == 0:
            return False
        gains = np.zeros(trials.shape)
        gains[trial, picture] = now[picture] - self._windows(self._errors_of(trials[trial, picture], picture))
        gains[~changed] = 0
        gain = gains.max(axis=0)  # (T, N, L) → (N, L)
        found = np.take_along_axis(trials, gains.argmax(axis=0)[None], axis=0)[0]  # (T, N, L) → (N, L)
        made = self._apart(gain)
        # What helps, but too near to what helps more, is worth another try.
        waiting = (gain > 0) & ~made
        self._untried[waiting[..., None] & (self._candidates == found[..., None])] = 1
        self._keep(np.where(made, found, self.tokens))
        return True

    def _trial(self, promise: F64) -> I64:
        """The tokens (N, L) with the moves that promise most, which promise nothing any more: changes ``promise`` (N, L, K)."""
        picture, cell = np.nonzero(self._apart(promise.max(axis=2)))
        rank = promise[picture, cell].argmax(axis=1)
        promise[picture, cell, rank] = self._untried[picture, cell, rank] = 0
        self._tries[picture, cell] += 1
        trial = self.tokens.copy()
        trial[picture, cell] = self._candidates[picture, cell, rank]
        return trial

    def _apart(self, values: F64) -> Mask:
        """Cells (N, L) of the highest positive values (N, L), one after the other, as far as their windows do not overlap."""
        left = values.copy()
        chosen = np.zeros(left.shape, np.bool_)
        pictures = np.arange(len(left))
        while True:
            cell = left.argmax(axis=1)
            some = left[pictures, cell] > 0
            if not some.any():
                return chosen
            chosen[pictures[some], cell[some]] = True
            left[self._touch[cell]] = 0

    def _keep(self, better: I64) -> None:
        """Take over what brings a picture closer as a whole: cells reach a little into each other's windows after all."""
        (changed,) = np.nonzero((better != self.tokens).any(axis=1))
        found = self._errors_of(better[changed], changed)
        closer = found.sum(axis=1) < self._errors[changed].sum(axis=1)
        kept = changed[closer]
        near = (better[kept] != self.tokens[kept]) @ self._touch  # (N, L): something near has changed
        self._untried[kept] = np.where(near[..., None], np.maximum(self._untried[kept], AGAIN), self._untried[kept])
        self.tokens[kept], self._errors[kept] = better[kept], found[closer]

    def _errors_of(self, tokens: I64, pictures: NDArray[np.intp]) -> F64:
        """The errors (M, L) of these tokens (M, L) as the pictures with these numbers (M,)."""
        errors = cell_errors(self._codec.decode_tokens(tokens), self._images[pictures], self._grid)
        return errors.reshape(tokens.shape)  # (M, R, C) → (M, L)

    def _windows(self, errors: F64) -> F64:
        """Sums over the cells around each cell: (N, L) → the same."""
        R, C = self._grid
        padded = np.pad(errors.reshape(-1, R, C), ((0, 0), (RADIUS, RADIUS), (RADIUS, RADIUS)))  # (N, L) → (N, R + 2, C + 2)
        width = 2 * RADIUS + 1
        rows = sum((padded[:, i : i + R] for i in range(width)), np.zeros(()))
        total: F64 = sum((rows[:, :, i : i + C] for i in range(width)), np.zeros(()))
        return total.reshape(errors.shape)  # (N, R, C) → (N, L)


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
