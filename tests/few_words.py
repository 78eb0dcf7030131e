"""A few words and emojis to read prompts with."""

from __future__ import annotations

from emoterm.names import plain
from emoterm.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    styles=["noto", "fluent3d", "twemoji"],
    words=[
        "cat", "dog", "face", "heart", "heart eyes", "eye", "sunglasses", "berry", "smile", "win", "wolf", "sleep", "red heart",
        "smileys", "emotion", "hat", "box", "t-shirt", "star-struck",
    ],
    groups={"Smileys & Emotion": ["face-smiling"], "beasts": ["cat", "dog"], "nothing": ["xyz"]},
    codebook_size=64,
    style_slots=1,
    word_slots=8,
)  # fmt: skip


class Emojis:
    """A gallery of a few emojis.

    Args:
        described: each by what it is called → its name, and what else describes it.
        misspelt: what is taken for one of them.
    """

    def __init__(self, described: dict[str, list[str]], misspelt: dict[str, str] | None = None) -> None:
        self._described, self._misspelt = described, misspelt or {}

    def describe(self, query: str, /, *, guess: bool = False) -> list[str]:
        return self._described.get(self._misspelt.get(query, query) if guess else query, [])

    def has_words(self, *words: str) -> bool:
        return any(set(words) <= set(plain(" ".join(each)).split()) for each in self._described.values())

    def is_name(self, phrase: str, /) -> bool:
        return any(plain(each[0]) == phrase for each in self._described.values())

    def is_in_name(self, phrase: str, /) -> bool:
        return any(f" {phrase} " in f" {plain(each[0])} " for each in self._described.values())


GALLERY = Emojis(
    {
        "unicorn": ["unicorn", "face", "horn", "smile"],
        "🐺": ["wolf"],
        "transparent": ["window", "smile", "transparent"],  # the only one with this keyword
        "cat face": ["cat face", "smile"],
        "flag: France": ["flag: France", "country flag"],
        "hot dog": ["hot dog"],
        "no cats": ["no cats"],
        "two cats": ["two cats"],
        "kiss: dog, wolf": ["kiss: dog, wolf"],
    },
    misspelt={"unikorn": "unicorn"},
)
