"""Enlarging: exact sizes, no colours or light that were not there, and closer to the truth than the usual filters."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.imaging.compose import from_uint8, over, to_uint8
from emoterm.imaging.resize import resize
from emoterm.imaging.upscale import enlarge, scale_to
from emoterm.quality import psnr, ssim


def flat_art(size: int) -> np.ndarray:
    """A face drawn at eight times the size and shrunk: (4, size, size), associated alpha."""
    side = 8 * size
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[np.hypot(y - 0.5, x - 0.5) < 0.45] = (250, 200, 40, 255)
    for eye in (0.35, 0.65):
        pixels[np.hypot((y - 0.4) / 1.5, x - eye) < 0.06] = (60, 30, 20, 255)
    pixels[(np.abs(np.hypot(y - 0.5, x - 0.5) - 0.27) < 0.03) & (y > 0.6)] = (200, 30, 60, 255)
    return resize(from_uint8(pixels), size, size)


@pytest.mark.parametrize(("factor", "gain_db"), [(2, 0.7), (4, 0.2)])
def test_it_is_closer_to_the_truth_than_lanczos(factor: int, gain_db: float) -> None:
    truth = flat_art(128)
    small = resize(truth, 128 // factor, 128 // factor)
    ours, theirs = (over(picture)[None] for picture in (enlarge(small, 128), resize(small, 128, 128)))
    wanted = over(truth)[None]
    assert psnr(wanted, ours)[0] > psnr(wanted, theirs)[0] + gain_db
    assert ssim(wanted, ours)[0] > ssim(wanted, theirs)[0]


@pytest.mark.parametrize("size_px", [64, 65, 112, 128, 256, 512])
def test_any_size_and_no_light_that_was_not_there(size_px: int) -> None:
    picture = flat_art(64)
    large = enlarge(picture, size_px)
    assert large.shape == (4, size_px, size_px)
    assert (large >= 0).all()
    assert (large[:3] <= large[3:]).all()
    assert (large[3] <= 1).all()
    for channel in range(4):
        assert large[channel].max() <= picture[channel].max()
    # What was flat stays flat.
    np.testing.assert_allclose(large[:, size_px // 2, size_px // 2], picture[:, 32, 32], atol=1e-6)


def test_an_edge_keeps_its_colour() -> None:
    disc = flat_art(64)
    disc[:3] = disc[3:] * np.float32([0.9, 0.5, 0.2]).reshape(3, 1, 1)
    large = to_uint8(enlarge(disc, 256)).astype(int)
    seen = large[..., 3] > 64
    assert np.abs(large[seen][:, :3] - [230, 128, 51]).max() <= 2


def test_what_has_the_size_already_is_left_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 4), dtype=np.uint8)
    assert scale_to(pixels, 64) is pixels
    assert scale_to(pixels, 32).shape == (2, 32, 32, 4)
    assert scale_to(pixels, 96).shape == (2, 96, 96, 4)
    np.testing.assert_array_equal(scale_to(pixels, 96), scale_to(pixels, 96))
