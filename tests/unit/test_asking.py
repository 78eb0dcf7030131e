"""How a prompt asks for its picture is none of what it shows."""

from __future__ import annotations

import pytest

from emoterm.asking import without_asking
from emoterm.lists import split_with_marks


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("draw a cat", "a cat"),
        ("please draw me a sad cloud", "a sad cloud"),
        ("generate some blue dogs", "some blue dogs"),
        ("I want a happy dog, please", "a happy dog"),
        ("I'd like an icon of a house", "a house"),
        ("could you make me a picture of two cats", "two cats"),
        ("a photo of my dog", "my dog"),
        ("could you please draw me a cat", "a cat"),
        ("stickers of a frog", "stickers of a frog"),  # no word that asks
    ],
)
def test_what_asks_is_left_out(prompt: str, shown: str) -> None:
    assert without_asking(split_with_marks(prompt)) == split_with_marks(shown)


@pytest.mark.parametrize("prompt", ["picture", "framed picture", "please", "show jumping", "paint roller", "drawing of", "slice of pizza"])
def test_what_is_shown_stays(prompt: str) -> None:
    assert without_asking(split_with_marks(prompt)) == split_with_marks(prompt)
