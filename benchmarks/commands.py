"""``python -m benchmarks.commands``: how long a person waits for a command, from the start of its process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from benchmarks.machine import describe
from benchmarks.timing import say

ROUNDS = 9
LIBRARIES = "import typer, numpy, onnxruntime"
"""What none of the commands with a model can go below."""
COMMANDS = {
    LIBRARIES: ["-c", f"{LIBRARIES}; print()"],
    "import typer": ["-c", "import typer; print()"],
    "emoterm --help": ["-m", "emoterm", "--help"],
    "completing emoterm show oct": ["-m", "emoterm", "emoterm show oct"],
    "emoterm search cat": ["-m", "emoterm", "search", "cat"],
    "emoterm show 🚀": ["-m", "emoterm", "show", "🚀", "--graphics", "half"],
    "emoterm morph 😊 😍": ["-m", "emoterm", "morph", "😊", "😍", "-o", "-"],
    "emoterm sample --n 1 --free": ["-m", "emoterm", "sample", "--n", "1", "--free", "--seed", "3", "-o", "-"],
    "emoterm sample --n 1": ["-m", "emoterm", "sample", "--n", "1", "--seed", "3", "-o", "-"],
    'emoterm sample --n 1 --prompt "red heart"': ["-m", "emoterm", "sample", "--n", "1", "--prompt", "red heart", "--seed", "3", "-o", "-"],
    "emoterm sample --n 16": ["-m", "emoterm", "sample", "--n", "16", "--seed", "3", "-o", "-"],
}
COMPLETING = "completing"


def main() -> None:
    """Print a line for each command."""
    say(str(describe()))
    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for number in range(ROUNDS + 1):  # the first one fills the caches of the disk
            for name, arguments in COMMANDS.items():
                took = waited(arguments, {"_EMOTERM_COMPLETE": "bash"} if name.startswith(COMPLETING) else {}, folder)
                if number:
                    seconds[name].append(took)
    first, last = ({name: statistics.median(took[i] for took in times) for name, times in seconds.items()} for i in (0, 1))
    print(f"{'command':42} {'first ms':>8} {'end ms':>8} {'ratio':>6}")
    for name in COMMANDS:
        print(f"{name:42} {1000 * first[name]:8.0f} {1000 * last[name]:8.0f} {last[name] / last[LIBRARIES]:6.2f}")


def waited(arguments: list[str], variables: Mapping[str, str], folder: str) -> tuple[float, float]:
    """Seconds from the start of a Python program to the first line that it writes, and to its end.

    Args:
        arguments: of the interpreter.
        variables: of the environment, besides those of this process.
        folder: where it runs.
    """
    path = os.pathsep.join(filter(None, (os.getcwd(), os.environ.get("PYTHONPATH"))))  # it runs elsewhere, but the same emoterm
    environment = {**os.environ, "PYTHONPATH": path, **variables}
    started = time.perf_counter()
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=environment) as program:
        assert program.stdout is not None
        program.stdout.readline()
        first = time.perf_counter() - started
        program.stdout.read()
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, command)
    return first, time.perf_counter() - started


if __name__ == "__main__":
    main()
