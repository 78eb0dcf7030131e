"""Which pictures share their steps."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.batches import batches_of, given_beginning

N_TOKENS, CONTEXT = 256, 10


def begun_with(*lengths: int) -> np.ndarray:
    """Pictures of which so many tokens are given at the beginning, and one more at the end."""
    known = np.full((len(lengths), N_TOKENS), -1)
    for row, length in zip(known, lengths, strict=True):
        row[:length] = 3
        row[-1] = 5
    return known


def sizes(known: np.ndarray, *, rows_each: int = 1, most_rows: int = 32, most_read: int = 8 * 266, threads: int = 2) -> list[int]:
    batches = batches_of(known, context=CONTEXT, rows_each=rows_each, most_rows=most_rows, most_read=most_read, threads=threads)
    assert [i for batch in batches for i in range(batch.start, batch.stop)] == list(range(len(known)))  # each once, in order
    for batch in batches:
        assert len(set(given_beginning(known[batch]).tolist())) == 1
    return [batch.stop - batch.start for batch in batches]


def test_the_beginning_ends_at_the_first_token_that_is_free() -> None:
    known = begun_with(0, 1, 40, 255)
    assert given_beginning(known).tolist() == [0, 1, 40, 256]
    assert given_beginning(known[:0]).shape == (0,)


@pytest.mark.parametrize(("n", "threads", "wanted"), [(0, 2, []), (1, 2, [1]), (16, 2, [8, 8]), (64, 2, [32, 32]), (65, 1, [21, 22, 22])])
def test_batches_are_alike_and_as_many_as_keep_every_thread_busy(n: int, threads: int, wanted: list[int]) -> None:
    assert sizes(begun_with(*[0] * n), threads=threads) == wanted


def test_a_guided_picture_is_two_rows() -> None:
    assert sizes(begun_with(*[0] * 64), rows_each=2) == [16] * 4


def test_only_neighbours_that_begin_alike_share_steps() -> None:
    assert sizes(begun_with(0, 0, 7, 7, 7, 0), threads=1) == [2, 3, 1]


def test_of_long_beginnings_fewer_are_read_at_once_but_always_one() -> None:
    assert sizes(begun_with(*[240] * 32), threads=1) == [8] * 4
    assert sizes(begun_with(*[240] * 4), rows_each=2, most_read=300, threads=1) == [1] * 4
