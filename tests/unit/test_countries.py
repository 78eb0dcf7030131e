"""Countries by short names, and their flags."""

from __future__ import annotations

import pytest

from emoterm.bundle import Bundle
from emoterm.countries import with_countries
from emoterm.pipeline import Pipeline
from emoterm.request import Request


@pytest.mark.parametrize(
    ("typed", "said", "read"),
    [
        ("usa", "flag united states", [("usa", "united states")]),
        ("french flag", "france flag", [("french", "france")]),
        ("a uk flag", "a united kingdom flag", [("uk", "united kingdom")]),
        ("flag of the uk", "flag of the united kingdom", [("uk", "united kingdom")]),
        ("uk cat", "uk cat", []),  # no flag is asked for
        ("america map", "america map", []),
        ("french horn", "french horn", []),
        ("cat", "cat", []),
        ("", "", []),
    ],
)
def test_countries_are_called_as_unicode_calls_them(typed: str, said: str, read: list[tuple[str, str]]) -> None:
    words, replaced = with_countries(typed.split())
    assert (" ".join(words), replaced) == (said, read)


@pytest.mark.parametrize(("prompt", "emoji"), [("usa", "🇺🇸"), ("uk", "🇬🇧"), ("uae", "🇦🇪"), ("french flag", "🇫🇷"), ("Japanese flag", "🇯🇵")])
def test_their_flags_are_drawn_after(prompt: str, emoji: str, default_bundle: Bundle) -> None:
    pipeline = Pipeline.of(default_bundle, device="cpu")
    brief = pipeline.brief(Request.from_prompt(pipeline.parse(prompt)), seed=1, pictures=range(1))
    assert brief.shortlist[0].emoji == emoji
