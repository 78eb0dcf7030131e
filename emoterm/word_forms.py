"""The forms that an English word may have in a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator

# fmt: off
_ENDINGS = (
    ("iness", "y"), ("ness", ""),  # happiness → happy, sadness → sad
    ("ily", "y"), ("ly", ""),  # happily → happy, sadly → sad
    ("iest", "y"), ("ier", "y"), ("ied", "y"),  # happiest, happier → happy, cried → cry
    ("ful", ""), ("est", ""),  # joyful → joy, coldest → cold
)
# fmt: on


def word_forms(phrase: str) -> Iterator[str]:
    """The phrase, then the forms it may have in a list of names: singular, plural, verb without its ending.

    A handful of English suffix rules on the last word (Porter 1980, steps 1a and 1b, without the measure): wrong candidates do no harm,
    because only those that are in the vocabulary count.
    """
    yield phrase
    stem = re.sub(r"['’]s?$", "", phrase)
    if stem != phrase:
        yield stem
    if stem.endswith("ies"):
        yield stem[:-3] + "y"
    if stem.endswith("ves"):
        yield stem[:-3] + "f"
    if stem.endswith("es"):
        yield stem[:-2]
    if stem.endswith("s"):
        yield stem[:-1]
        yield stem + "es"  # sunglass → sunglasses
    else:
        yield stem + "s"
        yield stem + "es"
    if stem.endswith("y"):
        yield stem[:-1]  # sleepy → sleep
        yield stem[:-1] + "ies"
    for ending, instead in _ENDINGS:
        if stem.endswith(ending) and len(stem) - len(ending) >= 2:
            yield stem.removesuffix(ending) + instead
    for suffix in ("ing", "ed"):
        base = stem.removesuffix(suffix)
        if base != stem and len(base) >= 3:
            yield base
            yield base + "e"  # smiling → smile
            if base[-1] == base[-2]:
                yield base[:-1]  # winning → win
    yield stem + "ing"
    yield stem.removesuffix("e") + "ing"
    yield stem + "ed"  # shock → shocked
    yield stem.removesuffix("e") + "ed"
