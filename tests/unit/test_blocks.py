"""Terminal pictures, read back by a small terminal of our own."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest

import tests.screen
from emoterm.imaging.compose import BLACK, U8, WHITE, over_uint8
from emoterm.terminal.blocks import ASCII_RAMP, RAMP, half_block, shade
from emoterm.terminal.detect import Graphics, GraphicsChoice
from emoterm.terminal.show import picture_lines, plan, print_pictures
from tests.screen import Pixel


def screen(rows: list[str]) -> list[list[Pixel]]:
    """What a terminal shows: colour of each half cell."""
    return tests.screen.screen(rows, {" ": 0, "▀": 1, "▄": 2}.__getitem__, 1, 2)


def wanted(pixels: U8) -> list[list[Pixel]]:
    """Pixels with alpha 0 or 255 in the form of :func:`screen`."""
    return [[tuple(int(c) for c in pixel[:3]) if pixel[3] else None for pixel in row] for row in pixels]


def noise(height: int, width: int, seed: int = 0) -> U8:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[: height // 3, : width // 2, 3] = 0
    pixels[height // 2 :, width // 3 :, 3] = 255
    return pixels


@pytest.mark.parametrize("size", [(2, 1), (8, 5), (64, 64), (10, 200)])
def test_opaque_pixels_are_shown_exactly(size: tuple[int, int]) -> None:
    pixels = noise(*size)
    pixels[..., 3] = 255
    assert screen(half_block(pixels)) == wanted(pixels)


def test_all_four_kinds_of_cell_in_every_order() -> None:
    """Upper and lower pixel each painted or not, in all pairs of neighbours."""
    order = [a for first in range(4) for second in range(4) for a in (first, second)]
    pixels = np.zeros((2, len(order), 4), np.uint8)
    for column, kind in enumerate(order):
        for row in range(2):
            if kind >> row & 1:
                pixels[row, column] = (7, 100 + row, 200, 255)
    assert screen(half_block(pixels)) == wanted(pixels)


@pytest.mark.parametrize("seed", range(20))
def test_any_cut_out_picture_is_shown_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 3, (12, 30, 4), dtype=np.uint8) * 127  # few colours, so that neighbours are often equal
    pixels[..., 3] = rng.integers(0, 2, (12, 30)) * 255
    assert screen(half_block(pixels)) == wanted(pixels)


def test_black_is_painted() -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[..., 3] = 255
    assert screen(half_block(pixels)) == [[(0, 0, 0)] * 2] * 2


def test_a_transparent_picture_is_blanks_without_any_escape() -> None:
    pixels = np.zeros((6, 5, 4), np.uint8)
    pixels[..., :3] = 200  # colour that is hidden
    assert half_block(pixels) == [" " * 5] * 3
    assert half_block(pixels, matte=(9, 9, 9)) == [" " * 5] * 3


@pytest.mark.parametrize("background", [BLACK, WHITE, (30, 60, 200)])
def test_over_a_background_every_pixel_is_composed_and_painted(background: tuple[int, int, int]) -> None:
    pixels = noise(16, 12)
    assert screen(half_block(pixels, background=background)) == wanted(over_uint8(pixels, background))


@pytest.mark.parametrize("settings", [{}, {"background": (1, 2, 3)}, {"matte": (1, 2, 3)}])
def test_an_odd_height_leaves_the_last_half_row_alone(settings: dict[str, tuple[int, int, int]]) -> None:
    pixels = noise(7, 9)
    pixels[..., 3] = 255
    shown = screen(half_block(pixels, **settings))
    assert shown[:7] == wanted(pixels)
    assert shown[7] == [None] * 9


def test_on_an_unknown_terminal_edges_keep_their_own_colour() -> None:
    pixels = np.zeros((2, 4, 4), np.uint8)
    pixels[..., 0] = 255
    pixels[..., 3] = [0, 100, 128, 255]
    assert screen(half_block(pixels)) == [[None, None, (255, 0, 0), (255, 0, 0)]] * 2


@pytest.mark.parametrize("matte", [BLACK, WHITE])
def test_on_a_known_terminal_edges_are_composed_over_it(matte: tuple[int, int, int]) -> None:
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[..., 0] = 255
    pixels[..., 3] = [0, 51, 255]
    mixed = tuple(int(c) for c in over_uint8(pixels, matte)[0, 1, :3])
    assert screen(half_block(pixels, matte=matte)) == [[None, mixed, (255, 0, 0)]] * 2


def test_equal_neighbours_share_one_escape() -> None:
    pixels = np.full((2, 50, 4), 255, np.uint8)
    assert half_block(pixels)[0].count("\x1b") == 2  # set, and reset at the end


def test_the_input_is_left_as_it_was() -> None:
    pixels = noise(6, 6)
    before = pixels.copy()
    for settings in ({}, {"background": BLACK}, {"matte": WHITE}):
        half_block(pixels, **settings)
    shade(pixels)
    np.testing.assert_array_equal(pixels, before)


def test_drawing_is_much_faster_than_a_loop_over_cells() -> None:
    pixels = noise(64, 64)

    def loop() -> list[str]:
        rows = []
        for top, bottom in zip(pixels[0::2], pixels[1::2], strict=True):
            cells = []
            for (r, g, b, _), (s, h, c, _) in zip(top, bottom, strict=True):
                cells.append(f"\x1b[38;2;{r};{g};{b};48;2;{s};{h};{c}m▀")
            rows.append("".join(cells))
        return rows

    def seconds(draw: object, n: int) -> float:
        best = float("inf")
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(n):
                draw()
            best = min(best, (time.perf_counter() - start) / n)
        return best

    assert seconds(loop, 2) > 4 * seconds(lambda: half_block(pixels, background=BLACK), 20)


# --- without colours ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ascii_only", [False, True])
def test_shade_writes_ramp_characters_only(ascii_only: bool) -> None:
    rows = shade(noise(9, 11), ascii_only=ascii_only)
    assert [len(row) for row in rows] == [11] * 5
    assert set("".join(rows)) <= set(ASCII_RAMP if ascii_only else RAMP)
    assert not ascii_only or "".join(rows).isascii()


@pytest.mark.parametrize(("dark", "expected"), [(True, "░▒▓█"), (False, "█▓▒░")])
def test_shade_goes_with_brightness_and_against_it_on_a_light_terminal(dark: bool, expected: str) -> None:
    greys = np.array([0, 85, 170, 255], np.uint8)
    pixels = np.empty((2, 4, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = greys[:, None], 255
    assert shade(pixels, dark=dark) == [expected]


def test_shade_leaves_transparent_cells_blank_and_opaque_ones_not() -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[:, 1, 3] = 255
    for dark, color in ((True, 0), (False, 255)):
        pixels[..., :3] = color
        left, right = shade(pixels, dark=dark)[0]
        assert left == " "
        assert right != " "


# --- side by side ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 10, 16, 64])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (40, 10), (5, 3), (1, 1)])
def test_pictures_never_reach_over_the_edge_of_the_terminal(n: int, width: int, height: int) -> None:
    choice = GraphicsChoice(Graphics.GREY, "test")
    lines = list(picture_lines(np.stack([noise(64, 64)] * n), choice=choice, width=width, height=height))
    assert lines
    assert max(len(line) for line in lines) <= width


def test_pictures_are_as_large_as_lets_all_of_them_be_seen() -> None:
    assert plan(1, 64, 64, width=80, height=40) == (1, 64)
    assert plan(1, 64, 64, width=300, height=300) == (1, 64)  # never enlarged
    for n in (2, 3, 8, 16):
        columns, size_px = plan(n, 64, 64, width=200, height=60)
        assert -(-n // columns) * (-(-size_px // 2) + 1) < 60
        assert columns * (size_px + 2) - 2 <= 200
        larger = (200 + 2) // (size_px + 3)
        assert size_px == 64 or -(-n // min(n, larger)) * (-(-(size_px + 1) // 2) + 1) >= 60


def test_rows_are_evenly_filled() -> None:
    assert plan(16, 64, 64, width=120, height=40).columns == 4  # five would fit, and leave one alone in the fourth row


def test_pictures_too_many_to_be_seen_at_once_stay_recognisable() -> None:
    assert plan(100, 64, 64, width=80, height=24) == (3, 20)


def test_pictures_stand_in_reading_order_with_gaps() -> None:
    pictures = np.full((3, 2, 2, 4), 255, np.uint8)
    pictures[..., :3] = np.array([0, 128, 255], np.uint8).reshape(3, 1, 1, 1)
    choice = GraphicsChoice(Graphics.HALF, "test")
    lines = list(picture_lines(pictures, choice=choice, width=7, height=20))
    assert [screen([line])[0] for line in lines] == [[(0,) * 3] * 2 + [None] * 2 + [(128,) * 3] * 2, [], [(255,) * 3] * 2]


def test_print_writes_to_the_stream_only_if_pictures_are_wanted() -> None:
    pictures = np.stack([noise(8, 8)] * 2)
    stream = io.StringIO()
    print_pictures(pictures, choice=GraphicsChoice(Graphics.NONE, "test"), stream=stream)
    assert stream.getvalue() == ""
    print_pictures(pictures, choice=GraphicsChoice(Graphics.GREY, "test", ascii_only=True), stream=stream)
    assert stream.getvalue().isascii()
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 4
