"""What a prompt denies, counts and lists, and what is worn by whom."""

from __future__ import annotations

import pytest

from emoterm.prompt import parse_prompt
from tests.few_words import GALLERY, VOCABULARY


@pytest.mark.parametrize(
    ("typed", "left_out", "sought"),
    [
        ("cat without hat", "without hat", ("cat",)),
        ("cat, no glasses", "no glasses", ("cat",)),
        ("cat w/o a red hat", "without a red hat", ("cat",)),
        ("not happy wolf", "not happy", ("wolf",)),
        ("wolf that is not very happy", "not very happy", ("wolf",)),
        ("non-blue cat", "non blue", ("cat",)),
        ("cat with no hat and no glasses", "no hat|no glasses", ("cat",)),
        ("cat without a hat or glasses, happy", "without a hat or glasses", ("cat", "happy", "smile")),
        ("cat without hat and sunglasses", "without hat and sunglasses", ("cat",)),
        ("no hat cat", "no hat", ("cat",)),
        ("no eye wolf", "no eye", ("wolf",)),
        ("cat, not a scary dog", "not a scary dog", ("cat",)),
        ("cat but not happy", "not happy", ("cat",)),
        ("no cats", "", ("cats", "no", "cat")),
        ("a no cats", "", ("cats", "no", "cat")),
        ("cat says no", "", ("no", "cat", "says")),
    ],
)
def test_what_there_should_not_be_is_left_out_and_reported(typed: str, left_out: str, sought: tuple[str, ...]) -> None:
    parsed = parse_prompt(typed, VOCABULARY, names=GALLERY)
    assert "|".join(parsed.left_out) == left_out
    assert parsed.sought == sought
    assert not parsed.worn


def test_where_nothing_is_drawn_after_the_kind_and_the_colour_of_a_hat_are_left_to_the_prior() -> None:
    drawn, told = (parse_prompt("cat with a red hat", VOCABULARY, names=GALLERY, words_alone=alone) for alone in (False, True))
    assert drawn.worn_colors == ("red",)
    assert "red" not in drawn.sought
    assert told.worn_colors == ()
    assert "red" in told.sought


@pytest.mark.parametrize(
    ("typed", "counts", "sought"),
    [
        ("three hearts", ("three",), ("hearts", "heart")),
        ("3 hearts", ("3",), ("hearts", "heart")),
        ("many hearts", ("many",), ("hearts", "heart")),
        ("one heart", (), ("heart",)),
        ("a single heart", (), ("heart",)),
        ("ten o clock", (), ("clock", "o", "ten")),
        ("a couple of dogs", ("couple of",), ("dogs", "dog")),
        ("some dogs", ("some",), ("dogs", "dog")),
        ("two cats", (), ("cats", "two", "cat")),
        ("three", (), ("three",)),
        ("cat with two eyes and 12 hats", ("two", "12"), ("cat", "eyes", "eye", "hats", "hat")),
        ("3 o'clock", (), ("o'clock", "3")),
    ],
)
def test_how_many_there_should_be_is_reported(typed: str, counts: tuple[str, ...], sought: tuple[str, ...]) -> None:
    parsed = parse_prompt(typed, VOCABULARY, names=GALLERY)
    assert (parsed.counts, set(parsed.sought)) == (counts, set(sought))


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("cat, dog, berry", "cat and dog and berry"),
        ("a cat; a dog", "a cat and a dog"),
        ("cat/dog", "cat and dog"),
        ("cat, happy", "cat happy"),
        ("cat, blue, with a hat", "cat blue with a hat"),
        ("cat, a red hat", "cat with a red hat"),
        ("hat, cat", "hat and cat"),
        ("happy, sad wolf", "happy sad wolf"),
        ("qqq, red wolf", "qqq red wolf"),
        ("big, fluffy wolf", "big fluffy wolf"),
        ("cat, eating a berry", "cat eating a berry"),
        ("kiss: dog, wolf", "kiss: dog wolf"),
        ("cat,", "cat"),
    ],
)
def test_commas_join_things_and_what_is_said_of_them(typed: str, same: str) -> None:
    found, expected = (parse_prompt(text, VOCABULARY, names=GALLERY) for text in (typed, same))
    assert (found.sought, found.words, found.apart) == (expected.sought, expected.words, expected.apart)
    assert (found.color, found.feeling, found.worn) == (expected.color, expected.feeling, expected.worn)


def test_in_the_name_of_an_emoji_nothing_is_left_out() -> None:
    name = "no dog: three cat, wolf"
    assert parse_prompt(name, VOCABULARY, is_name=True).words == ("dog", "cat", "wolf")
    assert parse_prompt(name, VOCABULARY).words == ("cat", "wolf")
