"""Keys and values of layers that see only the context and a window of the newest tokens.

The context lies at its own places. Behind it is a ring: a token takes the place of one that has left the window, so attention costs the
same for the last token as for the fortieth. Attention does not mind the order: rotary angles have told each key its place before. The ring
is a few places longer than the window: several tokens that are read in one call must not take the place of one that the first of them sees.

The context is seen from everywhere because the first tokens draw attention whatever they hold: Xiao et al. 2024, "Efficient Streaming
Language Models with Attention Sinks", https://arxiv.org/abs/2309.17453.

Shapes: B rows of a batch, T new tokens, R places of the ring, L positions of the buffer: context and ring.
"""

from __future__ import annotations

import functools

import numpy as np

from emoterm.cache_binding import F32, CacheBinding
from emoterm.prior_model import LOCAL_MASK, LOCAL_PLACES, MOST_AHEAD


class LocalCache:
    """The buffers of the local layers of a batch.

    Args:
        bound: to its session.
    """

    def __init__(self, bound: CacheBinding) -> None:
        spec = bound.model.spec
        self._bound, self._window = bound, spec.window
        self._context = spec.style_slots + spec.word_slots + 1  # with BOS
        self._ring = self._window + MOST_AHEAD - 1
        self._size = self._context + self._ring
        self._memory = [bound.empty(name, 0) for name in bound.model.local_caches]
        self._places = np.zeros(bound.rows, np.int64)
        """Where the first new token of each row goes, (B,)."""
        self._mask: F32 | None = None

    def room(self, first: int) -> int:
        """As :meth:`emoterm.kv_cache.KeyValueCache.room`: up to the end of the ring."""
        return min(self._size - self._place(first), MOST_AHEAD)

    def see(self, first: int, new: int) -> None:
        """As :meth:`emoterm.kv_cache.KeyValueCache.see`."""
        if first == 0:  # if these are more than the buffer holds, all of them stay for this one call
            self._make(max(new, self._size))
        elif self._memory[0].shape[-2] > self._size:
            self._keep(first)
        length = self._memory[0].shape[-2]
        if self._mask is None or len(self._mask) != new:
            self._mask = self._bound.bind_mask(LOCAL_MASK, new, length)
        if first == 0:
            self._mask[:] = _visible(first, new, self._context, self._window, length - self._context)
        else:
            turns = max(0, first - self._size) // self._ring  # what lies where comes again with each of them
            self._mask[:] = _visible_again(first - turns * self._ring, new, self._context, self._window, self._ring)
        self._places[:] = self._place(first)

    def _make(self, length: int) -> None:
        """Empty buffers."""
        self._memory = [self._bound.empty(name, length) for name in self._bound.model.local_caches]
        for name, memory in zip(self._bound.model.local_caches, self._memory, strict=True):
            self._bound.bind_in_place(name, memory)
        self._bound.bind(LOCAL_PLACES, self._places)
        self._mask = None

    def _keep(self, first: int) -> None:
        """Of a long beginning, what tokens from position ``first`` on still see moves into the ring."""
        read = self._memory
        self._make(self._size)
        kept = [*range(self._context), *range(max(self._context, first - self._window + 1), first)]
        for old, memory in zip(read, self._memory, strict=True):
            memory[..., [self._place(position) for position in kept], :] = old[..., kept, :]

    def _place(self, position: int) -> int:
        """Of a token in the buffer."""
        return position if position < self._context else self._context + (position - self._context) % self._ring


def _visible(first: int, new: int, context: int, window: int, ring: int) -> F32:
    """What the new tokens may see of the buffer, once they are written: (T, 1, L), 0 where they may look and −∞ where not.

    ``ring``: all places behind the context; of a long beginning that stays for one call, these are more than those of a ring.
    """
    token = np.arange(first, first + new)[:, None]  # (T, 1): positions
    newest = first + new - 1
    place = np.arange(context, context + ring)
    held = newest - (newest - place) % ring  # (R,): the position of the token that lies at each place
    in_ring = (held >= context) & (held <= token) & (held > token - window)  # (T, R)
    in_context = np.arange(context) <= token  # (T, context)
    visible = np.concatenate([in_context, in_ring], axis=1)
    return np.where(visible, np.float32(0), np.float32(-np.inf))[:, None]


_visible_again = functools.lru_cache(maxsize=256)(_visible)
