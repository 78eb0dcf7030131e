"""Octants: the characters by their Unicode names, the pictures read back from the text."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import unicodedata2

import tests.screen
from emoterm.imaging.compose import BLACK, U8, WHITE, over_uint8
from emoterm.terminal.detect import Graphics, GraphicsChoice
from emoterm.terminal.octants import octant, octant_characters
from emoterm.terminal.show import picture_lines, plan
from tests.screen import Pixel

# Octants 1 to 8 along the rows, as sets of bits, by the words of the older names.
_UPPER, _LOWER, _LEFT, _RIGHT = 0x0F, 0xF0, 0x55, 0xAA
_QUARTERS = {"UPPER ONE": 0x03, "LOWER ONE": 0xC0, "UPPER THREE": 0x3F, "LOWER THREE": 0xFC}


def pattern_of_name(name: str) -> int:
    """Which octants a character fills, from its Unicode name."""
    if name in ("SPACE", "FULL BLOCK"):
        return 0xFF if name == "FULL BLOCK" else 0
    if name.startswith("BLOCK OCTANT-"):
        return sum(1 << int(digit) - 1 for digit in name.removeprefix("BLOCK OCTANT-"))
    if name.startswith("QUADRANT "):
        parts = [part.split() for part in name.removeprefix("QUADRANT ").split(" AND ")]
        return sum((_UPPER if row == "UPPER" else _LOWER) & (_LEFT if side == "LEFT" else _RIGHT) for row, side in parts)
    if name in ("UPPER HALF BLOCK", "LOWER HALF BLOCK", "LEFT HALF BLOCK", "RIGHT HALF BLOCK"):
        return {"UPPER": _UPPER, "LOWER": _LOWER, "LEFT": _LEFT, "RIGHT": _RIGHT}[name.split()[0]]
    side = _LEFT if "LEFT" in name else _RIGHT if "RIGHT" in name else 0xFF
    if name.startswith("MIDDLE "):
        assert name.endswith("ONE QUARTER BLOCK")
        return side & 0x3C
    name = name.removeprefix("LEFT HALF ").removeprefix("RIGHT HALF ").removesuffix(" BLOCK")
    return side & _QUARTERS[name.removesuffix("S").removesuffix(" QUARTER")]


CHARACTERS = octant_characters()


@pytest.mark.parametrize("pattern", range(256))
def test_every_pattern_has_the_character_whose_name_says_so(pattern: int) -> None:
    assert pattern_of_name(unicodedata2.name(CHARACTERS[pattern])) == pattern


def test_no_character_is_wider_than_a_cell() -> None:
    assert len(CHARACTERS) == len(set(CHARACTERS)) == 256
    assert {unicodedata2.east_asian_width(char) for char in CHARACTERS} <= {"N", "A", "Na"}


def screen(rows: list[str]) -> list[list[Pixel]]:
    """What a terminal shows: colour of each eighth of a cell."""
    return tests.screen.screen(rows, CHARACTERS.index, 2, 4)


def shown(pixels: U8, **settings: tuple[int, int, int]) -> np.ndarray:
    """The same as an array, where everything is painted."""
    return np.array(screen(octant(pixels, **settings)))


def noise(height: int, width: int, seed: int = 0) -> U8:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def test_all_256_patterns_of_two_colours_are_shown_exactly() -> None:
    bits = np.arange(256)[:, None] >> np.arange(8) & 1  # (256, 8)
    blocks = np.array([(200, 30, 10, 255), (10, 60, 250, 255)], np.uint8)[bits].reshape(16, 16, 4, 2, 4)
    pixels = blocks.transpose(0, 2, 1, 3, 4).reshape(64, 32, 4)  # (rows, columns, 4, 2, 4) -> (rows, 4, columns, 2, 4) -> (64, 32, 4)
    np.testing.assert_array_equal(shown(pixels), pixels[..., :3])


def test_all_256_patterns_of_pixels_left_out_are_shown_exactly() -> None:
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    blocks = np.array([(0, 0, 0, 0), (10, 60, 250, 255)], np.uint8)[bits].reshape(16, 16, 4, 2, 4)
    pixels = blocks.transpose(0, 2, 1, 3, 4).reshape(64, 32, 4)
    wanted = [[tuple(map(int, pixel[:3])) if pixel[3] else None for pixel in row] for row in pixels]
    assert screen(octant(pixels)) == wanted


def test_two_colours_are_the_best_there_are() -> None:
    """No parting of the eight pixels has a smaller squared error than the one that is drawn; all of them are tried."""
    pixels = noise(16, 16)
    cells = pixels[..., :3].reshape(4, 4, 8, 2, 3).swapaxes(1, 2).reshape(32, 8, 3).astype(float)  # -> (rows, columns, 4 · 2, 3)
    drawn = shown(pixels).reshape(4, 4, 8, 2, 3).swapaxes(1, 2).reshape(32, 8, 3)
    for cell, ours in zip(cells, drawn, strict=True):
        least = min(
            sum(((group - group.mean(axis=0)) ** 2).sum() for group in (cell[list(chosen)], np.delete(cell, chosen, axis=0)))
            for size in range(1, 8)
            for chosen in itertools.combinations(range(8), size)
        )
        assert ((cell - ours) ** 2).sum() <= least + 8 * 3 * 0.25  # colours are whole numbers: each channel is off by a half at most


@pytest.mark.parametrize("background", [BLACK, WHITE, (30, 60, 200)])
def test_over_a_background_nothing_is_left_out(background: tuple[int, int, int]) -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:5, 3:6] = (250, 10, 10, 100)
    np.testing.assert_array_equal(shown(pixels, background=background), over_uint8(pixels, background)[..., :3])


def test_an_edge_takes_no_colour_from_what_is_hidden() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., 1] = 255  # green where it is transparent
    pixels[:, :1] = (200, 0, 0, 255)
    assert screen(octant(pixels)) == [[(200, 0, 0), None, None, None]] * 4


def test_a_transparent_picture_is_blanks_without_any_escape() -> None:
    assert octant(np.zeros((8, 6, 4), np.uint8)) == [" " * 3] * 2


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (5, 3), (64, 63), (7, 8)])
def test_what_a_cell_has_beyond_the_picture_is_left_alone(size: tuple[int, int]) -> None:
    height, width = size
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = (7, 8, 9)
    seen = screen(octant(pixels))
    assert len(seen) == -(-height // 4) * 4
    for y, row in enumerate(seen):
        assert row == [(7, 8, 9) if y < height and x < width else None for x in range(-(-width // 2) * 2)]


def test_a_picture_takes_half_the_columns_of_half_blocks() -> None:
    assert plan(1, 64, 64, width=80, height=24, px_per_column=2) == (1, 64)
    lines = list(picture_lines(noise(64, 64)[None], choice=GraphicsChoice(Graphics.OCTANT, "test"), width=80, height=24))
    assert len(lines) == 16
    assert {len(list(tests.screen.cells(line))) for line in lines} == {32}


@pytest.mark.parametrize("n", [1, 2, 3, 10, 64])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (41, 10), (5, 3), (1, 1)])
def test_pictures_never_reach_over_the_edge_of_the_terminal(n: int, width: int, height: int) -> None:
    pictures = np.stack([noise(64, 64)] * n)
    for line in picture_lines(pictures, choice=GraphicsChoice(Graphics.OCTANT, "test"), width=width, height=height):
        assert len(list(tests.screen.cells(line))) <= width
