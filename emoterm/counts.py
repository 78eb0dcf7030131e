"""How many a prompt speaks of: "three hearts", "a couple of dogs". A picture shows one emoji, however many are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emoterm.prompt_words import FILLER_WORDS
from emoterm.whole_names import MARKS

_ONE = frozenset({"one", "1", "single"})
# fmt: off
_MORE = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "many", "several", "few", "dozen",
    "multiple",
})
# fmt: on
_AMOUNTS = frozenset({"couple", "lot", "lots", "bunch", "dozens", "group"})
"""Counts with an "of" behind them."""
_MOST_DIGITS = 4


def without_counts(words: Sequence[str], *, stands_in_name: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """Take out how many there should be of something, in front of its name.

    Args:
        words: of a prompt, with marks.
        stands_in_name: whether words, in the form of :func:`emoterm.names.plain`, stand side by side in the name of an emoji, so that its
            number is a part of it: "three o'clock", "one-piece swimsuit", "8 ball", "two hearts".

    Returns:
        The other words, and the counts of more than one.
    """
    kept: list[str] = []
    counts: list[str] = []
    place = 0
    while place < len(words):
        length = _length(words[place:])
        counted = words[place + length : place + length + 1]
        is_time = counted[:1] and (counted[0].startswith(("o'clock", "o’clock")) or words[place + length :][:2] == ["o", "clock"])
        if not length or not counted or counted[0] in MARKS | FILLER_WORDS or is_time:
            kept.append(words[place])
            place += 1
        elif stands_in_name(f"{words[place + length - 1]} {counted[0]}"):
            kept += words[place : place + length]
            place += length
        else:
            counted_so = " ".join(words[place : place + length]).removeprefix("a ")
            if counted_so not in _ONE:
                counts.append(counted_so)
            place += length
    return kept, counts


def _length(words: Sequence[str]) -> int:
    """How many words at the front are a count; 0 for none."""
    start = int(words[0] == "a")
    if len(words) > start + 1 and words[start] in _AMOUNTS and words[start + 1] == "of":
        return start + 2
    if len(words) > 1 and start and words[1] in ("few", "dozen", "single"):
        return 2
    if words[0] == "some":  # not of a mass: some cheese
        return int(len(words) > 1 and words[1].endswith("s") and not words[1].endswith("ss"))
    return int(words[0] in _ONE | _MORE or (words[0].isdecimal() and len(words[0]) <= _MOST_DIGITS))
