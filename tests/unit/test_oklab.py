"""Oklab, there and back."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.oklab import straight_oklab, to_oklab, to_srgb


@pytest.mark.parametrize(
    ("srgb", "lab"),
    [  # worked out by hand from the definition of Oklab
        ((1, 1, 1), (1.0, 0.0, 0.0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_oklab(srgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    assert np.allclose(to_oklab(np.array(srgb, float)), lab, atol=1e-4)
    assert np.allclose(to_srgb(np.array(lab)), srgb, atol=1e-3)


def test_a_colour_is_the_same_however_much_shines_through() -> None:
    picture = np.zeros((4, 2, 3), np.float32)
    picture[3] = [[1.0, 0.5, 0.25], [0.1, 1.0, 0.0]]
    picture[0] = picture[3]  # associated: red, more or less opaque
    lab = straight_oklab(picture)
    assert lab.shape == (2, 3, 3)
    assert np.allclose(lab.reshape(-1, 3)[:5], to_oklab(np.array([1.0, 0.0, 0.0])), atol=1e-3)
    assert np.allclose(lab[1, 2], 0)
