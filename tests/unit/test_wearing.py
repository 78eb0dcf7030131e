"""Hats and glasses, put where heads and eyes are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoterm.face_box import FaceBox
from emoterm.head_and_eyes import has_pair_of_eyes
from emoterm.wearing import _Dressing, wear, wear_all

F32 = NDArray[np.float32]
SIZE = 64
Y, X = np.mgrid[:SIZE, :SIZE]
YELLOW, RED, BLACK = (1.0, 0.8, 0.2), (0.8, 0.1, 0.1), (0.05, 0.05, 0.05)


def drawn(*parts: tuple[NDArray[np.bool_], tuple[float, ...]]) -> F32:
    """(4, 64, 64)."""
    picture = np.zeros((4, SIZE, SIZE), np.float32)
    for inside, color in parts:
        picture[:3, inside] = np.array(color, np.float32)[:, None]
        picture[3, inside] = 1
    return picture


def disc(y: float, x: float, radius: float) -> NDArray[np.bool_]:
    return np.hypot(Y - y, X - x) <= radius


def box(top: int, bottom: int, left: int, right: int) -> NDArray[np.bool_]:
    return (top <= Y) & (bottom > Y) & (left <= X) & (right > X)


HAT = drawn((box(20, 40, 16, 48), RED))
GLASSES = drawn((box(28, 36, 4, 60), BLACK))


def where(picture: F32, color: tuple[float, ...]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what has a colour."""
    near = (abs(picture[:3] - np.array(color, np.float32)[:, None, None]) < 0.1).all(axis=0) & (picture[3] > 0.9)
    rows, columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def test_a_hat_sits_on_top_and_all_stays_in_the_picture() -> None:
    worn = wear(drawn((box(0, 64, 0, 64), YELLOW)), HAT, "head")
    top, bottom, left, right = where(worn, RED)
    assert top <= 1  # what is taken from the wearer is no more than it takes
    assert abs((left + right) / 2 - 32) <= 1
    below = where(worn, YELLOW)
    assert below[1] == SIZE  # the ground that it stood on
    assert top < below[0] < bottom  # pulled down
    assert below[3] - below[2] < SIZE
    assert (worn[:3] <= worn[3] + 1e-6).all()


def test_where_there_is_room_nothing_is_shrunk() -> None:
    wearer = drawn((disc(46, 20, 12), YELLOW))
    worn = wear(wearer, HAT, "head")
    assert np.array_equal(worn[:, 40:], wearer[:, 40:])
    top, bottom, left, right = where(worn, RED)
    assert abs((left + right) / 2 - 20) <= 2
    assert 20 < top < bottom < 46


def test_a_tail_is_no_head_and_a_hat_sits_between_ears() -> None:
    dog = drawn((disc(20, 14, 9), YELLOW), (box(26, 44, 10, 54), YELLOW), (box(12, 30, 52, 56), YELLOW))
    *_, left, right = where(wear(dog, HAT, "head"), RED)
    assert abs((left + right) / 2 - 14 * 0.95) <= 5
    ears = drawn((box(10, 30, 8, 16), YELLOW), (box(10, 30, 48, 56), YELLOW), (box(30, 64, 8, 56), YELLOW))
    worn = wear(ears, HAT, "head")
    _, bottom, *_ = where(worn, RED)
    assert bottom > 30  # reaches down to the skull and not only to the tips


@pytest.mark.parametrize("row", [24, 32, 38])
def test_glasses_cover_the_eyes(row: int) -> None:
    face = drawn(
        (disc(32, 32, 30), YELLOW), (disc(row, 20, 4), (0, 0, 0.3)), (disc(row, 44, 4), (0, 0, 0.3)), (disc(48, 32, 5), (0, 0, 0.3))
    )
    worn = wear(face, GLASSES, "eyes")
    top, bottom, left, right = where(worn, BLACK)
    assert top < row < bottom
    assert left < 18
    assert right > 46
    assert np.array_equal(worn[:, 46:], face[:, 46:])


def test_a_pair_of_eyes_is_alike_and_level() -> None:
    head = box(10, 60, 4, 60)
    left = (disc(30, 20, 3), BLACK)
    assert has_pair_of_eyes(drawn((head, YELLOW), left, (disc(30, 44, 3), BLACK)))
    for other in (disc(30, 52, 3), disc(35, 44, 3), disc(30, 44, 8)):  # too far out, too low, too large
        assert not has_pair_of_eyes(drawn((head, YELLOW), left, (other, BLACK)))
    assert not has_pair_of_eyes(drawn((head, YELLOW), left))
    assert not has_pair_of_eyes(drawn())


def test_dark_hair_is_no_eye() -> None:
    ink = (0, 0, 0.3)
    hair = disc(32, 32, 30) & (box(0, 20, 0, 64) | box(0, 64, 0, 10) | box(0, 64, 54, 64))
    face = drawn((disc(32, 32, 30), YELLOW), (hair, ink), (disc(36, 22, 3), ink), (disc(36, 42, 3), ink))
    top, bottom, *_ = where(wear(face, GLASSES, "eyes"), BLACK)
    assert 30 < top < 36 < bottom < 44


