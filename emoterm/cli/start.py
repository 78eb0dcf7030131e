"""Where the installed program and ``python -m emoterm`` begin: before anything is imported that takes time, as Ctrl-C counts at once."""

from __future__ import annotations

import gc
import sys

_INTERRUPTED = 130
_YOUNG = 50_000
"""Objects between two collections, many times Python's own number: a command makes a hundred thousand before its first picture, and
keeps them."""


def run() -> None:
    """Entry point: the whole program, whose imports an early Ctrl-C ends as it ends everything else."""
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    try:
        from emoterm.cli.streams import open_closed_streams

        open_closed_streams()
        from emoterm.cli.interrupt import check_interrupt, remember_interrupts

        remember_interrupts()
        from emoterm.cli.main import run as run_program

        check_interrupt()  # an import may have swallowed it
        run_program()
    except KeyboardInterrupt:  # within the command line it is main.py that says so
        _end()
    finally:
        # Python remembers that exec("…") was interrupted, by which dataclasses are made, even where the interrupt was caught: then it
        # would end by the signal and not with the exit code. It forgets at the next one.
        exec("")
        gc.freeze()  # at its end Python looks through all objects for cycles, time and again, which the system is rid of sooner


def _end() -> None:
    if sys.stderr is not None:
        print("error: Interrupted.", file=sys.stderr)
    sys.exit(_INTERRUPTED)
