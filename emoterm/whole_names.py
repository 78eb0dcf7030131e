"""Names of emojis inside a prompt, of several words: what seems to say no, to count or to list in them does not.

A prompt is a list of words here, with marks where it has commas and the like: ``["cat", ",", "no", "hat"]``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

PART, COLON = ",", ":"
"""Marks: a comma, a semicolon or a slash; a colon, in front of what describes a name."""
MARKS = frozenset({PART, COLON})
_LONGEST = 8
"""Words of a name that are looked at."""

IsName = Callable[[str], bool]
"""Whether some words, in the form of :func:`emoterm.names.plain`, are the whole name of an emoji."""


def is_in_name(words: Sequence[str], place: int, is_name: IsName) -> bool:
    """Whether the word at a place belongs to the whole name of an emoji, as "no" does in "no entry"."""
    starts = range(max(0, place + 1 - _LONGEST), place + 1)
    stops = range(place + 1, min(len(words), place + _LONGEST) + 1)
    runs = (without_marks(words[start:stop]) for start in starts for stop in stops if MARKS.isdisjoint((words[start], words[stop - 1])))
    return any(" " in run and is_name(run) for run in runs)


def without_marks(words: Sequence[str]) -> str:
    """The words as a text, without marks."""
    return " ".join(word for word in words if word not in MARKS)
