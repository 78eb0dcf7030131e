"""Methods of screens and widgets that run in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from textual import work
from textual.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(*, group: str, exclusive: bool = False) -> Callable[[Callable[P, T]], Callable[P, Worker[T]]]:
    """Textual's ``@work`` for threads whose errors end no program: the method tells of them itself.

    Args:
        group: of the workers.
        exclusive: a call cancels those of its group that still run.
    """

    def decorate(method: Callable[P, T]) -> Callable[P, Worker[T]]:
        # Without a description Textual writes out all arguments, in the event loop and at each call, and arrays take milliseconds.
        name = method.__name__
        return work(thread=True, group=group, exclusive=exclusive, exit_on_error=False, description=name)(method)

    return decorate
