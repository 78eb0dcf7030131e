"""Faces, cut out of smileys and put on things."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.faces import FaceReader, face_on, head_of, put_on
from emoterm.feelings import FACES, faces_for
from emoterm.gallery import Gallery
from emoterm.oklab import straight_oklab, to_srgb

F32 = NDArray[np.float32]
SIZE = 64
Y, X = np.mgrid[:SIZE, :SIZE] - 31.5
YELLOW, GREEN, BLACK = (1.0, 0.8, 0.2), (0.2, 0.7, 0.3), (0.05, 0.05, 0.05)


def disc(color: tuple[float, ...], radius: float = 28, y: float = 0, x: float = 0) -> F32:
    """(4, 64, 64)."""
    picture = np.zeros((4, SIZE, SIZE), np.float32)
    inside = np.hypot(X - x, Y - y) <= radius
    picture[:3, inside] = np.array(color, np.float32)[:, None]
    picture[3, inside] = 1
    return picture


def smiley(mouth: int) -> F32:
    """A yellow head with two black eyes and a mouth at a height of its own."""
    picture = disc(YELLOW)
    for x in (-10, 10):
        picture[:3, np.hypot(X - x, Y + 8) <= 3] = 0
    picture[:3, (abs(X) <= 8) & (abs(Y - mouth) <= 1.5)] = 0
    return picture


@pytest.fixture(scope="module")
def face() -> F32:
    head, inside = head_of(np.stack([smiley(mouth) for mouth in range(-4, 20, 2)]))
    return face_on(smiley(10), head, inside)


def test_the_head_is_what_smileys_agree_on() -> None:
    head, inside = head_of(np.stack([smiley(mouth) for mouth in range(0, 20, 2)]))
    assert np.allclose(to_srgb(head)[32, 50], YELLOW, atol=0.02)
    assert np.allclose(to_srgb(head)[31 + 10, 31], YELLOW, atol=0.02)  # where few have their mouth
    assert not inside[:, :4].any()
    assert inside[32, 32]


def test_the_face_is_what_one_has_beside_it(face: F32) -> None:
    eyes_hidden = face[3] > 0.5  # all have the same eyes, which so are no part of any face
    height, width = face.shape[1:]
    assert 2 <= height <= 5
    assert 15 <= width <= 19
    assert eyes_hidden.mean() > 0.7
    assert np.allclose(face[:3][:, eyes_hidden], 0, atol=0.05)
    assert (face[:3] <= face[3] + 1e-6).all()


def test_a_bare_head_has_no_face() -> None:
    head, inside = head_of(np.stack([disc(YELLOW)] * 8))
    empty = face_on(disc(YELLOW), head, inside)
    assert empty.shape == (4, 0, 0)
    thing = disc(GREEN)
    assert put_on(thing, empty) is thing


def mark(height: int, width: int, color: tuple[float, ...] = BLACK) -> F32:
    picture = np.ones((4, height, width), np.float32)
    picture[:3] = np.array(color, np.float32)[:, None, None]
    return picture


def where_changed(before: F32, after: F32) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = np.nonzero(np.abs(after - before).max(axis=0) > 0.1)
    return rows, columns


def test_a_face_goes_to_the_middle_at_its_full_size_where_there_is_room() -> None:
    thing = disc(GREEN, 30)
    rows, columns = where_changed(thing, put_on(thing, mark(12, 20)))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (12, 20)
    assert abs(rows.mean() - 31.5) <= 1
    assert abs(columns.mean() - 31.5) <= 1


def test_it_is_smaller_on_a_small_thing_and_follows_where_that_is() -> None:
    thing = disc(GREEN, 10, y=15, x=-15)
    after = put_on(thing, mark(20, 30))
    rows, columns = where_changed(thing, after)
    assert np.ptp(columns) + 1 < 20
    assert (thing[3, rows, columns] == 1).mean() >= 0.97
    assert np.array_equal(after[3], thing[3])


def test_what_is_too_thin_stays_as_it_is() -> None:
    thing = np.zeros((4, SIZE, SIZE), np.float32)
    thing[:, :, 30:33] = 1
    assert put_on(thing, mark(20, 30)) is thing
    nothing = np.zeros((4, SIZE, SIZE), np.float32)
    assert put_on(nothing, mark(5, 5)) is nothing


def test_dark_on_dark_has_a_light_rim() -> None:
    for color, rim in ((YELLOW, YELLOW), (BLACK, (0.8, 0.8, 0.8))):
        after = put_on(disc(color, 30), mark(8, 8))
        assert after[:3, 28:36, 28:36].max() < 0.15
        assert np.allclose(after[:3, 27, 31], rim, atol=0.05)
        assert np.allclose(after[:3, 26, 31], color, atol=0.05)


def test_the_faces_of_the_gallery_are_eyes_and_mouths_and_not_heads(default_bundle: Bundle) -> None:
    gallery = Gallery.from_bundle(default_bundle)
    reader = FaceReader(gallery, Codec(default_bundle, device="cpu"))
    for style in gallery.styles():
        for feeling in FACES:
            for entry in faces_for(feeling, style, gallery):
                found = reader.read(entry)
                assert found is reader.read(entry)
                height, width = found.shape[1:]
                assert 10 <= height < 54, entry.spec
                assert 15 <= width < 60, entry.spec
                assert 0.08 < found[3].mean() < 0.75, entry.spec


def test_a_face_is_as_dark_on_a_thing_as_on_its_head(default_bundle: Bundle) -> None:
    gallery = Gallery.from_bundle(default_bundle)
    reader = FaceReader(gallery, Codec(default_bundle, device="cpu"))
    (angry,) = faces_for("angry", "noto", gallery)
    thing = disc(GREEN, 31)
    after = straight_oklab(put_on(thing, reader.read(angry)))[..., 0]
    assert after.min() < 0.45 < straight_oklab(thing)[32, 32, 0]
