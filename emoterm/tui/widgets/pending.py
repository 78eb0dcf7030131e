"""What a grid still has to draw: the event loop says what it wants, one worker takes it bit by bit.

What is wanted is replaced as a whole when the grid is scrolled, so that no worker draws what is out of view by now.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from emoterm.tui.widgets.drawn_thumbs import Cell
from emoterm.tui.widgets.thumb import Look

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

Job = tuple[Cell, "U8 | None"]
"""A cell and its picture; None where that is to be loaded first."""


class Pending:
    """Pictures that were given, the newest of each key, and cells that are in view. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[Hashable, Job] = {}
        self._wanted: list[Job] = []
        self._taken: set[Cell] = set()
        self._look: Look | None = None
        self._is_served = False

    def give(self, cell: Cell, pixels: U8, look: Look) -> bool:
        """Have a picture (H, W, 4) drawn, and not the one of the same key that was given before, if that still waits.

        Returns:
            Whether a worker must be started.
        """
        with self._lock:
            self._given[cell.thumb.key] = cell, pixels
            return self._must_begin(look)

    def want(self, jobs: Iterable[Job], look: Look) -> bool:
        """Have these drawn, in this order, and no others that were wanted before.

        Returns:
            Whether a worker must be started.
        """
        with self._lock:
            if look != self._look:
                self._taken.clear()
            self._wanted = [job for job in jobs if job[0] not in self._taken]
            return bool(self._wanted) and self._must_begin(look)

    def take(self, n: int) -> tuple[list[Job], Look] | None:
        """Up to ``n`` jobs, those given first; None when there are none, and the worker must end."""
        with self._lock:
            if self._given:
                jobs = [self._given.pop(key) for key in list(self._given)[:n]]
            else:
                jobs, self._wanted = self._wanted[:n], self._wanted[n:]
            self._taken = {cell for cell, _ in jobs}
            if self._look is None or not jobs:
                self._is_served = False
                return None
            return jobs, self._look

    def abandon(self) -> None:
        """The worker has failed: forget everything, so that the next request starts another."""
        with self._lock:
            self._given.clear()
            self._wanted.clear()
            self._taken.clear()
            self._is_served = False

    def _must_begin(self, look: Look) -> bool:
        self._look = look
        begins, self._is_served = not self._is_served, True
        return begins
