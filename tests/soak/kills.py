"""Run work in a process of its own and kill it at a random moment, as a pulled plug would."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Job(Protocol):
    """Something that writes files and can be killed."""

    name: str
    share: float
    """Of the budget of a whole soak."""

    def work(self) -> None:
        """Do it, or go on with it. Runs in the process that is killed."""

    def check(self) -> int:
        """After a kill: everything that can be read is whole.

        Returns:
            Records that were reported as written and are not there any more.
        """

    def finish(self) -> int:
        """Run it again to its end and look at all of it; then begin anew. Returns records lost, as :meth:`check`."""


@dataclass
class Tally:
    """What became of the faults of one job."""

    name: str
    injected: int = 0
    """Processes killed before they were done."""
    survived: int = 0
    """Kills after which everything read back was whole."""
    reruns: int = 0
    """Runs that went to their end after one or more kills."""
    records_lost: int = 0


def in_child(work: Callable[[], None]) -> int:
    """Fork, and run work in the child; returns its process id. It ends with 0, or with 1 and the traceback on stderr."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.setpgid(0, 0)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def run_whole(work: Callable[[], None]) -> float:
    """Run work in a child to its end; returns the seconds it took.

    Raises:
        AssertionError: it failed.
    """
    started = time.monotonic()
    _, status = os.waitpid(in_child(work), 0)
    assert status == 0, f"ended with {os.waitstatus_to_exitcode(status)}"
    return time.monotonic() - started


def kill_at_random(work: Callable[[], None], within_s: float, rng: random.Random) -> bool:
    """Run work in a child and send SIGKILL after a random time. Returns whether it was killed before it was done.

    Raises:
        AssertionError: it failed by itself.
    """
    child = in_child(work)
    time.sleep(rng.uniform(0, within_s))
    os.kill(child, signal.SIGKILL)  # one that has ended waits for waitpid, so this is the right process
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL), f"ended with {os.waitstatus_to_exitcode(status)}"
    return os.WIFSIGNALED(status)


def torture(job: Job, *, kills: int, seconds: float, rng: random.Random, between_reruns: int = 5) -> Tally:
    """Kill a job again and again, and let it finish after every few kills.

    Args:
        job: see :class:`Job`.
        kills: how many.
        seconds: stop earlier when they are over.
        rng: of the moments.
        between_reruns: kills after which the job is run to its end.
    """
    tally = Tally(job.name)
    whole_s = run_whole(job.work)
    tally.records_lost += job.finish()
    end = time.monotonic() + seconds
    attempts = 0
    while tally.injected < kills and time.monotonic() < end and attempts < 4 * kills:
        attempts += 1
        if not kill_at_random(job.work, whole_s, rng):
            continue
        tally.injected += 1
        tally.records_lost += job.check()
        tally.survived += 1
        if tally.injected % between_reruns == 0:
            tally.records_lost += job.finish()
            tally.reruns += 1
    tally.records_lost += job.finish()
    tally.reruns += 1
    return tally


class Told:
    """What a child has reported as done, in a file that survives it: one line each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, line: str) -> None:
        with self.path.open("ab") as file:
            file.write(line.encode() + b"\n")

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []
