"""Commas, semicolons and slashes of a prompt: "cat, dog, pizza" names three things, "cat, happy" one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from emoterm.accessories import find_accessory
from emoterm.prompt_words import FILLER_WORDS, is_adjective, split
from emoterm.whole_names import COLON, MARKS, PART, IsName, is_in_name

_MARK = re.compile(r"([,;/:，、；：])")
_WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
_WITH = re.compile(r"\bw/", re.IGNORECASE)
_ARTICLES = frozenset({"a", "an", "the", "my", "your"})


def split_with_marks(text: str) -> list[str]:
    """The words of a prompt as :func:`emoterm.prompt_words.split` has them, and marks where it has commas, slashes and colons."""
    text = _WITH.sub("with ", _WITHOUT.sub("without", text))
    words: list[str] = []
    for piece in _MARK.split(text):
        if _MARK.fullmatch(piece):
            words.append(COLON if piece in ":：" else PART)
        else:
            words += split(piece)
    return words


def joined(words: Sequence[str], is_name: IsName, is_known: Callable[[str], bool]) -> list[str]:
    """Read the commas: an "and" in front of another thing, a "with" in front of something worn, nothing where a part says how it is.

    Args:
        words: of a prompt, with marks.
        is_name: whole names of emojis, such as "family: man, woman, girl", are no lists.
        is_known: whether a word is known at all; "cute, fluffy cat" begins with no thing.

    Returns:
        The words; of the marks only colons.
    """
    said: list[str] = []
    for place, word in enumerate(words):
        if word != PART:
            said.append(word)
        elif said and not is_in_name(words, place, is_name) and (between := _between(said, words[place + 1 :], is_known)) is not None:
            said.append(between)
    return said


def _between(said: Sequence[str], rest: Sequence[str], is_known: Callable[[str], bool]) -> str | None:
    """The word that a comma stands for, None if it is none."""
    part = list(rest[: next((i for i, word in enumerate(rest) if word in MARKS), len(rest))])
    while part and part[0] in _ARTICLES:
        part = part[1:]
    if not part or part[0] in FILLER_WORDS or (part[0].endswith("ing") and len(part) > 1) or all(map(_says_how, part)):
        return None
    if not any(is_known(word) and not _says_how(word) for word in said if word not in FILLER_WORDS | MARKS):
        return None
    is_worn = any(find_accessory(" ".join(part[start:])) for start in range(len(part)))
    return "with" if is_worn and find_accessory(said[-1]) is None else "and"


def _says_how(word: str) -> bool:
    """Whether a word is a colour, a feeling or the like, or says nothing of a thing."""
    return word in FILLER_WORDS or is_adjective(word)
