"""How many tokens a step ahead should read: as many as make most tokens final in a second, on this machine.

Where a step waits for its weights, six tokens take a third longer than one; where it waits for its products, they take several times as
long. Only the time depends on it: the tokens are the same.

How fast a machine is changes from one moment to the next by more than the sizes differ. So they are compared in rounds, a step of each
one after the other, by their shares of what the round took. A step that follows one of another size binds its buffers as well, which the
rounds count. They begin with the largest, so where that is in use it seems a little cheaper than it is beside the others.
"""

from __future__ import annotations

import threading
from collections import deque

FINAL = {1: 1.0, 2: 1.38, 3: 1.59, 4: 1.75, 6: 1.97}
"""Tokens that a step makes final, by how many it reads: ``python -m benchmarks.ahead``. Other bundles and prompts have other numbers, but
hardly another best size. The largest is also the most that the caches of local layers have room for
(:data:`emoterm.prior_model.MOST_AHEAD`): another one may change the last bit of a sum, and so the pictures of a seed."""
ROUNDS = 3
"""Made at the beginning, one after the other."""
REMEMBERED = 15
"""Newest rounds that count, by the middle one of each size."""
DOUBT = 128
"""Steps after which another round is due: there may be other work for the machine by now. Until :data:`REMEMBERED` rounds are known,
a quarter as many."""


class Pace:
    """Learns while it is used; one for each number of rows. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: dict[int, deque[float]] = {size: deque(maxlen=REMEMBERED) for size in FINAL}
        self._round: dict[int, float] = {}
        """Seconds of the sizes that had their turn in the round that is being made."""
        self._due = ROUNDS
        self._rested = 0
        """Steps since the last round."""
        self._best = max(FINAL)

    def size(self) -> int:
        """Tokens to read in the next step, if there are as many."""
        with self._lock:
            if not self._due:
                self._rested += 1
                knows_enough = len(self._shares[self._best]) == REMEMBERED
                self._due = int(self._rested >= (DOUBT if knows_enough else DOUBT // 4))
            return max(FINAL.keys() - self._round.keys()) if self._due else self._best

    def took(self, size: int, seconds: float) -> None:
        """A step that read so many tokens has taken so long, more than no time."""
        with self._lock:
            if not self._due or size not in FINAL or size in self._round:
                return
            self._round[size] = seconds
            if len(self._round) < len(FINAL):
                return
            whole = sum(self._round.values())
            for turn, took in self._round.items():
                self._shares[turn].append(took / whole)
            self._best = max(FINAL, key=lambda size: FINAL[size] / _middle(self._shares[size]))
            self._round = {}
            self._due -= 1
            self._rested = 0


def _middle(shares: deque[float]) -> float:
    """The median; of an even number the upper one of two."""
    return sorted(shares)[len(shares) // 2]
