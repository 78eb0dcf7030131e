"""What a person typed is shown as it was typed: an emoji whole, and nothing in it that a terminal obeys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emoterm.bundle import Bundle
from emoterm.emotions import find_emotion
from emoterm.errors import UsageError
from emoterm.gallery import Gallery
from emoterm.imaging.compose import parse_color
from emoterm.notes import not_drawn, notes_on_finishes, notes_on_prompt
from emoterm.outfit import choose_items
from emoterm.pipeline import Pipeline
from emoterm.prompt import ParsedPrompt, check_known, check_style
from emoterm.request import Request
from emoterm.vocabulary import Vocabulary

ASTRONAUT = "\N{WOMAN}\u200d\N{ROCKET}"
NEW_FACE = "\U0001fae9"
"""Of Unicode 16, which Python 3.11 does not know."""


@pytest.mark.parametrize("typed", [ASTRONAUT, NEW_FACE])
def test_notes_show_what_was_typed(typed: str) -> None:
    parsed = ParsedPrompt((), unknown=(typed,), replaced=((typed, "rocket"),), dropped=(typed,))
    assert list(notes_on_prompt(parsed)) == [
        f"reading '{typed}' as 'rocket'",
        f"not known to the model, left out: '{typed}'",
        f"more words than the model takes, left out: '{typed}'",
    ]


def test_what_is_left_out_and_what_is_one_are_told() -> None:
    parsed = ParsedPrompt(("cat",), left_out=("without hat", "no glasses"), counts=("three",))
    assert list(notes_on_prompt(parsed)) == ["left out: 'without hat', 'no glasses'", "one emoji is drawn, not 'three'"]


@pytest.mark.parametrize(("typed", "shown"), [(ASTRONAUT, ASTRONAUT), (NEW_FACE, NEW_FACE), ("\x1b[2J", "\\x1b[2J")])
def test_errors_show_what_was_typed(typed: str, shown: str, default_bundle: Bundle) -> None:
    vocabulary = Vocabulary.from_json(default_bundle.read(default_bundle.manifest.vocabulary), default_bundle.manifest)
    gallery = Gallery.from_bundle(default_bundle)
    looks_up: list[Callable[[], object]] = [
        lambda: check_known(ParsedPrompt((), unknown=(typed,))),
        lambda: check_known(ParsedPrompt((), left_out=(typed,))),
        lambda: check_style(typed, ["noto"]),
        lambda: find_emotion(typed),
        lambda: choose_items([typed], None, gallery),
        lambda: vocabulary.word_token(typed),
        lambda: parse_color(typed),
    ]
    for look_up in looks_up:
        with pytest.raises(UsageError) as caught:
            look_up()
        assert f"'{shown}'" in caught.value.what


@pytest.mark.parametrize(
    ("prompt", "note", "names"),
    [
        ("transparent ghost", "not drawn, as nothing that is drawn after has it: 'transparent'", ["transparent"]),
        ("cat dog pizza", "not drawn, as nothing that is drawn after has it: 'cat', 'dog'", ["cat", "dog"]),
        ("happy sad sun", "one feeling can be drawn, left out: sad", ["sad"]),
        ("in love robot", "not drawn, as what is drawn after has a face of its own: love", ["love"]),
        ("happy dog", "not drawn, as what is drawn after has a face of its own: happy", ["happy"]),
        ("ghost", None, []),
        ("kitten", None, []),
        ("in love pizza", None, []),
        ("sad cat", None, []),
        ("crying laughing face", None, []),
        ("pink elephant", None, []),
        ("red and blue fish", None, []),
        ("cat with a hat", None, []),
        ("😺 with 🎩", None, []),
    ],
)
def test_what_comes_out_nowhere_is_told(prompt: str, note: str | None, names: list[str], default_bundle: Bundle) -> None:
    pipeline = Pipeline.of(default_bundle, device="cpu")
    parsed = pipeline.parse(prompt)
    brief = pipeline.brief(Request.from_prompt(parsed), seed=1, pictures=range(4))
    told = [each for each in notes_on_finishes(parsed, brief) if each.startswith(("not drawn", "one feeling"))]
    assert told == ([] if note is None else [note])
    assert not_drawn(parsed, brief) == names


def test_the_colour_of_what_somebody_else_wears_is_not_that_of_the_subject(default_bundle: Bundle) -> None:
    parsed = Pipeline.of(default_bundle, device="cpu").parse("cat and a red hat")
    assert (parsed.apart, parsed.worn_colors) == (("hat",), ("red",))
    assert "red" not in {*parsed.words, *parsed.sought}


def test_a_prompt_that_is_not_known_is_answered_with_the_nearest_names(default_bundle: Bundle) -> None:
    with pytest.raises(UsageError) as caught:
        check_known(ParsedPrompt((), unknown=("kat",)), Gallery.from_bundle(default_bundle).nearest_names)
    assert "Nearest names: rat, cat, bat. Plain words" in str(caught.value.fix)
