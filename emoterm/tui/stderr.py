"""Two owners of one terminal: Textual draws on standard error, and compiled libraries are kept off it by diverting file descriptor 2.

Diverting it (:func:`emoterm.quiet.captured_output`) while models load behind the first screen would swallow the screen as well. So Textual
gets a duplicate of standard output, which is the same terminal, also where standard error goes to a file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def private_stderr() -> Iterator[None]:
    """While this is open ``sys.__stderr__`` is a file on a descriptor of its own, a duplicate of standard output.

    Nothing changes where the process has no standard output.
    """
    original = sys.__stderr__
    try:
        duplicate = os.dup(1)
    except OSError:
        yield
        return
    with open(duplicate, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        sys.__stderr__ = file  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stderr__ = original  # type: ignore[misc]
