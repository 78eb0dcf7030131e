"""Everyday words that Unicode's names and keywords do not use, and the words they use instead; and what counts as a slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emoterm.emotions import known_words

# fmt: off
EVERYDAY = {
    "kitten": "cat", "kitty": "cat", "kitties": "cat", "puppy": "dog", "puppies": "dog", "doggy": "dog", "doggo": "dog",
    "mice": "mouse", "oxen": "ox", "piglet": "pig", "pony": "horse", "birdie": "bird", "calf": "cow", "lamb": "sheep",
    "men": "man", "women": "woman", "children": "child", "kid": "child", "kids": "child", "lady": "woman", "guy": "man",
    "mum": "woman", "mom": "woman", "dad": "man", "teeth": "tooth", "feet": "foot", "leaves": "leaf", "cops": "police",
    "automobile": "car", "lorry": "truck", "bicycling": "bicycle", "jet": "airplane", "tram": "train", "woods": "tree", "forest": "tree",
    "thirsty": "drink", "lover": "love", "telly": "television", "mobile": "phone", "specs": "glasses", "shades": "sunglasses",
    "goldfish": "fish", "programmer": "technologist", "pumpkin": "jack o lantern", "dinosaur": "sauropod",
}
# fmt: on
"""Typed word → word to look up; all singular, lower-case."""

_MIN_CHARS = 5  # below that one letter makes another word: cat, bat, hat; cake, lake
_TWO_EDITS_FROM = 9
_SHORTEST = 3


def stand_ins(word: str) -> Iterator[str]:
    """Words that mean nearly the same and are likelier to be a keyword of an emoji: ``kitten`` → ``cat``, ``grumpy`` → ``angry`` …"""
    if word in EVERYDAY:
        yield EVERYDAY[word]
    if (emotion := known_words().get(word)) is not None:
        yield from (emotion.name, *emotion.keywords)


def also_called(word: str) -> list[str]:
    """What people call the same, and names of emojis may: ``woman`` → ``women``, ``lady``."""
    return [typed for typed, used in EVERYDAY.items() if used == word]


def nearest_spelling(word: str, known: Iterable[str], *, two_edits_from: int = _TWO_EDITS_FROM) -> str | None:
    """The known word that ``word`` is a misspelling of, if there is one.

    One wrong, missing, extra or swapped letter is taken for a slip, two in words of nine letters and more, but never the first letter nor
    a changed last one: ``sunglases`` is ``sunglasses``; ``shark`` is not ``shake``, ``scary`` not ``scarf`` and ``doggy`` not ``foggy``.
    In words of fewer than five letters only two in the wrong order are, or one that should be there twice: ``dgo``, ``hapy``.
    """
    allowed = 2 if len(word) >= two_edits_from else 1
    if len(word) < _MIN_CHARS:
        slips = slips_of_short(word)
        return next((candidate for candidate in known if candidate in slips), None)
    best: tuple[int, str] | None = None
    for candidate in known:
        if candidate[:1] != word[:1] or abs(len(candidate) - len(word)) > allowed or len(candidate) < _MIN_CHARS:
            continue
        if len(candidate) == len(word) and candidate[:-1] == word[:-1]:
            continue
        distance = edit_distance(word, candidate)
        if distance <= allowed and (best is None or distance < best[0]):
            best = (distance, candidate)
    return None if best is None else best[1]


def slips_of_short(word: str) -> set[str]:
    """What a word of fewer than five letters may have been meant to be; nothing for a longer one."""
    if not _SHORTEST <= len(word) < _MIN_CHARS:
        return set()
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)}
    doubled = {word[: i + 1] + word[i:] for i in range(1, len(word))} if len(word) > _SHORTEST else set()
    return (swapped | doubled) - {word}


def edit_distance(a: str, b: str) -> int:
    """Letters to insert, delete, change or swap with their neighbour to turn one word into the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        above, row = row, [i, *[0] * len(b)]
        for j, right in enumerate(b, start=1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                row[j] = min(row[j], before[j - 2] + 1)
        before = above
    return row[-1]
