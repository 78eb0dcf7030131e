"""Ctrl-C that cannot get lost.

Python raises KeyboardInterrupt wherever the main thread happens to be, and compiled code may swallow it there: an extension module that is
just being imported, a callback whose errors are ignored. So the signal is also remembered, and long work asks between its steps.

Raised within Python's own import it would do worse: the lock of all imports stays taken, and whoever imports on another thread, such as a
model that opens in the background, waits for ever, and with it who waits for the model. So there it waits for the end of the import.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from types import FrameType

_seen = threading.Event()
_IMPORT = "<frozen importlib"
"""Where the code of Python's import lies."""
_AGAIN_SECONDS = 0.01
_AT_MOST_SECONDS = 10.0
"""An import that takes longer is interrupted all the same."""
_waiting_since: float | None = None
"""When it was pressed within an import that has not ended yet."""
_again = False
"""Whether the next one comes from here and from nobody's keyboard."""


def remember_interrupts() -> None:
    """Install the handler; for a program of its own, not for a library call."""
    global _waiting_since
    _seen.clear()
    _waiting_since = None
    signal.signal(signal.SIGINT, _on_interrupt)


def check_interrupt() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and its first exception came to nothing."""
    global _waiting_since
    if _seen.is_set():
        _waiting_since = None
        raise KeyboardInterrupt


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    global _waiting_since, _again
    again, _again = _again, False
    if again and _waiting_since is None:
        return  # it has been told meanwhile
    _seen.set()
    if _is_import(frame):
        now = time.monotonic()
        _waiting_since = now if _waiting_since is None else _waiting_since
        if now - _waiting_since < _AT_MOST_SECONDS:
            _thread.start_new_thread(_press_again, ())  # and no Timer, which takes locks that the interrupted code may hold
            return
    _waiting_since = None
    raise KeyboardInterrupt


def _is_import(frame: FrameType | None) -> bool:
    """Whether an import is under way in a frame or below it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORT):
            return True
        frame = frame.f_back
    return False


def _press_again() -> None:
    global _again
    time.sleep(_AGAIN_SECONDS)
    if _waiting_since is None:
        return
    _again = True
    if sys.platform == "win32":
        _thread.interrupt_main(signal.SIGINT)
    else:
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)  # which also wakes it up where it reads or waits by now
