"""What stays of a picture, and what the prior may write."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoterm.errors import UsageError
from emoterm.steering import FREE, free_least_likely, keep_rows, keep_share

TOKENS = np.random.default_rng(3).integers(0, 512, 256)


@given(st.floats(0, 1), st.integers(0, 2**64 - 1))
def test_the_share_that_stays_is_exact_and_unchanged(keep: float, seed: int) -> None:
    known = keep_share(TOKENS, keep, 3, columns=16, seed=seed)
    assert ((known != FREE).sum(axis=1) == round(keep * 256)).all()
    assert (known[known != FREE] == np.tile(TOKENS, (3, 1))[known != FREE]).all()


def test_what_stays_depends_on_the_seed_and_on_the_picture_alone() -> None:
    first, again = (keep_share(TOKENS, 0.4, 4, columns=16, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(keep_share(TOKENS, 0.4, 2, columns=16, seed=7), first[:2])
    assert len({row.tobytes() for row in first}) == 4
    assert (keep_share(TOKENS, 0.4, 4, columns=16, seed=8) != first).any()


def test_tokens_stay_in_patches() -> None:
    known = keep_share(TOKENS, 0.5, 1, columns=16, seed=1).reshape(8, 2, 8, 2).transpose(0, 2, 1, 3).reshape(64, 4)  # patches of 2 × 2
    assert set((known != FREE).sum(axis=1).tolist()) == {0, 4}


def test_all_and_nothing() -> None:
    assert (keep_share(TOKENS, 1, 1, columns=16, seed=0) == TOKENS).all()
    assert (keep_share(TOKENS, 0, 1, columns=16, seed=0) == FREE).all()


@pytest.mark.parametrize("rows", [1, 8, 15])
def test_the_top_rows_stay(rows: int) -> None:
    known = keep_rows(TOKENS, rows, 2, columns=16)
    assert (known[:, : rows * 16] == TOKENS[: rows * 16]).all()
    assert (known[:, rows * 16 :] == FREE).all()


def test_the_least_likely_tokens_are_freed() -> None:
    bits = np.array([1.0, 9.0, 3.0, 5.0])
    assert free_least_likely(np.arange(4), bits, 0.5).tolist() == [0, FREE, 2, FREE]
    assert free_least_likely(np.arange(4), bits, 0).tolist() == [0, 1, 2, 3]
    assert free_least_likely(np.arange(4), bits, 1).tolist() == [FREE] * 4
    assert free_least_likely(np.arange(4), np.ones(4), 0.25).tolist() == [0, 1, 2, FREE]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_shares_outside_of_0_to_1_are_refused(share: float) -> None:
    with pytest.raises(UsageError, match="--keep"):
        keep_share(TOKENS, share, 1, columns=16, seed=0)
    with pytest.raises(UsageError, match="--repaint"):
        free_least_likely(TOKENS, np.zeros(256), share)


@pytest.mark.parametrize("rows", [-1, 0, 16, 99])
def test_rows_that_leave_nothing_or_everything_are_refused(rows: int) -> None:
    with pytest.raises(UsageError, match="between 1 and 15"):
        keep_rows(TOKENS, rows, 1, columns=16)
