"""What a prompt says its subject wears, as far as that can be put on: a "red cowboy hat" is a top hat in its own colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from emoterm.accessories import Accessory, accessory_at, find_accessory
from emoterm.colors import colors_in
from emoterm.everyday import stand_ins
from emoterm.feelings import feeling_of
from emoterm.prompt_words import FILLER_WORDS, Names, is_adjective, says_how

_INTRODUCED_BY = frozenset({"with", "wearing", "wears", "in", "has"})
_NOT = "no"


class Outfit(NamedTuple):
    """A prompt whose hats and glasses are those that there are."""

    words: list[str]
    colors: list[str]
    """What was said of the colour of something worn, and taken out: it can neither be painted nor should it be said of the subject."""
    unlike: list[tuple[str, str]]
    """What cannot be put on as it was called, and what it is called without that: ("cowboy hat", "hat")."""


def worn_in(typed: Sequence[str]) -> tuple[str, ...]:
    """What a prompt says its subject wears: what is called so behind a "with", "wearing", "in" or "has", each accessory once.

    What another subject wears is none of it: "cat with a hat and dog with glasses".

    Args:
        typed: the single words of the prompt, in the form of :func:`emoterm.names.plain`.

    Returns:
        Names and synonyms of :data:`emoterm.accessories.ACCESSORIES`, as they were called.
    """
    worn: dict[Accessory | None, str] = {}
    for _, _, called in _worn_places(typed):
        worn.setdefault(find_accessory(called), called)
    return tuple(worn.values())


def outfit_of(typed: Sequence[str], head: Sequence[str], names: Names | None) -> Outfit:
    """Take out of a prompt what cannot be had of the things that are worn.

    Args:
        typed: the single words of the prompt.
        head: of :func:`emoterm.prompt_words.head_of`, the last of which is the subject.
        names: of emojis; what belongs to the subject in one of them stays: "face with cowboy hat".
    """
    words = _turned_round(list(typed), head, names)
    cut: set[int] = set()
    colors: list[str] = []
    unlike: list[tuple[str, str]] = []
    end = 0
    for place, length, called in _worn_places(words):
        start = place
        while start > end and words[start - 1] not in FILLER_WORDS:
            start -= 1
        end = place + length
        painted = [i for i in range(start, place) if colors_in([words[i]])]
        others = [i for i in range(start, place) if not is_adjective(words[i])]
        colors += [words[i] for i in painted]
        cut.update(painted)
        if others and not (names is not None and head and any(names.has_words(head[-1], words[i]) for i in others)):
            unlike.append((" ".join([*(words[i] for i in others), called]), called))
            cut.update(others)
    return Outfit([word for i, word in enumerate(words) if i not in cut], colors, unlike)


def _turned_round(typed: list[str], head: Sequence[str], names: Names | None) -> list[str]:
    """The words with "wizard hat cat" as "cat with wizard hat"; as they are where an emoji has both in its name or its keywords."""
    start = next((i for i in range(len(typed)) if typed[i : i + len(head)] == list(head)), len(typed))
    if names is None or len(head) < 2 or start == len(typed) or says_how(head[-1]) or find_accessory(head[-1]) is not None:
        return typed
    before, subject = list(head[:-1]), head[-1]
    first = next((i for i in range(len(before)) if accessory_at(before[i:]) == (len(before) - i, " ".join(before[i:]))), None)
    is_somebody = any(names.is_name(called) for called in (subject, *stand_ins(subject)))
    if first is None or not is_somebody or names.has_words(subject, before[-1]):
        return typed
    worn = first
    while first > 0 and feeling_of(before[first - 1]) is None and not (first < worn and colors_in([before[first - 1]])):
        first -= 1
    return [*typed[:start], *before[:first], subject, "with", *before[first:], *typed[start + len(head) :]]


def _worn_places(typed: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where in a prompt something is named that its subject wears: the place, the number of words, and what it is called."""
    is_worn = is_of_another = False
    place = 0
    while place < len(typed):
        word = typed[place]
        if word == "and" and place > 0 and not says_how(typed[place - 1]) and _names_another(typed[place + 1 :]):
            is_of_another = True
        if word in _INTRODUCED_BY and place > 0:
            if is_of_another:
                return
            is_worn = True
        length, called = accessory_at(typed[place:])
        if is_worn and called is not None and typed[place - 1] != _NOT:
            yield place, length, called
        place += length


def _names_another(words: Sequence[str]) -> bool:
    """Whether the words behind an "and" name one more thing than what is worn."""
    start = int(words[:1] in (["a"], ["an"], ["the"]))
    stop = next((i for i in range(start, len(words)) if words[i] in FILLER_WORDS), len(words))
    run = words[start:stop]
    return not all(map(says_how, run)) and not any(accessory_at(run[i:])[1] for i in range(len(run)))
