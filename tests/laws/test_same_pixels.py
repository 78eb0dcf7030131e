"""The same seed gives the same pixels, however the work is cut: batches, threads, shards."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.imaging.compose import to_uint8
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition

N, SEED = 9, 5
PARAMS = SamplingParams(0.95, 50, 0.98)


def pixels(bundle: Bundle, *, threads: int, batch_size: int | None, first: int = 0, n: int = N) -> np.ndarray:
    """(n, H, W, 4) of pictures ``first`` … of the seed; every third has a style."""
    prior = Prior(bundle, device="cpu", threads=threads)
    styles = prior.vocabulary.styles
    conditions = [Condition(styles[0]) if i % 3 == 0 else Condition() for i in range(first, first + n)]
    tokens = prior.generate(conditions, seed=SEED, params=PARAMS, first_picture=first, batch_size=batch_size)
    return to_uint8(Codec(bundle, device="cpu", threads=threads).decode_tokens(tokens))


@pytest.fixture(params=["tiny", "default"])
def bundle(request: pytest.FixtureRequest, tiny_bundle: Bundle, default_bundle: Bundle) -> Bundle:
    return tiny_bundle if request.param == "tiny" else default_bundle


def test_pixels_do_not_depend_on_how_the_work_is_cut(bundle: Bundle) -> None:
    expected = pixels(bundle, threads=1, batch_size=None)
    for threads, batch_size in ((1, 1), (1, 7), (2, 64), (2, 3), (2, 1)):
        assert np.array_equal(pixels(bundle, threads=threads, batch_size=batch_size), expected), (threads, batch_size)
    shards = [pixels(bundle, threads=2, batch_size=None, first=0, n=4), pixels(bundle, threads=1, batch_size=2, first=4, n=5)]
    assert np.array_equal(np.concatenate(shards), expected)
    assert len(np.unique(expected.reshape(N, -1), axis=0)) == N  # (N, H, W, 4) → (N, H·W·4)
