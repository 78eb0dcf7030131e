"""What each picture of a prompt should be: words, style, and an emoji of the gallery to draw after.

The prior follows a picture far better than it follows words. So a prompt is answered in two steps: the gallery is searched for emojis
that come near to its words, and each picture is drawn after one of them, in another style than that one has, told the words as well.
Retrieval-augmented generation: Blattmann et al. 2022, https://arxiv.org/abs/2204.11824, with words in place of an embedding to search by.

    N pictures · P tokens of a picture
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emoterm.gallery import Gallery, GalleryEntry
from emoterm.gallery_index import EmojiRecord
from emoterm.manifest import SamplingDefaults
from emoterm.prior import Prior
from emoterm.prompt import plain
from emoterm.sampling import SamplingParams, uniforms
from emoterm.vocabulary import Condition

I64 = NDArray[np.int64]
T = TypeVar("T")
Sampling = TypeVar("Sampling", SamplingParams, SamplingDefaults)
"""What a bundle says, or what is asked for."""

TEMPERATURE, GUIDANCE = 0.7, 3.0
"""Cooler, and guided less, than from words alone: what to draw is known. Chance adds little but stains, and guidance glaring colours."""
LEAST = 0.25
"""An emoji that comes less near to the words has only a word in common with them."""
AS_NEAR = 0.75
"""What comes less near than this share of the nearest is left to those that come nearer."""
AT_MOST = 8
"""Emojis to choose from."""
TELLING = 0.5
"""The prior is told words only if they meant an emoji of the shortlist in this share of the pictures that it learned them from."""
_TRAINED = "train"
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_TONED = "skin"
"""Variants of skin tone are drawn after only where the words name one: "waving hand: dark skin tone"."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What each of N pictures should be."""

    conditions: list[Condition]
    """(N,)."""
    after: tuple[GalleryEntry, ...] = ()
    """(N,) what each is drawn after; empty where no emoji comes near enough."""
    sources: I64 | None = None
    """(N, P) the tokens of those, as :meth:`emoterm.prior.Prior.generate` wants them."""
    shortlist: tuple[EmojiRecord, ...] = ()
    """What those were chosen from, nearest first."""

    @property
    def names(self) -> str:
        """The shortlist, for people: ``🐱 cat face, 😺 grinning cat``."""
        return ", ".join(f"{emoji.emoji} {emoji.name}".strip() for emoji in self.shortlist)


def make_brief(
    asked: Condition, sought: Sequence[str], *, gallery: Gallery, prior: Prior, seed: int, pictures: range, split: str | None = None
) -> Brief:
    """Choose an emoji to draw after for each picture, by chance among those that come near.

    What is chosen for a picture depends on the seed and its index, not on the others.

    Args:
        asked: what all pictures should be. Where it has no style, each that is drawn after an emoji is in one of the others.
        sought: single words to search the gallery for, the subject first: of a :class:`~emoterm.prompt.ParsedPrompt`.
        gallery: of the bundle.
        prior: of the bundle.
        seed: of the pictures.
        pictures: their indices among all of this seed.
        split: only emojis of this split; None for all.

    Returns:
        Without sources where no emoji comes near, or the bundle has no gallery, or its prior reads no source.

    Raises:
        BundleError: the gallery is damaged.
    """
    found = shortlist(sought, style=asked.style, gallery=gallery, split=split) if sought and gallery.exists and prior.source.exists else ()
    if not found:
        return Brief([asked] * len(pictures))
    words = asked.words if _tell(asked.words, found, gallery) else ()
    conditions, after = [], []
    for picture in pictures:
        numbers = uniforms(seed, picture, prior.n_tokens + 3)[prior.n_tokens :]  # behind those of its tokens
        emoji = _pick(found, numbers[0])
        entry = emoji.entry(_pick(_other_styles(emoji.styles, asked.style), numbers[1]))
        others = _other_styles(prior.vocabulary.styles, entry.style)
        style = asked.style or (_pick(others, numbers[2]) if others else None)
        conditions.append(Condition(style=style, words=words))
        after.append(entry)
    grids = {entry.row: gallery.tokens(entry) for entry in after}
    return Brief(conditions, tuple(after), np.stack([grids[entry.row] for entry in after]), found)


def sampling_for(defaults: Sampling) -> Sampling:
    """The sampling law of pictures that are drawn after an emoji, from that of the bundle."""
    return replace(defaults, temperature=TEMPERATURE, guidance=GUIDANCE)


def shortlist(sought: Sequence[str], *, style: str | None, gallery: Gallery, split: str | None = None) -> tuple[EmojiRecord, ...]:
    """The emojis that come near to some words, nearest first. Arguments as in :func:`make_brief`.

    Args:
        sought: single words, the subject first.
        style: that the pictures will have; an emoji that has no other would only be copied, and is left out.
        gallery: of a bundle that has one.
        split: only emojis of this split; None for all.
    """
    possible = [
        (emoji, nearness)
        for emoji, nearness in gallery.near(sought)
        if (split is None or emoji.split == split) and (not emoji.skin_tone or _TONED in sought) and _other_styles(emoji.styles, style)
    ]
    least = max(LEAST, AS_NEAR * possible[0][1]) if possible else 0
    return tuple(emoji for emoji, nearness in possible if nearness >= least)[:AT_MOST]


def _tell(words: Sequence[str], found: Sequence[EmojiRecord], gallery: Gallery) -> bool:
    """Whether words say of the emojis found what the prior takes them to say: it knows "rocket" from many astronauts and one rocket."""
    single = dict.fromkeys(part for word in words for part in plain(word).split())
    if not any(emoji.split == _TRAINED for emoji in found):
        return False
    meant, all_of_them = 0, 0
    same = {_without_tone(emoji) for emoji in found}
    for emoji in gallery.with_words(list(single)):
        if emoji.split == _TRAINED:
            all_of_them += len(emoji.styles)
            meant += len(emoji.styles) * (_without_tone(emoji) in same)
    return meant >= TELLING * all_of_them


def _without_tone(emoji: EmojiRecord) -> str:
    return _SKIN_TONES.sub("", emoji.emoji) or emoji.name


def _pick(choices: Sequence[T], number: float) -> T:
    """One of the choices, for a number in [0, 1)."""
    return choices[int(number * len(choices))]


def _other_styles(styles: Sequence[str], style: str | None) -> list[str]:
    return [name for name in styles if name != style]
