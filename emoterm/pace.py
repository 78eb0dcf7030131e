"""How many tokens a step ahead should read: as many as make most tokens final in a second, on this machine.

Where a step waits for its weights, six tokens take a third longer than one; where it waits for its products, they take several times as
long. Only the time depends on it: the tokens are the same.
"""

from __future__ import annotations

from collections import deque

FINAL = {1: 1.0, 2: 1.38, 3: 1.59, 4: 1.75, 6: 1.97}
"""Tokens that a step makes final, by how many it reads: ``python -m benchmarks.ahead``. Other bundles and prompts have other numbers, but
hardly another best size. The largest is also the most that the caches of local layers have room for
(:data:`emoterm.prior_model.MOST_AHEAD`): another one may change the last bit of a sum, and so the pictures of a seed."""
TRIES = 4
"""Of each size, in turns, before one is chosen. The fastest try counts: others were longer because something else came between."""
REMEMBERED = 8
"""Newest tries of each size that count."""
DOUBT = 16
"""Steps after which another size has its turn again: what was slow may have been so by chance, or because a decoder was loading."""


class Pace:
    """Learns while it is used; one for each number of rows. Threads may share it."""

    def __init__(self) -> None:
        self._seconds: dict[int, deque[float]] = {size: deque(maxlen=REMEMBERED) for size in FINAL}
        self._steps = 0

    def size(self) -> int:
        """Tokens to read in the next step, if there are as many."""
        self._steps += 1
        rarest = min(FINAL, key=lambda size: (len(self._seconds[size]), -size))
        if len(self._seconds[rarest]) < TRIES:
            return rarest
        if self._steps % DOUBT == 0:
            return list(FINAL)[self._steps // DOUBT % len(FINAL)]
        return max(FINAL, key=lambda size: FINAL[size] / min(self._seconds[size]))

    def took(self, size: int, seconds: float) -> None:
        """A step that read so many tokens has taken so long, more than no time."""
        if size in self._seconds:
            self._seconds[size].append(seconds)
