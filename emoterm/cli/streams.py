"""Standard streams that somebody closed: ``emoterm search cat >&-``."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Put nothing in the place of each standard stream that is closed: reading finds its end, what is written is gone.

    Python leaves ``None`` where a stream was closed, which has no ``write``, and the next file that anybody opens gets its number:
    warnings of compiled code would go into a picture.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, os.O_RDONLY if mode == "r" else os.O_WRONLY)  # the lowest free number, which most often is this one
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)  # as the other two are
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False))
