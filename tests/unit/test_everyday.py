"""Slips of the finger and everyday words."""

from __future__ import annotations

import pytest

from emoterm.everyday import EVERYDAY, edit_distance, nearest_spelling, stand_ins

WORDS = ["sunglasses", "balloon", "elephant", "shake", "scarf", "foggy", "kite", "fried", "clover", "apple", "smile", "computer", "cat"]


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("cat", "cat", 0), ("", "cat", 3), ("cat", "cats", 1), ("cat", "act", 1), ("kitten", "sitting", 3), ("ab", "ba", 1)],
)
def test_edits_are_counted(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


@pytest.mark.parametrize(
    ("typed", "word"),
    [("sunglases", "sunglasses"), ("ballon", "balloon"), ("elepant", "elephant"), ("aplpe", "apple"), ("copmuter", "computer")],
)
def test_a_slip_of_the_finger_is_forgiven(typed: str, word: str) -> None:
    assert nearest_spelling(typed, WORDS) == word


@pytest.mark.parametrize("word", ["shark", "scary", "doggy", "kitten", "cried", "lover", "car", "zzzzzz"])
def test_another_word_is_not_a_slip(word: str) -> None:
    assert nearest_spelling(word, WORDS) is None


def test_everyday_words_lead_to_other_words() -> None:
    assert list(stand_ins("kitten")) == ["cat"]
    assert next(stand_ins("grumpy")) == "angry"
    assert list(stand_ins("octopus")) == []
    assert all(word == word.lower() and word != other for word, other in EVERYDAY.items())
