"""Progress on stderr: a bar for work that takes longer than a second; for work of hours the rate too, and lines where stderr is a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emoterm.cli.interrupt import check_interrupt
from emoterm.cli.report import is_quiet, narrate

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S = 1.0
LINE_EVERY_S = 30.0


@contextmanager
def progress(what: str, *, things: str | None = None) -> Iterator[Callable[[int, int], None]]:
    """Report progress while the block runs.

    Nothing appears in the first second, with ``--quiet``, nor where stderr is no terminal; the bar is gone when the block ends.

    Args:
        what: what is being done, for the person.
        things: what is counted, in the plural, for work of hours: the rate is told, and where stderr is no terminal a line now and then.

    Yields:
        A function of (done, total) to call after each piece of work.
    """
    started = said = time.monotonic()
    bar: Progress | None = None

    def update(done: int, total: int) -> None:
        nonlocal bar, said
        check_interrupt()
        now = time.monotonic()
        if bar is None and not is_quiet() and sys.stderr.isatty() and now - started > PATIENCE_S:
            bar = _start_bar()
            bar.add_task(what)
        text = what if things is None else pace(things, done, total, now - started)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=total, description=text)
        elif things is not None and not sys.stderr.isatty() and now - said >= LINE_EVERY_S:
            said = now
            narrate(text)

    try:
        yield update
    finally:
        if bar is not None:
            bar.stop()


def pace(things: str, done: int, total: int, seconds: float) -> str:
    """``1,024 of 10,000 emojis, 42.1 a second, 4 min left``; without rate and time left as long as nothing is done."""
    counted = f"{done:,} of {total:,} {things}"
    if not done or seconds <= 0:
        return counted
    left = (total - done) * seconds / done
    unit, size = next(((unit, size) for unit, size in (("d", 86400), ("h", 3600), ("min", 60)) if left >= 2 * size), ("s", 1))
    return f"{counted}, {done / seconds:.1f} a second, {left / size:.0f} {unit} left"


def _start_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar
