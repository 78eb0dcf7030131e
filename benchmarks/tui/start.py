"""First paint: from the start of the process to the first frame, beside the smallest program that Textual can draw."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Row
from benchmarks.tui.terminal import Terminal

PROGRAM = ["-m", "emoterm", "tui", "--device", "cpu"]
SCREEN, PICTURE = b"Browse", "▀".encode()
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("Browse")

Bare().run()
"""


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process."""

    screen: float
    """To the first frame that shows the screen: nothing is painted before it."""
    picture: float
    """To the first picture."""


def start_of_program(home: Path) -> Start:
    """Start the program once."""
    with Terminal(PROGRAM, home) as terminal:
        screen = terminal.wait_for(SCREEN) - terminal.started
        return Start(screen, terminal.wait_for(PICTURE) - terminal.started)


def start_of_textual(home: Path) -> float:
    """Seconds to the first frame of a program with one line of text."""
    with Terminal(["-c", BARE], home) as terminal:
        return terminal.wait_for(SCREEN) - terminal.started


def first_paint(*, quick: bool) -> Iterator[Row]:
    """Turn and turn about, after a round that fills the caches of the disk."""
    starts, bare = [], []
    with tempfile.TemporaryDirectory() as home:
        for number in range(2 if quick else 8):
            start, alone = start_of_program(Path(home)), start_of_textual(Path(home))
            if number:
                starts.append(start)
                bare.append(alone)
    yield Row("emoterm tui: first paint", 1000 * statistics.median(start.screen for start in starts), "ms", at_most=500)
    yield Row("emoterm tui: first picture", 1000 * statistics.median(start.picture for start in starts), "ms")
    yield Row("a bare Textual program: first paint", 1000 * statistics.median(bare), "ms", note="what nothing on Textual can go below")
