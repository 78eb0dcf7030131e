"""Clocks: things measured turn and turn about, and programs measured from their start to their end or to their first line."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence


def interleaved(work: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True) -> dict[str, float]:
    """Median seconds of each, over rounds in which every one of them runs once; a first, uncounted round warms them up."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + warm):
        for name, run in work.items():
            started = time.perf_counter()
            run()
            if number >= warm:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def programs(commands: Mapping[str, Sequence[str]], rounds: int, *, warm: bool = True) -> dict[str, float]:
    """Median seconds from start to end of each Python program, given as arguments of the interpreter."""

    def start(arguments: Sequence[str]) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return interleaved({name: start(arguments) for name, arguments in commands.items()}, rounds, warm=warm)


def first_lines(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Median seconds from the start of each Python program to the first line that it prints; how long it takes to end does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):  # the first one does not count
        for name, arguments in commands.items():
            started = time.perf_counter()
            with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE) as program:
                assert program.stdout is not None
                line = program.stdout.readline()
                took = time.perf_counter() - started
            if program.returncode or not line:
                raise subprocess.CalledProcessError(program.returncode, program.args)
            if number:
                seconds[name].append(took)
    return {name: statistics.median(values) for name, values in seconds.items()}


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)
