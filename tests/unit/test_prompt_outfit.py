"""What a prompt says its subject wears, and what of that can be had."""

from __future__ import annotations

import pytest

from emoterm.bundle import Bundle
from emoterm.gallery import Gallery
from emoterm.names import plain
from emoterm.prompt_outfit import outfit_of, worn_in
from emoterm.prompt_words import head_of


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


@pytest.mark.parametrize(
    ("prompt", "worn"),
    [
        ("cat with hat and dog with glasses", ("hat",)),
        ("cat and dog with glasses", ()),
        ("cat with hat and a crown", ("hat", "crown")),
        ("cat with hat and wearing glasses", ("hat", "glasses")),
        ("cat with a pizza and sunglasses", ("sunglasses",)),
        ("blue and yellow fish with a hat", ("hat",)),
    ],
)
def test_what_stands_behind_a_second_subject_does_not_dress_the_first(prompt: str, worn: tuple[str, ...]) -> None:
    assert worn_in(prompt.split()) == worn


@pytest.mark.parametrize(
    ("prompt", "words", "colors", "unlike"),
    [
        ("frog with a red hat", "frog with a hat", ["red"], []),
        ("blue cat with golden crown", "blue cat with crown", ["golden"], []),
        ("cat with blue eyes", "cat with blue eyes", [], []),
        ("robot in pink", "robot in pink", [], []),
        ("cat with cowboy hat", "cat with hat", [], [("cowboy hat", "hat")]),
        ("cat with a red party hat and green glasses", "cat with a hat and glasses", ["red", "green"], [("party hat", "hat")]),
        ("cat with a top hat", "cat with a top hat", [], []),
        ("face with cowboy hat", "face with cowboy hat", [], []),
        ("wizard hat cat", "cat with hat", [], [("wizard hat", "hat")]),
        ("a happy wizard hat cat", "a happy cat with hat", [], [("wizard hat", "hat")]),
        ("red top hat cat", "cat with top hat", ["red"], []),
        ("sunglasses kitten", "kitten with sunglasses", [], []),
        ("cowboy hat face", "cowboy hat face", [], []),
        ("hat box", "hat box", [], []),
        ("cat hat", "cat hat", [], []),
        ("red hat", "red hat", [], []),
        ("cat with big glasses", "cat with big glasses", [], []),
        ("cat with cool glasses", "cat with cool glasses", [], []),
        ("cat with a tiny cowboy hat", "cat with a tiny hat", [], [("cowboy hat", "hat")]),
    ],
)
def test_what_is_worn_is_as_it_is(prompt: str, words: str, colors: list[str], unlike: list[tuple[str, str]], gallery: Gallery) -> None:
    typed = plain(prompt).split()
    found = outfit_of(typed, head_of(typed), gallery)
    assert (" ".join(found.words), found.colors, found.unlike) == (words, colors, unlike)
