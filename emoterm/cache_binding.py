"""How buffers of keys and values, and what each token may see of them, are bound to a step of the prior.

Shapes: B rows of a batch, T new tokens, L positions of a buffer, g query heads that share a key, hd head dimension.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.prior_model import PAST, PRESENT, PriorModel

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

    def empty(self, length: int) -> NDArray[Any]:
        """Keys or values of a layer, all zero: (B, L, hd), or (B, n_kv, L, hd)."""
        return np.zeros(self.shape(length), self.model.dtype)

    def shape(self, length: int) -> tuple[int, ...]:
        """Of keys or values of so many positions. The sizes are those of the manifest, which have been checked, not those of the graph."""
        spec = self.model.spec
        heads = [spec.n_kv_head] if self.model.heads_apart else []
        return self.rows, *heads, length, spec.head_dim

    def bind(self, name: str, value: NDArray[Any]) -> Any:
        """An input that the graph reads at each run; its place on the device."""
        placed = self._place(value)
        self._binding.bind_ortvalue_input(name, placed)
        return placed

    def bind_in_place(self, name: str, memory: NDArray[Any]) -> None:
        """Keys or values of a layer: past and present are the same memory, so the graph writes them in place."""
        self._binding.bind_ortvalue_output(PRESENT + name.removeprefix(PAST), self.bind(name, memory))

    def bind_mask(self, name: str, new: int, length: int) -> F32:
        """What each of the new tokens may see, as the graph reads it at each run: (T, g, L), 0 where it may look and −∞ where not, which is
        everywhere so far. Its memory is what is bound, so what is written into it later counts."""
        mask = np.full((new, self.model.group, length), -np.inf, np.float32)
        self.bind(name, mask)
        return mask
