"""The way from one picture to another."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.errors import UsageError
from emoterm.morphing import MorphPath, walk, walk_to


@pytest.mark.parametrize("path", get_args(MorphPath))
def test_a_walk_goes_to_equal_shares_of_the_way(tiny_bundle: Bundle, path: MorphPath) -> None:
    codec = Codec(tiny_bundle, device="cpu")
    grids = np.random.default_rng(5).integers(0, len(codec.codebook), (2, 16, 16))
    a, b = codec.lookup(grids)
    way = walk(a, b, 5, path, codec=codec)
    assert np.array_equal(way, walk_to(a, b, [0, 0.25, 0.5, 0.75, 1], path, codec=codec))
    assert np.array_equal(way[0], a)
    assert np.array_equal(way[-1], b)
    assert np.array_equal(way[[2]], walk_to(a, b, [0.5], path, codec=codec))
    if path == "codes":
        assert np.array_equal(way, codec.lookup(codec.quantize(way)))


def test_no_step_and_an_unknown_path_are_refused(tiny_bundle: Bundle) -> None:
    codec = Codec(tiny_bundle, device="cpu")
    a, b = np.zeros((2, 4, 16, 16), np.float32)
    with pytest.raises(UsageError, match="--steps"):
        walk(a, b, 0, "lerp", codec=codec)
    with pytest.raises(UsageError, match="--path zigzag"):
        walk_to(a, b, [0.5], "zigzag", codec=codec)  # type: ignore[arg-type]
