"""Feelings of things: the words, and the smileys that show them."""

from __future__ import annotations

import pytest

from emoterm.bundle import Bundle
from emoterm.emotions import EMOTIONS
from emoterm.feelings import FACES, faces_for, feeling_of, speaks_of, takes_face
from emoterm.gallery import Gallery


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


def test_every_feeling_is_an_emotion() -> None:
    assert set(FACES) <= {emotion.name for emotion in EMOTIONS}


@pytest.mark.parametrize(
    ("word", "feeling"),
    [("happy", "happy"), ("grumpy", "angry"), ("sleepy", "tired"), ("love", None), ("scary", None), ("festive", None), ("star", None)],
)
def test_a_word_in_front_of_a_thing_says_what_it_feels(word: str, feeling: str | None) -> None:
    assert feeling_of(word) == feeling


def test_words_of_the_subgroup_count_only_where_they_are_asked_for() -> None:
    assert speaks_of(["grumpy"], "angry")
    assert speaks_of(["tears"], "laughing")
    assert not speaks_of(["face"], "happy")
    assert speaks_of(["face"], "happy", groups=True)


@pytest.mark.parametrize(
    ("emoji", "takes"),
    [
        ("star", True),
        ("red heart", True),
        ("deciduous tree", True),
        ("birthday cake", True),
        ("grinning face", False),
        ("woman", False),
        ("dog", False),
        ("sun with face", False),
        ("robot", False),
    ],
)
def test_only_a_thing_without_a_face_takes_one(gallery: Gallery, emoji: str, takes: bool) -> None:
    (found,) = (each for each in gallery.emojis if each.name == emoji)
    assert takes_face(found) is takes


def test_the_gallery_has_a_face_for_each_feeling_in_each_style(gallery: Gallery) -> None:
    for style in gallery.styles():
        for feeling, emojis in FACES.items():
            faces = faces_for(feeling, style, gallery)
            assert faces, (style, feeling)
            assert [face.emoji for face in faces] == [emoji for emoji in emojis if emoji in {face.emoji for face in faces}]
            assert {face.style for face in faces} == {style}
    assert faces_for("happy", None, gallery) == []


def test_a_gallery_of_few_smileys_has_no_face(tiny_bundle: Bundle) -> None:
    few = Gallery.from_bundle(tiny_bundle)
    assert all(faces_for(feeling, style, few) == [] for feeling in FACES for style in few.styles())
