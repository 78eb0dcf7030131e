"""A progress bar on stderr for work that takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emoterm.cli.interrupt import check_interrupt
from emoterm.cli.report import is_quiet

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S = 1.0


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Report progress while the block runs.

    Nothing appears in the first second, with ``--quiet``, nor where stderr is no terminal; the bar is gone when the block ends.

    Args:
        what: what is being done, for the person.

    Yields:
        A function of (done, total) to call after each piece of work.
    """
    started = time.monotonic()
    bar: Progress | None = None

    def update(done: int, total: int) -> None:
        nonlocal bar
        check_interrupt()
        if bar is None and not is_quiet() and sys.stderr.isatty() and time.monotonic() - started > PATIENCE_S:
            bar = _start_bar()
            bar.add_task(what)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=total)

    try:
        yield update
    finally:
        if bar is not None:
            bar.stop()


def _start_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar
