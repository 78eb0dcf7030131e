"""Pillow's remarks on broken metadata that does not matter, kept quiet while pictures are read."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Before Python 3.14, and mostly in it, warnings.catch_warnings swaps state of the whole process: two threads that did so at once could
# leave it swapped. The first of those that read swaps it, the last one puts it back; in between they do not wait for each other.
_PER_THREAD = bool(getattr(sys.flags, "context_aware_warnings", False))
_lock = threading.Lock()
_readers = 0
_before = warnings.catch_warnings()


@contextmanager
def without_remarks() -> Iterator[None]:
    """Ignore warnings while the block runs; safe from several threads."""
    global _readers, _before
    if _PER_THREAD:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
        return
    with _lock:
        if not _readers:
            _before = warnings.catch_warnings()
            _before.__enter__()
            warnings.simplefilter("ignore")
        _readers += 1
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if not _readers:
                _before.__exit__(None, None, None)