def test_glasses_of_what_has_no_eyes_go_to_its_middle() -> None:
    blank = drawn((disc(32, 32, 30), YELLOW))
    for place in ("eyes", "middle"):
        top, bottom, left, right = where(wear(blank, GLASSES, place), BLACK)
        assert abs((top + bottom) / 2 - 32) <= 2
        assert abs((left + right) / 2 - 32) <= 2


def test_glasses_are_put_on_before_a_hat_can_hide_the_eyes() -> None:
    face = drawn((disc(40, 32, 22), YELLOW), (disc(36, 24, 3), (0, 0, 0.3)), (disc(36, 40, 3), (0, 0, 0.3)))
    orders = [[(HAT, "head"), (GLASSES, "eyes")], [(GLASSES, "eyes"), (HAT, "head")]]
    first, second = (wear_all(face, items) for items in orders)  # type: ignore[arg-type]
    assert np.array_equal(first, second)
    assert where(first, RED)[1] <= where(first, BLACK)[1]


def test_a_hat_goes_behind_glasses_where_that_is_asked_for() -> None:
    frog = drawn((box(10, 64, 0, 64), YELLOW), (disc(24, 16, 4), BLACK), (disc(24, 48, 4), BLACK))
    hidden, seen = (wear_all(frog, [(HAT, "head"), (GLASSES, "eyes")], glasses_in_front=in_front) for in_front in (False, True))
    assert np.array_equal(hidden, wear_all(frog, [(HAT, "head"), (GLASSES, "eyes")]))
    dark = [(picture[:3] < 0.15).all(axis=0) & (picture[3] > 0.9) for picture in (hidden, seen)]
    assert dark[1].sum() > dark[0].sum() + 30
    assert not (dark[0] & ~dark[1]).any()  # nothing else has moved
    # Two hats, and the glasses in front of both.
    twice = wear_all(frog, [(HAT, "head"), (GLASSES, "eyes"), (HAT, "head")], glasses_in_front=True)
    top, bottom, left, right = where(twice, BLACK)
    assert (twice[0, (top + bottom) // 2, left + 2 : right - 2] < 0.3).all()
    for one in ("head", "eyes"):  # alone it changes nothing
        assert np.array_equal(wear_all(frog, [(HAT, one)], glasses_in_front=True), wear(frog, HAT, one))


def test_a_face_is_where_the_picture_was_moved_below_a_hat() -> None:
    wearer = drawn((box(0, 64, 0, 64), (0.2, 0.6, 0.2)), (box(6, 30, 20, 44), (0.9, 0.7, 0.5)))
    hat = drawn((box(4, 60, 4, 60), (0.1, 0.1, 0.8)))
    dressing = _Dressing(wearer, False, FaceBox(20, 6, 24, 24))
    assert dressing.put_on(hat, "head")
    assert dressing._face is not None
    skin = np.argwhere(np.abs(dressing.picture[0] - 0.9) < 0.1)
    assert dressing._face.top + dressing._face.height == pytest.approx(skin[:, 0].max() + 1, abs=1.5)
    assert dressing._face.left == pytest.approx(skin[:, 1].min(), abs=1.5)


def test_nothing_is_put_on_nothing_and_nothing_can_be_put_on() -> None:
    nothing = np.zeros((4, SIZE, SIZE), np.float32)
    face = drawn((disc(32, 32, 30), YELLOW))
    for place in ("head", "eyes", "middle"):
        assert wear(nothing, HAT, place) is nothing
        assert wear(face, nothing, place) is face


@pytest.mark.parametrize("inside", [box(0, 1, 0, 1), box(63, 64, 0, 64), box(0, 64, 63, 64), box(0, 64, 0, 64), disc(3, 60, 4)])
def test_any_shape_can_wear_anything(inside: NDArray[np.bool_]) -> None:
    wearer = drawn((inside, YELLOW))
    for item in (HAT, GLASSES, drawn((box(0, 64, 31, 33), RED)), drawn((box(5, 6, 9, 10), RED))):
        for place in ("head", "eyes", "middle"):
            worn = wear(wearer, item, place)
            assert worn.shape == wearer.shape
            assert (worn[3] <= 1 + 1e-6).all()
            assert (worn[:3] <= worn[3] + 1e-6).all()


@pytest.mark.parametrize("row", [14, 32, 42])
def test_what_is_worn_on_the_eyes_is_no_taller_than_the_picture(row: int) -> None:
    eyes = [(box(row - 3, row + 4, x - 3, x + 4), (0, 0, 0.3)) for x in (14, 50)]
    face = drawn((disc(32, 32, 30), YELLOW), *eyes)
    tall = drawn((box(2, 62, 28, 36), RED))
    worn = wear(face, tall, "eyes")
    assert worn.shape == face.shape
    top, bottom, *_ = where(worn, RED)
    assert top < row < bottom
    assert (worn[:3] <= worn[3] + 1e-6).all()
    blank = drawn((disc(32, 32, 30), YELLOW))
    assert wear(blank, tall, "middle").shape == blank.shape
