"""Which pictures share their steps, and how many of them: the size of a batch bounds the memory, and changes no token."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoterm.parallel import split_evenly

I64 = NDArray[np.int64]


class BatchSizes(NamedTuple):
    """The most that one device takes at once."""

    writing: int
    """Rows that share a step."""
    reading: int
    """Pictures that are read as a whole in one call."""


ON_CPU = BatchSizes(writing=32, reading=8)
"""More rows win hardly anything: keys and values, which grow with every row, are read from further away. And what a call that reads whole
pictures needs for them is not kept, so it should not be hundreds of megabytes."""
ON_CUDA = BatchSizes(writing=256, reading=256)
"""A GPU waits for its next kernel rather than for arithmetic, and 256 caches are 200 MB."""


def given_beginning(known: I64) -> I64:
    """How many tokens are given from the start of each picture on.

    Args:
        known: (N, n_tokens); −1 where the prior writes.

    Returns:
        (N,).
    """
    free = known < 0
    count: I64 = np.where(free.any(axis=1), free.argmax(axis=1), known.shape[1])
    return count


def batches_of(known: I64, *, context: int, rows_each: int, most_rows: int, most_read: int, threads: int) -> list[slice]:
    """Neighbours that begin with as many given tokens, so that these are read in one call.

    Args:
        known: (N, n_tokens); −1 where the prior writes.
        context: positions before the first token.
        rows_each: of a picture: two where it is guided.
        most_rows: of a batch.
        most_read: positions that such a call reads at most, those of all rows together.
        threads: see :func:`emoterm.parallel.split_evenly`.

    Returns:
        Parts of the N, in order.
    """
    if not len(known):
        return []
    begun = given_beginning(known)
    edges = [0, *(np.flatnonzero(np.diff(begun)) + 1).tolist(), len(known)]
    batches = []
    for start, stop in pairwise(edges):
        rows = min(most_rows, most_read // (context + int(begun[start])))
        parts = split_evenly(stop - start, most=max(1, rows // rows_each), threads=threads)
        batches += [slice(start + part.start, start + part.stop) for part in parts]
    return batches
