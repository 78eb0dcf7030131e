"""Keys and values of layers that see only the context and a window of the newest tokens.

The context lies at its own places. Behind it, a token takes the place of the one that has just left the window (a ring), so all that is
there may be seen, and attention costs the same for the last token as for the fortieth. Attention does not mind the order: rotary angles
have told each key its place before.

The context is seen from everywhere because the first tokens draw attention whatever they hold: Xiao et al. 2024, "Efficient Streaming
Language Models with Attention Sinks", https://arxiv.org/abs/2309.17453.

Shapes: B rows of a batch, T new tokens, L positions of the buffer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.cache_binding import F32, CacheBinding
from emoterm.prior_model import LOCAL_MASK, LOCAL_PLACES


class LocalCache:
    """The buffers of the local layers of a batch.

    Args:
        bound: to its session.
    """

    def __init__(self, bound: CacheBinding) -> None:
        spec = bound.model.spec
        self._bound, self._window = bound, spec.window
        self._context = spec.style_slots + spec.word_slots + 1  # with BOS
        self._size = self._context + self._window
        self._memory = [bound.empty(0) for _ in bound.model.local_caches]
        self._places = np.zeros(bound.rows, np.int64)
        """Where the first new token of each row goes, (B,)."""
        self._mask: F32 | None = None

    def see(self, first: int, new: int) -> None:
        """As :meth:`emoterm.kv_cache.KeyValueCache.see`. Several tokens at once are the first ones of the picture."""
        if new > 1 or self._mask is None:
            assert first == 0
            self._begin(new)
        elif len(self._mask) > 1:
            self._go_on(first)
        if first < self._size and new == 1:
            self._mask[..., first] = 0  # type: ignore[index]
        self._places[:] = self._place(first)

    def _begin(self, new: int) -> None:
        """Room for the first tokens, each at its position: if they are more than a ring holds, all of them stay for this one call."""
        length = max(new, self._size)
        self._memory = [self._bound.empty(length) for _ in self._memory]
        position, place = np.arange(new)[:, None], np.arange(length)
        has_left = (place >= self._context) & (place <= position - self._window)
        self._bind((place > position) | has_left)

    def _go_on(self, first: int) -> None:
        """From here on there is a token at a time, in a ring."""
        if first > self._size:
            read = self._memory
            self._memory = [self._bound.empty(self._size) for _ in read]
            kept = [*range(self._context), *range(first - self._window, first)]
            for old, ring in zip(read, self._memory, strict=True):
                ring[..., [self._place(position) for position in kept], :] = old[..., kept, :]
        self._bind(np.arange(self._size)[None] >= first)

    def _place(self, position: int) -> int:
        """Of a token in the ring."""
        return position if position < self._size else self._context + (position - self._context) % self._window

    def _bind(self, hidden: NDArray[np.bool_]) -> None:
        """Buffers, and what each new token may not see of them, (T, L)."""
        for name, memory in zip(self._bound.model.local_caches, self._memory, strict=True):
            self._bound.bind_in_place(name, memory)
        self._bound.bind(LOCAL_PLACES, self._places)
        self._mask = self._bound.bind_mask(LOCAL_MASK, hidden)
