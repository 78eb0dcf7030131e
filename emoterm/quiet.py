"""Who may write to the terminal: compiled libraries may not, and what the program says never goes missing meanwhile.

File descriptor 2 and ``sys.stdout`` belong to the whole process, and models are opened on background threads. So whoever diverts them
holds :data:`output_lock`, and whoever has something to say takes it first.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import IO

output_lock = threading.RLock()


def _sink() -> IO[bytes]:
    """A file for what nobody may see; nothing is remembered where no temporary file can be made, as on a full disk."""
    import tempfile

    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")


@contextlib.contextmanager
def captured_output() -> Iterator[Callable[[], str]]:
    """Keep file descriptor 2, where C++ code writes, off the terminal; yields a function that reads what was written."""
    with output_lock, _sink() as sink:

        def read_output() -> str:
            sink.seek(0)
            return sink.read().decode(errors="replace")

        try:
            saved = os.dup(2)
        except OSError:  # no stderr at all, as under pythonw
            yield read_output
            return
        try:
            with contextlib.suppress(AttributeError, OSError, ValueError):
                sys.stderr.flush()
            os.dup2(sink.fileno(), 2)
            yield read_output
        finally:
            os.dup2(saved, 2)
            os.close(saved)
