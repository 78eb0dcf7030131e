"""Emojis of the gallery that chance picks to draw after, for pictures of which nothing is asked.

Without words and without a source the prior makes up what a picture shows from the first token on, and a picture that begins as nothing in
particular ends as that. Told of an emoji, it knows from the start.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emoterm.brief import Brief, Subject, drawn_after, other_styles, pick, uniforms_for
from emoterm.gallery import Gallery
from emoterm.gallery_index import EmojiRecord
from emoterm.prior import Prior
from emoterm.restyling import words_of
from emoterm.retrieval import without_tone, words_tell
from emoterm.sampling import uniforms
from emoterm.vocabulary import Condition

I64 = NDArray[np.int64]

_ORDER_STREAM = (1 << 64) - 1
"""The stream of random numbers that shuffles the kinds of emojis; those before it shuffle the emojis of each kind."""
_PARTS = "Component"
"""The Unicode group of what is no emoji by itself: swatches of skin tones, hair without a head."""

Family = list[EmojiRecord]
"""An emoji in its skin tones."""


def brief_by_chance(
    style: str | None,
    *,
    gallery: Gallery,
    prior: Prior,
    seed: int,
    pictures: range,
    split: str | None = None,
    group: str | None = None,
) -> Brief:
    """Pick an emoji to draw after for each picture: one of each Unicode subgroup in turn, as a seventh of all emojis are flags.

    What is picked for a picture depends on the seed and its index, not on the others. No emoji comes again before all of its subgroup
    were there.

    Args:
        style: of all pictures; None: each in another than what it is drawn after.
        gallery: of the bundle.
        prior: of the bundle.
        seed: of the pictures.
        pictures: their indices among all of this seed.
        split: only emojis of this split; None for all.
        group: only emojis of this Unicode group; None for all that are emojis by themselves.

    Returns:
        Without sources where the bundle has no gallery, no emoji has another style, or the prior reads no source.

    Raises:
        BundleError: the gallery is damaged.
    """
    kinds = _kinds(gallery, style=style, split=split, group=group) if gallery.exists and prior.source.exists else []
    if not kinds or not pictures:
        return Brief([Condition(style=style)] * len(pictures))
    numbers = [uniforms_for(picture, seed=seed, prior=prior) for picture in pictures]
    deal = _dealer(kinds, seed)
    emojis = [pick(deal(picture), mine.of_emoji) for picture, mine in zip(pictures, numbers, strict=True)]
    words = {emoji: _words(emoji, gallery, prior) for emoji in dict.fromkeys(emojis)}
    subjects = [Subject(emoji, words[emoji]) for emoji in emojis]
    return drawn_after(subjects, numbers, style=style, gallery=gallery, prior=prior, shortlist=tuple(words))


def _kinds(gallery: Gallery, *, style: str | None, split: str | None, group: str | None) -> list[list[Family]]:
    """The families that have another style, by subgroup, in Unicode order."""
    kinds: dict[str, dict[str, Family]] = {}
    for emoji in gallery.emojis:
        is_meant = emoji.is_of(group) and (group is not None or emoji.group != _PARTS)
        if is_meant and (split is None or emoji.split == split) and other_styles(emoji.styles, style):
            kinds.setdefault(emoji.subgroup, {}).setdefault(without_tone(emoji), []).append(emoji)
    return [list(families.values()) for families in kinds.values()]


def _dealer(kinds: list[list[Family]], seed: int) -> Callable[[int], Family]:
    """Index of a picture → the family it is of."""
    order = _shuffled(seed, _ORDER_STREAM, len(kinds))
    shuffles: dict[int, I64] = {}

    def deal(picture: int) -> Family:
        turn, place = divmod(picture, len(kinds))
        kind = int(order[place])
        if kind not in shuffles:
            shuffles[kind] = _shuffled(seed, _ORDER_STREAM - 1 - kind, len(kinds[kind]))
        return kinds[kind][shuffles[kind][turn % len(kinds[kind])]]

    return deal


def _shuffled(seed: int, stream: int, n: int) -> I64:
    """The numbers below n in an order of chance: (n,)."""
    return np.argsort(uniforms(seed, stream, n), kind="stable")


def _words(emoji: EmojiRecord, gallery: Gallery, prior: Prior) -> tuple[str, ...]:
    """What the prior is told of an emoji: the words of its name, where they do not mean something else."""
    words = words_of(emoji.entry(emoji.styles[0]), prior.vocabulary)
    return words if words_tell(words, [emoji], gallery) else ()
