"""What a prompt says there should not be: "cat without a hat", "cat, no glasses", "not a happy sun", "non-blue cat".

Nothing can be drawn away, and a word that is read says to draw it. So these are taken out before anything else reads the words.
"""

from __future__ import annotations

from collections.abc import Sequence

from emoterm.accessories import find_accessory
from emoterm.prompt_words import FILLER_WORDS, says_how
from emoterm.whole_names import MARKS, IsName, is_in_name

_NO_THING = frozenset({"without", "no"})
_NOT_SO = frozenset({"not", "non", "isn't", "isn’t", "aren't", "aren’t"})
_ALSO = frozenset({"or", "nor"})
_BEFORE = frozenset({"a", "an", "any", "the", "that", "this", "his", "her", "its", "their", "my", "your"})
"""In front of the name of a thing, which is left out to its end then: "not a scary dog"."""
_SKIPPED = _BEFORE | {"very", "really", "so", "too", "wearing", "with", "in", "of", "on"}


def without_negations(words: Sequence[str], is_name: IsName) -> tuple[list[str], list[str]]:
    """Take out what should not be there.

    Args:
        words: of a prompt, with marks.
        is_name: in whole names of emojis, such as "no entry", nothing is a negation.

    Returns:
        The other words, and what was taken out, each as it was typed.
    """
    kept: list[str] = []
    left_out: list[str] = []
    place = 0
    while place < len(words):
        stop = _end(words, place) if words[place] in _NO_THING | _NOT_SO and not is_in_name(words, place, is_name) else place
        if stop == place:
            kept.append(words[place])
            place += 1
            continue
        left_out.append(" ".join(words[place:stop]))
        if kept[-1:] == ["but"]:
            kept.pop()
        place = stop
    return kept, left_out


def _end(words: Sequence[str], place: int) -> int:
    """Where what is denied at a place ends; the place itself where nothing follows."""
    start = place + 1
    while start < len(words) and words[start] in _SKIPPED:
        start += 1
    stop = next((i for i in range(start, len(words)) if _stops(words[i])), len(words))
    if stop == start:
        return place
    run = words[start:stop]
    if words[place] in _NO_THING:
        if len(run) > 1 and all(word in FILLER_WORDS | MARKS for word in words[:place]):  # "no hat cat" is about a cat
            worn = next((i for i, word in enumerate(run) if find_accessory(word)), len(run) - 2)
            stop = start + worn + 1
    elif _BEFORE.isdisjoint(words[place + 1 : start]) and not run[0].endswith("ing"):
        stop = start + next((i for i, word in enumerate(run) if not says_how(word)), len(run)) if says_how(run[0]) else start + 1
    if words[stop : stop + 1] and (words[stop] in _ALSO or (words[stop] == "and" and _goes_on_with_worn(words, stop))):
        return max(stop, _end([words[place], *words[stop + 1 :]], 0) + stop)
    return stop


def _stops(word: str) -> bool:
    return word in MARKS or word in FILLER_WORDS or word in _NO_THING or word in _NOT_SO or word in _ALSO


def _goes_on_with_worn(words: Sequence[str], place: int) -> bool:
    """Whether an "and" joins one more thing to wear: "without hat and glasses"."""
    start = place + 1
    while start < len(words) and words[start] in _BEFORE:
        start += 1
    stop = next((i for i in range(start, len(words)) if _stops(words[i])), len(words))
    return start < stop and find_accessory(words[stop - 1]) is not None
