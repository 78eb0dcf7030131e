"""Memory that was freed and that the C library keeps all the same. Only glibc, of Linux, is told anything.

Pictures are made in passing threads, and come and go by the thousand: without this, memory grows for as long as the program is used.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_ARENA_MAX = -8
"""From malloc.h."""
_HEAPS = 2


def share_heaps() -> None:
    """Let all threads share two heaps, where each would hold on to one of its own; to be called before there are threads."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # other C libraries have no such setting
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Hand to the system what is free; takes some milliseconds."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
