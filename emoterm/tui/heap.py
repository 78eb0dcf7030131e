"""Memory that was freed and that the C library keeps all the same. Only glibc, of Linux, is told anything.

Pictures are made in passing threads, and come and go by the thousand: without this, memory grows for as long as the program is used.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
"""From malloc.h."""
_HEAPS = 2
_LARGE_BYTES = 1 << 19
"""What is larger goes back to the system as soon as it is freed: what the prior is told of pictures, and what it needs to read many tokens
at once, which takes longer for it. Unless it is told, the C library soon takes megabytes for small."""


def share_heaps() -> None:
    """Let all threads share two heaps for what is small, where each would have one of its own; to be called before there are threads."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # other C libraries have no such setting
            library = ctypes.CDLL(None)
            library.mallopt(_M_ARENA_MAX, _HEAPS)
            library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Hand to the system what is free; takes some milliseconds."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
