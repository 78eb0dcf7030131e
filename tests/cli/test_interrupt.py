"""Ctrl-C is not lost where compiled code swallows the exception."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from emoterm.cli import interrupt
from emoterm.cli.progress import progress


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    interrupt.remember_interrupts()
    yield
    interrupt.remember_interrupts()  # forget what was seen
    signal.signal(signal.SIGINT, before)


def test_a_swallowed_interrupt_ends_the_work_at_its_next_step() -> None:
    with progress("Working") as update:
        update(1, 2)
        with pytest.raises(KeyboardInterrupt):  # what an extension module would swallow
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            update(2, 2)


def test_without_an_interrupt_nothing_is_raised() -> None:
    interrupt.check_interrupt()
    assert signal.getsignal(signal.SIGINT) is interrupt._on_interrupt
