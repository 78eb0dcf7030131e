"""How buffers of keys and values, and what each token may see of them, are bound to a step of the prior.

A graph may want its keys across, (B, hd, L). Whoever writes into a cache need not know: it is handed out as (B, L, hd) in any case.

Shapes: B rows of a batch, T new tokens, L positions of a buffer, g query heads that share a key, hd head dimension.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.prior_model import KEY, PAST, PRESENT, PriorModel

F32 = NDArray[np.float32]


class CacheBinding:
    """The caches of one batch in one session.

    Args:
        model: the opened prior.
        binding: of its session.
        rows: B.
        place: copies an array to where the graph reads it; on a CPU it is the memory of the array itself.
    """

    def __init__(self, model: PriorModel, binding: Any, *, rows: int, place: Callable[[NDArray[Any]], Any]) -> None:
        self.model, self.rows = model, rows
        self._binding, self._place = binding, place

    def empty(self, name: str, length: int) -> NDArray[Any]:
        """A cache of so many positions, all zero: (B, L, hd), or (B, n_kv, L, hd)."""
        return self.view(name, self.memory(length), length)

    def memory(self, length: int) -> NDArray[Any]:
        """What a cache of so many positions takes, flat, all zero."""
        return np.zeros(math.prod(self._shape(length)), self.model.cache_dtype)

    def view(self, name: str, memory: NDArray[Any], length: int) -> NDArray[Any]:
        """The beginning of flat memory as a cache of so many positions: (B, L, hd), or (B, n_kv, L, hd)."""
        shape = self._shape(length)
        memory = memory[: math.prod(shape)]
        if self._lies_across(name):
            return memory.reshape(*shape[:-2], shape[-1], length).swapaxes(-1, -2)  # (…, hd, L) → (…, L, hd)
        return memory.reshape(shape)

    def _shape(self, length: int) -> tuple[int, ...]:
        """Of keys or values of so many positions. The sizes are those of the manifest, which have been checked, not those of the graph."""
        spec = self.model.spec
        heads = [spec.n_kv_head] if self.model.heads_apart else []
        return self.rows, *heads, length, spec.head_dim

    def _lies_across(self, name: str) -> bool:
        return self.model.keys_lie_across and name.endswith(KEY)

    def bind(self, name: str, value: NDArray[Any]) -> Any:
        """An input that the graph reads at each run; its place on the device."""
        placed = self._place(value)
        self._binding.bind_ortvalue_input(name, placed)
        return placed

    def bind_in_place(self, name: str, memory: NDArray[Any]) -> None:
        """A cache, from :meth:`empty` or :meth:`view`: past and present are the same memory, so the graph writes it in place."""
        if self._lies_across(name):
            memory = memory.swapaxes(-1, -2)  # (…, L, hd) → (…, hd, L)
        self._binding.bind_ortvalue_output(PRESENT + name.removeprefix(PAST), self.bind(name, memory))

    def bind_mask(self, name: str, new: int, length: int) -> F32:
        """What each of the new tokens may see, as the graph reads it at each run: (T, g, L), 0 where it may look and −∞ where not, which is
        everywhere so far. Its memory is what is bound, so what is written into it later counts."""
        mask = np.full((new, self.model.group, length), -np.inf, np.float32)
        self.bind(name, mask)
        return mask
