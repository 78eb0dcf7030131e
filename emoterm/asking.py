"""How a prompt asks for its picture: "draw me a picture of a cat, please" says no more than "cat"."""

from __future__ import annotations

from collections.abc import Sequence

from emoterm.whole_names import MARKS

# fmt: off
_VERBS = frozenset({"create", "design", "draw", "generate", "give", "imagine", "make", "paint", "render", "show", "sketch"})
_WISHES = (("i", "want"), ("i", "need"), ("i", "would", "like"), ("i'd", "like"), ("i’d", "like"), ("can", "you"), ("could", "you"))
_PICTURES = frozenset({
    "drawing", "emoji", "emoticon", "icon", "illustration", "image", "painting", "photo", "photograph", "pic", "picture", "sketch",
    "sticker",
})
# fmt: on
_ENDS = MARKS | {"please"}
_FOR_WHOM = frozenset({"me", "us"})
_BEFORE = frozenset({"a", "an", "the", "some", "my", "one"})


def without_asking(words: Sequence[str]) -> list[str]:
    """The words of a prompt, with marks, without those that only ask for a picture, in front and at the end."""
    left = _without_please(words)
    for wish in _WISHES:
        if tuple(left[: len(wish)]) == wish:
            left = _without_please(left[len(wish) :])
    if left[:1] and left[0] in _VERBS and left[1:2] and left[1] in _FOR_WHOM | _BEFORE | _PICTURES:
        left = left[1:]
        if left[0] in _FOR_WHOM:
            left = left[1:]
    start = int(bool(left) and left[0] in _BEFORE)
    if left[start + 1 : start + 2] == ["of"] and left[start] in _PICTURES and left[start + 2 :]:
        left = left[start + 2 :]
    return left


def _without_please(words: Sequence[str]) -> list[str]:
    """Without a "please" at either end, and the marks beside it; a prompt that is nothing else stays."""
    left = list(words)
    while len(left) > 1 and left[0] in _ENDS:
        left.pop(0)
    while len(left) > 1 and left[-1] in _ENDS:
        left.pop()
    return left
