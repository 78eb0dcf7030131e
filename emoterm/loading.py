"""Models that will be asked for soon are opened in the background, while the program does something else."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from emoterm.session import load_onnxruntime


def open_soon(opening: Callable[[], object]) -> None:
    """Begin to open a model. What goes wrong will go wrong again where it is asked for.

    One after the other, in the order of the calls: side by side, what is needed first would be ready when all is. A program that ends
    meanwhile waits for what has begun: Python stops a daemon thread by unwinding it, and C++ code on its stack calls abort().

    ONNX Runtime itself is imported first, and here: an import holds Python's lock, so in the background it would wait for every other
    import that the program has yet to make, and the models, which need the lock but for moments, with it.
    """
    with contextlib.suppress(Exception):
        load_onnxruntime()
    with _lock:
        _waiting.append(opening)
        if len(_waiting) > 1:
            return  # there is a thread, which will come to it
        try:
            threading.Thread(target=_open_all).start()
        except BaseException:
            _waiting.clear()
            raise


_waiting: deque[Callable[[], object]] = deque()
"""What is being opened, and what still will be; the thread that does it ends when there is nothing left."""
_lock = threading.Lock()


def _open_all() -> None:
    while True:
        with contextlib.suppress(BaseException):
            _waiting[0]()
        with _lock:
            _waiting.popleft()
            if not threading.main_thread().is_alive():
                _waiting.clear()  # nobody will ask for it any more
            if not _waiting:
                return
