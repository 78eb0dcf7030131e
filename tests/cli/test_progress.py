"""The progress bar of long work."""

from __future__ import annotations

import contextlib
import io
from types import SimpleNamespace

import pytest

from emoterm.cli import progress as module
from emoterm.cli.progress import pace, progress


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


def test_long_work_tells_its_pace_in_a_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    with progress("Making emojis", things="emojis") as update:
        for now in range(0, 100, 10):
            update(now * 2, 10_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "60 of 10,000 emojis, 2.0 a second, 83 min left"
    assert len(lines) == 3  # every thirty seconds


@pytest.mark.parametrize(
    ("done", "seconds", "text"),
    [
        (0, 5, "0 of 1,000,000 emojis"),
        (1000, 10, "1,000 of 1,000,000 emojis, 100.0 a second, 3 h left"),
        (1000, 1000, "1,000 of 1,000,000 emojis, 1.0 a second, 12 d left"),
        (999_990, 9999.9, "999,990 of 1,000,000 emojis, 100.0 a second, 0 s left"),
    ],
)
def test_the_pace_is_what_was_done_over_the_time(done: int, seconds: float, text: str) -> None:
    assert pace("emojis", done, 1_000_000, seconds) == text
