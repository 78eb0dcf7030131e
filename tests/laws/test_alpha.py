"""Laws of associated alpha."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoterm.imaging.compose import BLACK, F32, WHITE, from_uint8, over, over_uint8, premultiply, to_uint8, unpremultiply
from emoterm.imaging.resize import fit_square, resize

colors = st.tuples(*[st.integers(0, 255)] * 3)
seeds = st.integers(0, 2**32 - 1)


def random_picture(seed: int, height: int = 9, width: int = 7) -> F32:
    """(4, H, W), associated, with pixels of alpha 0 and 1 among the others."""
    rng = np.random.default_rng(seed)
    straight = rng.random((4, height, width), dtype=np.float32)
    straight[3] = np.clip(2 * straight[3] - 0.5, 0, 1)
    return premultiply(straight)


def red_disc(size_px: int) -> F32:
    """(4, size, size): an antialiased red disc; the pixels around it are green, but transparent."""
    y, x = np.mgrid[:size_px, :size_px]
    coverage = np.clip(0.4 * size_px - np.hypot(y - size_px / 2 + 0.5, x - size_px / 2 + 0.5), 0, 1)
    pixels = np.zeros((size_px, size_px, 4), np.uint8)
    pixels[..., :3] = np.where(coverage[..., None] > 0, [255, 0, 0], [0, 255, 0])
    pixels[..., 3] = np.rint(coverage * 255)
    return from_uint8(pixels)


def test_every_visible_8_bit_pixel_survives_the_way_in_and_out() -> None:
    alpha, value = np.mgrid[:256, :256].astype(np.uint8)
    pixels = np.stack([value, 255 - value, value // 2, alpha], axis=-1)  # (256, 256, 4)
    back = to_uint8(from_uint8(pixels))
    np.testing.assert_array_equal(back[1:], pixels[1:])
    assert np.all(back[0] == 0)  # alpha 0 has no colour


@given(seeds)
def test_unpremultiply_undoes_premultiply_where_there_is_alpha(seed: int) -> None:
    straight = np.random.default_rng(seed).random((2, 4, 5, 6), dtype=np.float32)
    straight[:, 3, 0] = 0
    back = unpremultiply(premultiply(straight))
    np.testing.assert_allclose(back[:, :, 1:], straight[:, :, 1:], atol=1e-5)
    assert np.all(back[:, :, 0] == 0)


@given(seeds)
def test_associated_colour_never_exceeds_alpha(seed: int) -> None:
    picture = random_picture(seed)
    assert np.all(picture[:3] <= picture[3])


@given(seeds, colors)
def test_over_is_rgb_plus_what_alpha_lets_through(seed: int, background: tuple[int, int, int]) -> None:
    picture = random_picture(seed)
    expected = [picture[c] + (1 - picture[3]) * (background[c] / 255) for c in range(3)]
    np.testing.assert_allclose(over(picture, background), expected, atol=1e-6)


@given(colors)
def test_opaque_hides_the_background_and_transparent_shows_it(background: tuple[int, int, int]) -> None:
    opaque, transparent = np.ones((4, 2, 2), np.float32), np.zeros((4, 2, 2), np.float32)
    assert np.all(over(opaque, background) == 1)
    np.testing.assert_allclose(over(transparent, background)[:, 0, 0] * 255, background, rtol=1e-6)


def test_over_is_white_unless_told() -> None:
    assert np.all(over(np.zeros((3, 4, 2, 2), np.float32)) == 1)


@pytest.mark.parametrize("background", [0, 1, 77, 254, 255])
def test_8_bit_over_is_the_nearest_to_the_exact_value(background: int) -> None:
    alpha, value = np.mgrid[:256, :256].astype(np.uint8)
    pixels = np.stack([value, value, value, alpha], axis=-1)  # (256, 256, 4)
    exact = (value.astype(float) * alpha + background * (255.0 - alpha)) / 255
    out = over_uint8(pixels, (background,) * 3)
    assert np.all(out[..., 3] == 255)
    assert np.abs(out[..., 0] - exact).max() <= 0.5


@given(seeds, st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None)
def test_a_resized_picture_is_still_a_picture(seed: int, width: int, height: int) -> None:
    out = resize(random_picture(seed), width, height)
    assert out.shape == (4, height, width)
    assert out.dtype == np.float32
    assert np.all((out[:3] >= 0) & (out[:3] <= out[3]) & (out[3] <= 1))


def test_resize_to_the_same_size_changes_nothing_and_shares_nothing() -> None:
    picture = random_picture(0)
    out = resize(picture, 7, 9)
    np.testing.assert_array_equal(out, picture)
    assert not np.shares_memory(out, picture)


@given(colors, st.integers(1, 255))
@settings(deadline=None)
def test_a_uniform_picture_stays_uniform_through_a_resize(color: tuple[int, int, int], alpha: int) -> None:
    pixels = np.broadcast_to(np.array([*color, alpha], np.uint8), (50, 50, 4))
    out = resize(from_uint8(pixels), 17, 23)
    np.testing.assert_allclose(out, np.broadcast_to(from_uint8(pixels)[:, :1, :1], (4, 23, 17)), atol=1e-5)


@pytest.mark.parametrize(("size_px", "to_px"), [(256, 64), (100, 64), (64, 20), (64, 128), (48, 64)])
def test_a_resize_leaves_no_halo_on_black_or_on_white(size_px: int, to_px: int) -> None:
    small = resize(red_disc(size_px), to_px, to_px)
    edge = (small[3] > 0.02) & (small[3] < 0.98)
    assert edge.sum() > 20
    on_black, on_white = over(small, BLACK)[:, edge], over(small, WHITE)[:, edge]
    alpha = small[3][edge]
    # On black an edge is red dimmed, on white red diluted, and nothing else: no green from below, no grey.
    np.testing.assert_allclose(on_black, [alpha, 0 * alpha, 0 * alpha], atol=1 / 255)
    np.testing.assert_allclose(on_white, [np.ones_like(alpha), 1 - alpha, 1 - alpha], atol=1 / 255)


def test_the_halo_test_sees_the_halo_of_straight_alpha() -> None:
    """The usual mistake, straight colours resized on their own, must not pass the test above."""
    y, x = np.mgrid[:256, :256]
    inside = np.hypot(y - 127.5, x - 127.5) < 100
    straight = np.stack([inside, ~inside, np.zeros_like(inside), inside]).astype(np.float32)
    wrong = straight.reshape(4, 64, 4, 64, 4).mean(axis=(2, 4))  # (4, 256, 256) -> (4, 64, 4, 64, 4) -> (4, 64, 64)
    edge = (wrong[3] > 0.02) & (wrong[3] < 0.98)
    assert over(premultiply(wrong), BLACK)[1, edge].max() > 0.1


@given(seeds, st.integers(1, 12), st.integers(1, 12))
@settings(deadline=None)
def test_fitting_into_a_square_pads_with_nothing(seed: int, height: int, width: int) -> None:
    picture = random_picture(seed, height, width)
    picture[:] = 1
    out = fit_square(picture, 24)
    covered = out[3] > 0
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    assert out.shape == (4, 24, 24)
    assert max(len(rows), len(columns)) == 24
    assert abs(len(rows) / len(columns) - height / width) <= 0.5 * max(1, height / width)
    assert abs((23 - rows[-1]) - rows[0]) <= 1  # in the middle
    assert abs((23 - columns[-1]) - columns[0]) <= 1
