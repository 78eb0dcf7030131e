"""Memory after much use: ten thousand actions on all six screens, by keys, read from outside the program."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row
from benchmarks.tui.start import PICTURE, PROGRAM
from benchmarks.tui.terminal import Terminal

ACTIONS, LIMIT_SECONDS = 10_000, 240
FLAT_MIB = 5
_UP, _DOWN, _RIGHT, _LEFT, _END, _HOME = (b"\x1b[" + letter for letter in (b"A", b"B", b"C", b"D", b"F", b"H"))
_WORDS = (b"cat", b"heart", b"face", b"tree", b"car", b"moon")
_PAUSE_SECONDS, _IDLE_SHARE, _PATIENCE_SECONDS = 0.02, 0.25, 3.0
"""The program is done with what it was given when for so long nothing came from it, and it used no more than this share of one core."""


def hour(*, quick: bool) -> Iterator[Row]:
    """The most it ever took, and what it grew in the second half."""
    actions, done, memory = use_for_long(ACTIONS // 20 if quick else ACTIONS)
    half = [mib for at, mib in memory if at >= done / 2]
    few = max(1, len(half) // 5)
    growth = statistics.median(half[-few:]) - statistics.median(half[:few])
    yield Row(f"memory of emoterm tui in {done:,} actions, at most", max(mib for _, mib in memory), "MiB", at_most=350)
    yield Row("its growth over the last half", growth, "MiB", at_most=FLAT_MIB, note="" if done >= actions else "cut short by the clock")


def use_for_long(actions: int) -> tuple[int, int, list[tuple[int, float]]]:
    """Use the program.

    Returns:
        How many actions were wanted, how many were done, and the resident MiB after so many of them.
    """
    memory: list[tuple[int, float]] = []
    until = time.perf_counter() + LIMIT_SECONDS
    done = round_number = 0
    with tempfile.TemporaryDirectory() as home, Terminal(PROGRAM, Path(home)) as terminal:
        terminal.wait_for(PICTURE)
        while done < actions and time.perf_counter() < until:
            for keys in _round(round_number):
                for key in keys:
                    terminal.type(key)
                _settle(terminal)
                done += len(keys)
            round_number += 1
            memory.append((done, _resident_mib(terminal.process.pid)))
            del terminal.seen[:], terminal.frames[:]
    return actions, done, memory


def _settle(terminal: Terminal) -> None:
    """Wait until the program rests. Silence alone may be that of a program that is too busy to draw."""
    until = time.perf_counter() + _PATIENCE_SECONDS
    while time.perf_counter() < until:
        worked, started = _worked_seconds(terminal.process.pid), time.perf_counter()
        terminal.settle(_PAUSE_SECONDS)
        if _worked_seconds(terminal.process.pid) - worked < _IDLE_SHARE * (time.perf_counter() - started):
            return


def _worked_seconds(pid: int) -> float:
    """Processor time of all threads of a process that still run."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:  # a thread that has just ended
            continue
    return total


def _round(number: int) -> Iterator[list[bytes]]:
    """Every screen once; each list is typed at once, as by a quick hand."""
    word = _WORDS[number % len(_WORDS)]
    yield [b"1", b"/", *(bytes([letter]) for letter in word)]
    yield [b"\r", _RIGHT, _RIGHT, _DOWN, b"a", _RIGHT, b"b", b"t", b"t", b"g"]
    yield [b"\x1b", b"\x1b", *[_DOWN] * 12, _END, _HOME, b"w"]
    yield [b"3", *[_RIGHT] * 8, *[_LEFT] * 8, b"p", b"s"]
    yield [b"4", _RIGHT, _RIGHT, _LEFT, b"k"]
    yield [b"5", *[_RIGHT] * 6, *[_DOWN] * 4, b"\t", _UP, b"\r", b"u"]
    if number % 5 == 0:
        yield [b"2", b"\r"]
        yield [_RIGHT, _DOWN, b"k", b"x", b"u"]
    yield [b"6", _RIGHT, b"f", b"x", b"?", b"?"]  # one is deleted for each that was kept


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
