"""Conversions at the edge of the app, and colours that people type."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.errors import UsageError
from emoterm.imaging.compose import from_uint8, over, parse_color, to_uint8


def test_shapes_of_one_picture_and_of_batches() -> None:
    for lead in [(), (3,), (2, 5)]:
        pixels = np.full((*lead, 6, 7, 4), 100, np.uint8)
        picture = from_uint8(pixels)
        assert picture.shape == (*lead, 4, 6, 7)
        assert picture.dtype == np.float32
        back = to_uint8(picture)
        assert back.shape == pixels.shape
        assert back.dtype == np.uint8
        assert back.flags.c_contiguous
        assert over(picture).shape == (*lead, 3, 6, 7)


def test_values_out_of_range_are_clipped() -> None:
    picture = np.array([1.5, -0.2, 0.5, 1.2], np.float32).reshape(4, 1, 1)
    assert to_uint8(picture).tolist() == [[[255, 0, 128, 255]]]


def test_colour_brighter_than_its_alpha_is_clipped_not_wrapped() -> None:
    picture = np.array([0.9, 0.2, 0.0, 0.4], np.float32).reshape(4, 1, 1)
    assert to_uint8(picture).tolist() == [[[255, 128, 0, 102]]]


def test_a_pixel_too_faint_for_8_bits_leaves_no_colour_behind() -> None:
    picture = np.full((4, 1, 1), 0.001, np.float32)
    assert to_uint8(picture).tolist() == [[[0, 0, 0, 0]]]


def test_inputs_are_left_as_they_were() -> None:
    picture = np.full((4, 2, 2), 0.5, np.float32)
    to_uint8(picture)
    over(picture)
    assert np.all(picture == 0.5)


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#ff8000", (255, 128, 0)),
        ("#FF8000", (255, 128, 0)),
        ("#f80", (255, 136, 0)),
        ("white", (255, 255, 255)),
        (" RebeccaPurple ", (102, 51, 153)),
        ("transparent", None),
    ],
)
def test_colours_are_read(text: str, color: tuple[int, int, int] | None) -> None:
    assert parse_color(text) == color


@pytest.mark.parametrize("text", ["", "#", "#ff", "#ggg000", "#ff800080", "ff8000", "hsl(0,0%,0%)", "whit", "x" * 500])
def test_what_is_no_colour_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_color(text)
    assert "#rrggbb" in str(caught.value.fix)


def test_a_misspelt_colour_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        parse_color("trasparent")
    assert "Did you mean transparent?" in str(caught.value.fix)
