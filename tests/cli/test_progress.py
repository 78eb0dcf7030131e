"""The progress bar of long work."""

from __future__ import annotations

import contextlib
import io

import pytest

from emoterm.cli import progress as module
from emoterm.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def report_to(stderr: io.StringIO) -> str:
    """What half of some work writes."""
    with contextlib.redirect_stderr(stderr), progress("Making emojis") as update:
        update(1, 2)
    return stderr.getvalue()


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """All work counts as long."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_short_work_shows_nothing() -> None:
    assert report_to(Terminal()) == ""


@pytest.mark.usefixtures("no_patience")
def test_long_work_shows_a_bar_and_takes_it_away() -> None:
    written = report_to(Terminal())
    assert "Making emojis" in written
    assert "50%" in written
    assert written.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")  # cursor shown again, line cleared


@pytest.mark.usefixtures("no_patience")
def test_without_a_terminal_nothing_is_shown() -> None:
    assert report_to(io.StringIO()) == ""


@pytest.mark.usefixtures("no_patience")
def test_an_interrupt_gives_the_terminal_back() -> None:
    stderr = Terminal()

    def work() -> None:
        with progress("Making emojis") as update:
            update(1, 2)
            raise KeyboardInterrupt

    with contextlib.redirect_stderr(stderr), pytest.raises(KeyboardInterrupt):
        work()
    assert stderr.getvalue().endswith("\x1b[?25h\r\x1b[1A\x1b[2K")
