"""How many tokens a step ahead should read: as many as make most tokens final in a second, on this machine.

Where a step waits for its weights, six tokens take a third longer than one; where it waits for its products, they take two and a half times
as long. Only the time depends on it: the tokens are the same.
"""

from __future__ import annotations

import math

FINAL = {1: 1.0, 2: 1.38, 3: 1.59, 4: 1.75, 6: 1.97}
"""Tokens that a step makes final, by how many it reads: ``python -m benchmarks.ahead``. Other bundles and prompts have other numbers, but
hardly another best size."""
TRIES = 3
"""Of each size. The fastest counts: the first makes room, and another program may come between."""


class Pace:
    """Learns from the first steps; one for each number of rows."""

    def __init__(self) -> None:
        self._seconds: dict[int, list[float]] = {size: [] for size in FINAL}

    def size(self) -> int:
        """Tokens to read in the next step, if there are as many."""
        untried = [size for size, tried in self._seconds.items() if len(tried) < TRIES]
        return max(untried) if untried else max(FINAL, key=lambda size: FINAL[size] / min(self._seconds[size]))

    def took(self, size: int, seconds: float) -> None:
        """A step that read so many tokens has taken so long."""
        tried = self._seconds.get(size, [])
        if len(tried) < TRIES:
            tried.append(max(seconds, math.ulp(1.0)))
