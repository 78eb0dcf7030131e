"""The parts of a soak, each with a budget of seconds and a row of figures."""

from __future__ import annotations

import importlib.util
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emoterm.library import Library
from tests.hostile.mutate import mutate
from tests.hostile.targets import TARGETS, seeds, try_input
from tests.soak.jobs import JOBS, RECIPE, LibraryWrites, read_whole
from tests.soak.kills import in_child, torture

KILLS = 200
SLOW_S = 20
WRITERS_SHARE = 0.03
"""Of the budget, for processes that write into one library."""


@dataclass
class Row:
    """What one part found."""

    part: str
    faults_injected: int = 0
    faults_survived: int = 0
    inputs_tried: int = 0
    crashes: int = 0
    hangs: int = 0
    records_lost: int = 0
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong."""
        return self.faults_injected == self.faults_survived and not (self.crashes or self.hangs or self.records_lost)


def fuzzing(name: str, seconds: float, seed: int) -> Row:
    """Damaged inputs for one decoder: guided by coverage where atheris is installed, else by chance."""
    if importlib.util.find_spec("atheris"):
        from tests.hostile.fuzz import fuzz

        found = fuzz(name, seconds, Path("out/fuzz"), seed)
        return Row(f"hostile input: {name}", inputs_tried=found.inputs, crashes=found.crashes, hangs=found.hangs)
    rng, row = random.Random(seed), Row(f"hostile input: {name}")
    corpus = [path.read_bytes() for path in seeds(name)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutate(rng.choice(corpus), corpus, rng)
        started = time.thread_time()
        try:
            try_input(TARGETS[name], data)
        except Exception:
            row.crashes += 1
            _set_aside(data, f"{name}-crash-{row.inputs_tried}")
        if time.thread_time() - started > SLOW_S:
            row.hangs += 1
            _set_aside(data, f"{name}-hang-{row.inputs_tried}")
        row.inputs_tried += 1
    return row


def _set_aside(data: bytes, name: str) -> None:
    out = Path("out/fuzz")
    out.mkdir(parents=True, exist_ok=True)
    (out / name).write_bytes(data)


def killing(job_type: type, kills: int, seconds: float, seed: int) -> Row:
    """``kill -9`` at random moments of one job."""
    with tempfile.TemporaryDirectory() as folder:
        tally = torture(job_type(Path(folder)), kills=kills, seconds=seconds, rng=random.Random(seed))
    return Row(f"kill -9: {tally.name}", faults_injected=tally.injected, faults_survived=tally.survived, records_lost=tally.records_lost)


def two_writers(rounds: int, seconds: float, writers: int = 2, pictures: int = 5) -> Row:
    """Several processes keep pictures under one name, and mark them, at the same time."""
    row = Row("two processes, one library")
    end = time.monotonic() + seconds
    while row.faults_injected < rounds and (time.monotonic() < end or not row.faults_injected):
        with tempfile.TemporaryDirectory() as folder:
            row.records_lost += _write_together(Path(folder), writers, pictures)
        row.faults_injected += 1
        row.faults_survived += 1
    return row


def _write_together(folder: Path, writers: int, pictures: int) -> int:
    """Returns the records that are missing."""
    import os

    noise = LibraryWrites(folder)._noise
    library = Library(folder / "library")

    def write() -> None:
        for _ in range(pictures):
            library.set_favourite(library.keep(noise, RECIPE, name="cat"), True)

    children = [in_child(write) for _ in range(writers)]
    assert all(os.waitpid(child, 0)[1] == 0 for child in children), "a writer failed"
    kept = library.entries()
    assert all(read_whole(each.path) == RECIPE for each in kept)
    wanted = writers * pictures
    return (wanted - len(kept)) + (wanted - sum(each.favourite for each in kept))


def all_parts(budget_s: float, kills: int, seed: int) -> list[tuple[str, Callable[[], Row]]]:
    """Every part, with its share of the budget: that of a job makes room for as many kills as the others have."""
    parts: list[tuple[str, Callable[[], Row]]] = []
    for job in JOBS:
        parts.append((job.name, lambda job=job: killing(job, kills, budget_s * job.share, seed)))  # type: ignore[misc]
    parts.append(("two writers", lambda: two_writers(kills, budget_s * WRITERS_SHARE)))
    left = 1 - WRITERS_SHARE - sum(job.share for job in JOBS)
    for name in TARGETS:
        parts.append((name, lambda name=name: fuzzing(name, budget_s * left / len(TARGETS), seed)))  # type: ignore[misc]
    return parts
