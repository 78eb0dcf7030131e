"""Ctrl-C that cannot get lost.

Python raises KeyboardInterrupt wherever the main thread happens to be, and compiled code may swallow it there: an extension module that is
just being imported, a callback whose errors are ignored. So the signal is also remembered, and long work asks between its steps.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_seen = threading.Event()


def remember_interrupts() -> None:
    """Install the handler; for a program of its own, not for a library call."""
    _seen.clear()
    signal.signal(signal.SIGINT, _on_interrupt)


def check_interrupt() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and its first exception came to nothing."""
    if _seen.is_set():
        raise KeyboardInterrupt


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    _seen.set()
    raise KeyboardInterrupt
