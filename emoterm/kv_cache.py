"""Keys and values of the tokens that have been read, which the prior's graph writes in place, and what each new token may see of them.

Past and present are bound to the same memory. Attention costs time for every position of the buffer, filled or not, so a graph that leaves
the number of positions free gets a buffer that grows with the picture.

Shapes: B rows of a batch, T new tokens, L positions of the buffer, g query heads that share a key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.prior_model import MASK, PAST, PRESENT, PriorModel

F32 = NDArray[np.float32]

GROWTH = 32
"""Positions that a growing buffer gains at once. What a position of a picture sees does not depend on anything else, so neither does the
order of its sums, nor its token."""


class KeyValueCache:
    """The buffers of a batch, bound to a session.

    Args:
        model: the opened prior.
        binding: of its session.
        rows: B.
        place: copies an array to where the graph reads it; on a CPU it is the memory of the array itself.
    """

    def __init__(self, model: PriorModel, binding: Any, *, rows: int, place: Callable[[NDArray[Any]], Any]) -> None:
        self._model, self._binding, self._place = model, binding, place
        # The sizes are those of the manifest, which have been checked, not those of the graph.
        spec = model.spec
        heads = [spec.n_kv_head] if model.heads_apart else []
        self._shape = (rows, *heads, spec.block_size, spec.head_dim)
        self._length = 0 if model.cache_grows else spec.block_size
        self._memory = [np.zeros(math.prod(self._shape), model.dtype) for _ in model.caches]
        self._mask: F32 | None = None
        if not model.cache_grows:
            self._bind()

    def see(self, first: int, new: int) -> None:
        """Make room for ``new`` tokens from position ``first`` on, and let each see those before it and itself."""
        if first + new > self._length:
            self._grow(first + new)
        elif self._mask is not None and new == len(self._mask) == 1:
            self._mask[..., first] = 0  # the same memory, so it stays bound
            return
        if not self._model.group:
            return
        beyond = np.arange(self._length) > np.arange(first, first + new)[:, None]  # (T, L)
        hidden = np.where(beyond, np.float32(-np.inf), np.float32(0))[:, None]  # (T, 1, L)
        self._mask = np.repeat(hidden, self._model.group, axis=1)  # (T, g, L)
        self._binding.bind_ortvalue_input(MASK, self._place(self._mask))

    def _grow(self, length: int) -> None:
        """Room for so many positions, in the memory that all of them will need in the end."""
        filled = self._length
        before = [self._view(memory) for memory in self._memory]
        *outer, most, _ = self._shape
        self._length = min(-(-length // GROWTH) * GROWTH, most)
        for memory, old in zip(self._memory, before, strict=True):
            if math.prod(outer) > 1:  # a single row stays where it is
                kept, new = old.copy(), self._view(memory)
                new[..., :filled, :], new[..., filled:, :] = kept, 0
        self._bind()

    def _view(self, memory: NDArray[Any]) -> NDArray[Any]:
        """The beginning of a buffer, as far as it is used: (B, L, hd), or (B, n_kv, L, hd)."""
        *outer, _, size = self._shape
        shape = (*outer, self._length, size)
        return memory[: math.prod(shape)].reshape(shape)

    def _bind(self) -> None:
        for name, memory in zip(self._model.caches, self._memory, strict=True):
            value = self._place(self._view(memory))
            self._binding.bind_ortvalue_input(name, value)
            self._binding.bind_ortvalue_output(PRESENT + name.removeprefix(PAST), value)  # the same memory: written in place
