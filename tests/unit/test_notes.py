"""What a person typed is shown as it was typed: an emoji whole, and nothing in it that a terminal obeys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emoterm.bundle import Bundle
from emoterm.emotions import find_emotion
from emoterm.errors import UsageError
from emoterm.gallery import Gallery
from emoterm.imaging.compose import parse_color
from emoterm.notes import notes_on_prompt
from emoterm.outfit import choose_items
from emoterm.prompt import ParsedPrompt, check_known, check_style
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


@pytest.mark.parametrize(("typed", "shown"), [(ASTRONAUT, ASTRONAUT), (NEW_FACE, NEW_FACE), ("\x1b[2J", "\\x1b[2J")])
def test_errors_show_what_was_typed(typed: str, shown: str, default_bundle: Bundle) -> None:
    vocabulary = Vocabulary.from_json(default_bundle.read(default_bundle.manifest.vocabulary), default_bundle.manifest)
    gallery = Gallery.from_bundle(default_bundle)
    looks_up: list[Callable[[], object]] = [
        lambda: check_known(ParsedPrompt((), unknown=(typed,))),
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
