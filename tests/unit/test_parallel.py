"""Work on threads: the order of results, what an error does, and what closing does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoterm.errors import UsageError
from emoterm.parallel import MAX_DEFAULT_THREADS, in_order, interleaved, split_evenly, thread_count
from emoterm.tui.engine import Engine


@given(st.integers(0, 500), st.integers(1, 40), st.integers(1, 9))
def test_batches_cover_everything_once_and_are_nearly_equal(n: int, most: int, threads: int) -> None:
    parts = split_evenly(n, most=most, threads=threads)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(n))
    sizes = {part.stop - part.start for part in parts}
    assert max(sizes, default=0) <= most
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert len(parts) == n or len(parts) % threads == 0


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_the_order_of_the_tasks(threads: int) -> None:
    first_may_end = threading.Event()

    def work(task: int) -> int:
        if task == 0 and threads > 1:
            assert first_may_end.wait(5), "the second task runs beside the first"
        first_may_end.set()
        return task * task

    assert in_order(work, range(5), threads=threads) == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_interleaved_is_complete_and_each_task_in_order(threads: int) -> None:
    def count(task: int) -> Iterator[tuple[int, int]]:
        for i in range(4):
            yield task, i

    found = list(interleaved(count, range(5), threads=threads))
    assert sorted(found) == [(task, i) for task in range(5) for i in range(4)]
    for task in range(5):
        assert [i for which, i in found if which == task] == [0, 1, 2, 3]


def test_an_error_is_raised_where_the_results_are_read_and_stops_the_others() -> None:
    before = threading.active_count()

    def work(task: int) -> Iterator[int]:
        yield task
        if task == 1:
            raise KeyError("task 1")
        while True:
            yield task

    with pytest.raises(KeyError, match="task 1"):
        list(interleaved(work, range(3), threads=3))
    assert threading.active_count() == before


def test_a_slow_reader_holds_the_work_back() -> None:
    made = 0

    def work(task: int) -> Iterator[int]:
        nonlocal made
        for i in range(10_000):
            made += 1
            yield i

    results = interleaved(work, range(2), threads=2)
    next(results)
    assert made < 10_000
    results.close()  # type: ignore[attr-defined]


def test_threads_are_counted_from_the_cores_unless_given() -> None:
    assert 1 <= thread_count(None) <= MAX_DEFAULT_THREADS
    assert thread_count(12) == 12
    with pytest.raises(UsageError, match="--threads"):
        thread_count(0)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (64, 7)])
def test_the_terminal_interface_leaves_one_core_to_its_event_loop(
    cores: int, threads: int, tiny_bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("emoterm.parallel.usable_cores", lambda: cores)
    for name in ("codec.Codec", "prior.Prior"):
        monkeypatch.setattr(f"emoterm.{name}", lambda bundle, *, device, threads: asked.append(threads))
    engine = Engine(str(tiny_bundle_path), "cpu")
    assert (engine.codec, engine.prior) == (None, None)
    engine.close()
    assert asked == [threads, threads]
