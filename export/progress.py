"""Progress of long work, shown by whoever asks for it: a command of the app hands in its bar, and nothing here knows the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from trainer.progress import TrainingProgress

Report = Callable[[int, int], None]
"""Called with the pieces of work that are done and those there are."""
Progress = Callable[[str], AbstractContextManager[Report]]
"""Given what is being done, for the person: shows progress for the length of a ``with`` block, by what it is told there."""


def untold(what: str) -> AbstractContextManager[Report]:
    """Nothing is shown: what a library call does that asks for nothing else."""
    return nullcontext(lambda done, total: None)


@contextmanager
def as_in_training(what: str) -> Iterator[Report]:
    """The bar of a training run, or lines where stderr is a log: for command lines of this package, whose work takes hours."""
    with ExitStack() as stack:
        bar: TrainingProgress | None = None

        def report(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:  # what an earlier call has done tells nothing of the time that is left
                bar = stack.enter_context(TrainingProgress(what, total=total, done=done))
            else:
                bar.update(done, total=total)

        yield report
