"""Keys and values of the tokens that have been read, which the prior's graph writes in place, and what each new token may see of them.

Past and present are bound to the same memory. Attention costs time for every position of the buffer, filled or not, so a graph that leaves
the number of positions free gets a buffer that grows with the picture.

Shapes: B rows of a batch, T new tokens, L positions of the buffer, g query heads that share a key.
"""

from __future__ import annotations

import functools

import numpy as np

from emoterm.cache_binding import F32, CacheBinding
from emoterm.local_cache import LocalCache
from emoterm.prior_model import MASK

GROWTH = 32
"""Positions that a growing buffer gains at once. What a position of a picture sees does not depend on anything else, so neither does the
order of its sums, nor its token."""


class KeyValueCache:
    """The buffers of a batch.

    Args:
        bound: to its session.
    """

    def __init__(self, bound: CacheBinding) -> None:
        model = bound.model
        self._bound, self._model = bound, model
        self._local = LocalCache(bound) if model.local_caches else None
        self._most = model.spec.block_size
        self._length = 0
        self._memory = [bound.memory(self._most) for _ in model.caches]
        self._mask: F32 | None = None
        if not model.cache_grows:
            self._resize(self._most)

    def room(self, first: int) -> int:
        """How many tokens from position ``first`` on can be read in one call so that each sees what it would see if it were read alone."""
        edge = min(-(-(first + 1) // GROWTH) * GROWTH, self._most) if self._model.cache_grows else self._most
        return edge - first if self._local is None else min(edge - first, self._local.room(first))

    def see(self, first: int, new: int) -> None:
        """Make room for ``new`` tokens from position ``first`` on, and let each see those before it and itself.

        What was read before from ``first`` on is forgotten: it is written over. In the middle of a picture there are at most
        :meth:`room` of them.
        """
        assert first == 0 or new <= self.room(first)
        if self._local is not None:
            self._local.see(first, new)
        if first + new > self._length:
            self._resize(min(-(-(first + new) // GROWTH) * GROWTH, self._most), filled=first)
        if self._model.group:
            if self._mask is None or len(self._mask) != new:
                self._mask = self._bound.bind_mask(MASK, new, self._length)
            self._mask[..., :first] = 0  # the same memory, so it stays bound
            self._mask[..., first : first + new] = _each_sees_itself_and_those_before(new)

    def _resize(self, length: int, *, filled: int = 0) -> None:
        """Room for so many positions, in the memory that all of them will need in the end; the first ``filled`` keep what they hold."""
        before, self._length, self._mask = self._length, length, None
        for name, memory in zip(self._model.caches, self._memory, strict=True):
            old, new = (self._bound.view(name, memory, positions) for positions in (before, length))
            # (B, …, L, hd), a row at a time. The last ones first: each moves to where nothing is that is still needed.
            for row in reversed(range(self._bound.rows)):
                new[row, ..., :filled, :] = old[row, ..., :filled, :]
                new[row, ..., filled:, :] = 0  # what lies there would else be mixed in with a weight of nearly nothing
            self._bound.bind_in_place(name, new)


@functools.lru_cache(maxsize=8)
def _each_sees_itself_and_those_before(new: int) -> F32:
    """What the new tokens may see of each other: (T, 1, T), 0 where they may look and −∞ where not."""
    return np.where(np.tri(new, dtype=bool), np.float32(0), np.float32(-np.inf))[:, None]
