"""A box in a picture, as typed, and where it is in the square that the picture is fitted into."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.errors import UsageError
from emoterm.face_box import FaceBox
from emoterm.faces import put_in
from emoterm.imaging.resize import fit_square


@pytest.mark.parametrize("size", [(300, 400), (400, 300), (64, 64), (10, 10), (1000, 200)])
def test_a_box_is_where_the_square_has_what_it_was_drawn_around(size: tuple[int, int]) -> None:
    width, height = size
    picture = np.zeros((4, height, width), np.float32)
    picture[3] = 1
    box = (width // 5, height // 5, width // 2, height // 2)
    picture[0, box[1] : box[1] + box[3], box[0] : box[0] + box[2]] = 1
    found = FaceBox.parse(",".join(map(str, box)), size, side_px=64)
    rows, columns = np.nonzero(fit_square(picture, 64)[0] > 0.5)
    expected = columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
    np.testing.assert_allclose((found.left, found.top, found.width, found.height), expected, atol=1.1)
    assert found.is_within(64)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10,10,20", "no box"),
        ("a,b,c,d", "no box"),
        ("-1,0,20,20", "no box"),
        ("1e3,0,20,20", "no box"),
        ("90,0,20,20", "within"),
        ("0,0,101,20", "within"),
        ("0,0,20,2", "too small"),
        ("0,0,0,0", "too small"),
    ],
)
def test_what_is_no_box_in_the_picture_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        FaceBox.parse(text, (100, 50), side_px=64)


def test_a_box_out_of_a_file_is_checked() -> None:
    assert FaceBox(0, 0, 64, 64).is_within(64)
    for values in ((-1, 0, 20, 20), (0, 0, 65, 20), (0, 60, 20, 20), (0, 0, 1, 20), (float("nan"), 0, 20, 20), (0, 0, float("inf"), 20)):
        assert not FaceBox(*values).is_within(64)


@pytest.mark.parametrize("box", [(0, 0, 64, 64), (59, 59, 5, 5), (0, 0, 5, 5), (58.9, 0, 5.1, 64), (0, 58.7, 64, 5.3)])
def test_a_face_stays_in_its_box(box: tuple[float, float, float, float]) -> None:
    ground, face = np.ones((4, 64, 64), np.float32), np.zeros((4, 20, 30), np.float32)
    face[3] = 1
    changed = (put_in(ground, face, FaceBox(*box)) != ground).any(axis=0)
    rows, columns = np.nonzero(changed)
    left, top, width, height = box
    assert left - 1 <= columns.min() <= columns.max() <= left + width
    assert top - 1 <= rows.min() <= rows.max() <= top + height
    assert changed.sum() > 1
