"""Words for colours, and pictures painted in them."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from numpy.typing import NDArray

from emoterm.colors import COLORS, colors_in, has_color, is_near, paint

F32 = NDArray[np.float32]
SIZE = 64
RED, BLACK, WHITE = (0.85, 0.2, 0.2), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def face(fill: tuple[float, float, float] = RED, alpha: float = 1.0) -> F32:
    """A disc with a black rim and a white eye, shaded from left to right: (1, 4, 64, 64)."""
    y, x = np.mgrid[:SIZE, :SIZE] - 31.5
    radius = np.hypot(x, y)
    picture = np.zeros((4, SIZE, SIZE), np.float32)
    shade = 0.8 + 0.2 * (x + 32) / 64
    for channel, value in enumerate(fill):
        picture[channel] = value * shade
    picture[:3, radius > 26] = 0
    picture[:3, np.hypot(x - 8, y + 8) < 5] = 1
    picture[3] = alpha * (radius <= 30)
    picture[:3] *= picture[3]
    return picture[None]


def hue_of(rgb: F32) -> float:
    return colorsys.rgb_to_hsv(*map(float, rgb))[0]


def test_colours_are_found_among_words() -> None:
    assert colors_in(["a", "big", "blue", "red", "blue", "cat"]) == ("blue", "red")
    assert colors_in(["gray"]) == ("grey",)
    assert colors_in(["cat"]) == ()
    assert has_color(["violet", "heart"], "purple")
    assert not has_color(["red", "heart"], "purple")


def test_what_has_a_colour_is_told_from_what_has_another() -> None:
    assert is_near(face()[0], "red")
    assert not is_near(face()[0], "blue")
    assert all(is_near(paint(face(), color)[0], color) for color in COLORS)


@pytest.mark.parametrize("color", [name for name in COLORS if name not in ("black", "grey", "white")])
def test_the_main_colour_moves_and_all_else_stays(color: str) -> None:
    before, after = face(), paint(face(), color)
    wanted = hue_of(np.array(COLORS[color], np.float32) / 255)
    apart = abs(hue_of(after[0, :3, 40, 32]) - wanted)
    assert min(apart, 1 - apart) < 0.03
    assert np.array_equal(after[:, 3], before[:, 3])
    rim, eye = np.s_[0, :, 32, 4], np.s_[0, :, 24, 40]
    assert np.allclose(after[rim], before[rim], atol=0.02)
    assert np.allclose(after[eye], before[eye], atol=0.02)
    # Shading stays shading: the right is lighter than the left, as before.
    assert after[0, :3, 40, 50].sum() > after[0, :3, 40, 12].sum() + 0.05


@pytest.mark.parametrize("color", ["black", "grey", "white"])
def test_a_colour_without_hue_takes_it_away(color: str) -> None:
    inside = paint(face(), color)[0, :3, 40, 32]
    assert np.ptp(inside) < 0.08
    assert abs(inside.mean() - np.mean(COLORS[color]) / 255) < 0.2


def test_what_is_grey_can_be_painted() -> None:
    after = paint(face((0.6, 0.6, 0.6)), "pink")[0, :3, 40, 32]
    assert abs(hue_of(after) - hue_of(np.array(COLORS["pink"], np.float32) / 255)) < 0.05
    assert np.ptp(after) > 0.2


def test_alpha_stays_associated_and_nothing_leaves_the_range() -> None:
    after = paint(face(alpha=0.5), "yellow")
    assert after.dtype == np.float32
    assert (after >= 0).all()
    assert (after[:, :3] <= after[:, 3:] + 1e-6).all()
    assert np.array_equal(paint(np.zeros((1, 4, SIZE, SIZE), np.float32), "red"), np.zeros((1, 4, SIZE, SIZE)))
    assert paint(np.zeros((0, 4, SIZE, SIZE), np.float32), "red").shape == (0, 4, SIZE, SIZE)


def test_each_picture_by_itself() -> None:
    together = paint(np.concatenate([face(), face((0.2, 0.7, 0.3))]), "blue")
    assert np.array_equal(together[:1], paint(face(), "blue"))
