"""What keeps the event loop from standing still while the interpreter tidies up.

A full garbage collection walks over every object there is, a few hundred thousand once the gallery is read, and holds the interpreter for a
tenth of a second. So it waits for a moment in which nobody types and nothing runs.
"""

from __future__ import annotations

import gc
import time

from emoterm.tui.heap import give_back

_YOUNG, _MIDDLE, _NEVER = 2000, 10, 1_000_000
"""Thresholds of the three generations: young objects are collected as they come, which takes a millisecond or two."""
_QUIET_SECONDS = 1.0
_DUE, _OVERDUE = 2, 40
"""Collections of the middle generation, 20,000 objects each, after which a full one is worth while, and after which it waits no longer."""


class Smooth:
    """Settings of the garbage collector for as long as there is an event loop to be kept smooth."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._last_event = time.monotonic()
        self._is_settled = False

    def begin(self) -> None:
        """Change the settings of the whole process."""
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)

    def end(self) -> None:
        """Put them back."""
        gc.set_threshold(*self._before)
        if self._is_settled:
            gc.unfreeze()

    def note_event(self) -> None:
        """A person did something, or something runs."""
        self._last_event = time.monotonic()

    def tidy(self, *, is_busy: bool) -> bool:
        """Called now and then: collect, if it is a good moment or cannot wait.

        Args:
            is_busy: whether something runs that should not stand still.

        Returns:
            Whether it did.
        """
        if is_busy:
            self.note_event()
        pending = gc.get_count()[2]
        is_quiet = not is_busy and time.monotonic() - self._last_event >= _QUIET_SECONDS
        if pending < _DUE or not (is_quiet or pending >= _OVERDUE):
            return False
        gc.collect()
        if not self._is_settled:
            # What there is by the first time, modules and the gallery, stays to the end: it need not be walked over again.
            gc.freeze()
            self._is_settled = True
        give_back()
        return True
