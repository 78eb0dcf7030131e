"""Grids: where each picture goes."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.errors import UsageError
from emoterm.imaging.compose import U8
from emoterm.imaging.grid import beside, make_grid


def numbered(n: int, height: int = 4, width: int = 3) -> U8:
    """Opaque pictures, each of one grey: 1, 2, 3 …"""
    pixels = np.empty((n, height, width, 4), np.uint8)
    pixels[..., :3] = np.arange(1, n + 1).reshape(n, 1, 1, 1)
    pixels[..., 3] = 255
    return pixels


def test_pictures_go_left_to_right_then_down_with_transparent_gaps() -> None:
    grid = make_grid(numbered(5), columns=3, gap_px=2)
    assert grid.shape == (4 + 2 + 4, 3 * 3 + 2 * 2, 4)
    assert grid[::6, ::5, 0].tolist() == [[1, 2, 3], [4, 5, 0]]
    assert np.all(grid[4:6] == 0)
    assert np.all(grid[:, 3:5] == 0)
    assert np.all(grid[6:, 10:] == 0)


def test_one_picture_is_itself() -> None:
    np.testing.assert_array_equal(make_grid(numbered(1)), numbered(1)[0])


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (10, 4), (16, 4), (17, 5)])
def test_the_default_is_nearly_a_square(n: int, columns: int) -> None:
    assert make_grid(numbered(n, 8, 8), gap_px=0).shape[1] == 8 * columns


def test_more_columns_than_pictures_make_one_row_without_empty_places() -> None:
    assert make_grid(numbered(3, 4, 4), columns=99, gap_px=1).shape == (4, 14, 4)


def test_scale_makes_each_pixel_a_block() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (4, 5, 5, 4), dtype=np.uint8)
    grid, large = make_grid(pictures), make_grid(pictures, scale=3)
    assert large.shape == (3 * grid.shape[0], 3 * grid.shape[1], 4)
    for dy in range(3):
        for dx in range(3):
            np.testing.assert_array_equal(large[dy::3, dx::3], grid)


def test_a_background_fills_gaps_and_shows_through() -> None:
    pictures = numbered(3)
    pictures[0, ..., 3] = 0
    grid = make_grid(pictures, columns=2, background=(10, 20, 30))
    assert np.all(grid[..., 3] == 255)
    assert grid[0, 0].tolist() == [10, 20, 30, 255]
    assert grid[0, 3].tolist() == [10, 20, 30, 255]
    assert grid[0, 5].tolist() == [2, 2, 2, 255]


def test_inputs_are_left_as_they_were() -> None:
    pictures = numbered(3)
    make_grid(pictures, background=(1, 2, 3))
    np.testing.assert_array_equal(pictures, numbered(3))


@pytest.mark.parametrize(
    ("settings", "flag"),
    [({"columns": 0}, "--columns"), ({"columns": -2}, "--columns"), ({"scale": 0}, "--scale"), ({"scale": 100_000}, "--scale")],
)
def test_senseless_values_name_their_flag(settings: dict[str, int], flag: str) -> None:
    with pytest.raises(UsageError, match=flag):
        make_grid(numbered(4), **settings)


def test_no_pictures_is_refused() -> None:
    with pytest.raises(UsageError, match="no picture"):
        make_grid(numbered(0))


def test_each_original_stands_in_front_of_what_became_of_it() -> None:
    originals = np.arange(2, dtype=np.uint8)[:, None, None, None].repeat(4, axis=3)
    results = np.arange(10, 16, dtype=np.uint8)[:, None, None, None].repeat(4, axis=3)
    assert beside(originals, results)[:, 0, 0, 0].tolist() == [0, 10, 11, 12, 1, 13, 14, 15]
