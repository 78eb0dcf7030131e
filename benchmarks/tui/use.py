"""While it is used: from key to picture, how long the event loop stands still, and how often it draws."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row
from benchmarks.tui.start import PICTURE, PROGRAM
from benchmarks.tui.terminal import Terminal

LEFT, RIGHT, DOWN, END = b"\x1b[D", b"\x1b[C", b"\x1b[B", b"\x1b[F"
QUIET_SECONDS = 0.3
KEYS_PER_SECOND = 60
"""Twice as fast as a keyboard repeats."""
SIZES = {"80×24": (80, 24), "200×60": (200, 60)}


def slider_rows(*, quick: bool) -> Iterator[Row]:
    """From key to picture."""
    for label, size in SIZES.items():
        waits = slider(size, 5 if quick else 40)
        yield Row(f"morph slider, {label}: key to picture", 1000 * statistics.median(waits), "ms", at_most=50)
        yield Row(f"morph slider, {label}: the slowest of {len(waits)}", 1000 * max(waits), "ms")


def standing_rows(*, quick: bool) -> Iterator[Row]:
    """How long nothing moves."""
    for label, size in SIZES.items():
        block = longest_block(size, 1 if quick else 3)
        yield Row(f"longest stand of the event loop while 16 are sampled, {label}", 1000 * block, "ms", at_most=50)


def scroll_rows(*, quick: bool) -> Iterator[Row]:
    """How often it draws."""
    for label, size in SIZES.items():
        yield Row(f"scrolling the whole gallery, {label}", scroll(size, 2 if quick else None), "frames/s", at_least=30)


def slider(size: tuple[int, int], n: int) -> list[float]:
    """Seconds from a key on the slider to the last byte of the frame with the new picture."""
    with tempfile.TemporaryDirectory() as home, Terminal(PROGRAM, Path(home), size) as terminal:
        terminal.wait_for(PICTURE)
        terminal.settle(QUIET_SECONDS)
        terminal.type(b"3")
        terminal.wait_for("▲".encode())
        terminal.settle(QUIET_SECONDS)
        waits = []
        for number in range(n + 2):
            before = len(terminal.seen)
            pressed = time.perf_counter()
            terminal.type(RIGHT if number % 2 else LEFT)
            terminal.wait_for(PICTURE, since=before)
            waits.append(terminal.settle(QUIET_SECONDS / 3) - pressed)
        return waits[2:]  # the first ones are warming up


def longest_block(size: tuple[int, int], runs: int) -> float:
    """The longest time, in seconds, for which the event loop did nothing while sixteen emojis were written."""
    with tempfile.TemporaryDirectory() as home:
        beats = Path(home) / "beats"
        with Terminal(["-m", "benchmarks.tui.probe", str(beats)], Path(home), size) as terminal:
            terminal.wait_for(PICTURE)
            terminal.type(b"2")
            terminal.wait_for(b"temperature")
            terminal.settle(3 * QUIET_SECONDS)
            started = time.perf_counter()
            for _ in range(runs):
                before = len(terminal.seen)
                terminal.type(b"\r")
                terminal.wait_for(b" s\x1b", since=before)  # "seed 7, 0.4 s"
                terminal.settle(QUIET_SECONDS)
            ended = time.perf_counter()
        late = [tuple(map(float, line.split())) for line in beats.read_text().splitlines()]
    return max((seconds for when, seconds in late if started <= when <= ended), default=0.0)


def scroll(size: tuple[int, int], seconds: float | None) -> float:
    """Frames a second while the cursor goes down until nothing more comes, or for so long; keys come faster than that."""
    with tempfile.TemporaryDirectory() as home, Terminal(PROGRAM, Path(home), size) as terminal:
        terminal.wait_for(PICTURE)
        terminal.settle(3 * QUIET_SECONDS)
        first, started = len(terminal.frames), time.perf_counter()
        due = drawn = started
        while drawn > time.perf_counter() - 1 and (seconds is None or due < started + seconds):
            terminal.type(DOWN)
            due += 1 / KEYS_PER_SECOND
            while (left := due - time.perf_counter()) > 0:
                terminal.read(left)
            drawn = terminal.frames[-1]
        return (len(terminal.frames) - first) / (drawn - started)
