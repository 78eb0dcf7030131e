"""Independent pieces of work side by side on threads. ONNX Runtime lets go of Python's lock while it computes, so threads use all cores."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

from emoterm.errors import UsageError
from emoterm.session import usable_cores

T = TypeVar("T")
R = TypeVar("R")

# A whole server for one batch of emojis would be rude, and each thread holds a cache of some 5 MB.
MAX_DEFAULT_THREADS = 8

# Results that wait for a slow reader; more would only cost memory.
_MAX_WAITING = 64
_POLL_SECONDS = 0.1


def thread_count(wanted: int | None) -> int:
    """``wanted``, or as many as this process has cores, at most :data:`MAX_DEFAULT_THREADS`.

    Raises:
        UsageError: fewer than one thread.
    """
    if wanted is None:
        return min(usable_cores(), MAX_DEFAULT_THREADS)
    if wanted < 1:
        raise UsageError(f"--threads must be at least 1, is {wanted}.")
    return wanted


def split_evenly(n: int, *, most: int, threads: int) -> list[slice]:
    """Cut ``n`` pictures into batches of nearly equal size.

    Args:
        n: how many.
        most: the largest batch.
        threads: the number of batches is a multiple of it where there are enough pictures, so that no thread idles at the end.
    """
    if n == 0:
        return []
    rounds = -(-n // (most * threads))
    count = min(n, rounds * threads)
    edges = [n * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def in_order(work: Callable[[T], R], tasks: Sequence[T], *, threads: int) -> list[R]:
    """``[work(task) for task in tasks]``, on several threads. The first error is raised here."""
    if threads == 1 or len(tasks) < 2:
        return [work(task) for task in tasks]
    with ThreadPoolExecutor(min(threads, len(tasks))) as pool:
        return list(pool.map(work, tasks))


def interleaved(work: Callable[[T], Iterator[R]], tasks: Sequence[T], *, threads: int) -> Iterator[R]:
    """What the iterators ``work(task)`` yield, as it comes; each runs on one thread. Closing the iterator, or an error, stops them all.

    With one thread, or one task, nothing runs ahead of the reader.
    """
    if threads == 1 or len(tasks) < 2:
        for task in tasks:
            yield from work(task)
        return
    results: queue.Queue[R | BaseException | None] = queue.Queue(_MAX_WAITING)
    waiting = iter(tasks)
    lock = threading.Lock()
    stop = threading.Event()

    def hand_over(item: R | BaseException | None) -> None:
        while not stop.is_set():
            try:
                results.put(item, timeout=_POLL_SECONDS)
                return
            except queue.Full:
                continue

    def run() -> None:
        try:
            while not stop.is_set():
                with lock:
                    task = next(waiting, None)
                if task is None:
                    break
                for item in work(task):
                    hand_over(item)
                    if stop.is_set():
                        return
            hand_over(None)
        except BaseException as error:  # raised again in the thread that reads
            hand_over(error)

    workers = [threading.Thread(target=run, daemon=True) for _ in range(min(threads, len(tasks)))]
    try:
        for worker in workers:
            worker.start()
        running = len(workers)
        while running:
            try:
                # With a timeout: on Windows a get() without one cannot be interrupted by Ctrl-C.
                found = results.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(found, BaseException):
                raise found
            if found is None:
                running -= 1
            else:
                yield found
    finally:
        stop.set()
        for worker in workers:
            if worker.ident is not None:
                worker.join()
