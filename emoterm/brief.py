"""What each picture of a request should be: style, words, and an emoji of the gallery to draw after.

N pictures · P tokens of a picture
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from emoterm.gallery import Gallery, GalleryEntry
from emoterm.gallery_index import EmojiRecord
from emoterm.manifest import SamplingDefaults
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams, uniforms
from emoterm.vocabulary import Condition

if TYPE_CHECKING:
    from emoterm.accessories import Place

I64 = NDArray[np.int64]
T = TypeVar("T")
Sampling = TypeVar("Sampling", SamplingParams, SamplingDefaults)
"""What a bundle says, or what is asked for."""

TEMPERATURE, GUIDANCE = 0.7, 3.0
"""Cooler, and guided less, than from words alone: what to draw is known. Chance adds little but stains, and guidance glaring colours."""
NAMED = 8
"""Emojis that a person is told of."""


@dataclass(frozen=True)
class Finish:
    """What is done to one picture once it is drawn; :mod:`emoterm.finish` does it."""

    color: str | None = None
    """What it is painted in, of :data:`emoterm.colors.COLORS`."""
    unless_near: bool = False
    """Whether a picture stays as it is where its main colour is that one already."""
    face: GalleryEntry | None = None
    """The emoji whose face it is given, of :func:`emoterm.feelings.faces_for`."""
    worn: tuple[tuple[GalleryEntry, Place], ...] = ()
    """The emojis that it wears, and where."""
    glasses_in_front: bool = False
    """As in :func:`emoterm.wearing.wear_all`."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What each of N pictures should be."""

    conditions: list[Condition]
    """(N,)."""
    after: tuple[GalleryEntry, ...] = ()
    """(N,) what each is drawn after; empty where that is nothing."""
    sources: I64 | None = None
    """(N, P) the tokens of those, as :meth:`emoterm.prior.Prior.generate` wants them."""
    shortlist: tuple[EmojiRecord, ...] = ()
    """The emojis to tell people of: those of a search, nearest first, or those that chance picked, in the order of the pictures."""
    finishes: tuple[Finish, ...] = ()
    """(N,) what is done to each once it is drawn; empty where that is nothing."""

    def names(self, *, with_emojis: bool = True) -> str:
        """The shortlist, for people: ``🐱 cat face, 😺 grinning cat``, or without the emojis, which terminals disagree on the width of."""
        named = [f"{emoji.emoji} {emoji.name}".strip() if with_emojis else emoji.name for emoji in self.shortlist[:NAMED]]
        more = len(self.shortlist) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")


class Subject(NamedTuple):
    """What one picture shows."""

    emoji: EmojiRecord
    words: tuple[str, ...]
    """That the prior is told."""


class Uniforms(NamedTuple):
    """The random numbers, in [0, 1), that decide what a picture is drawn after and how it is finished."""

    of_emoji: float
    of_source: float
    """Which style the emoji is taken in."""
    of_picture: float
    """Which style the picture is drawn in."""
    of_face: float


def uniforms_for(picture: int, *, seed: int, prior: Prior) -> Uniforms:
    """Those of one picture: of its stream, behind the numbers of its tokens."""
    return Uniforms(*uniforms(seed, picture, prior.n_tokens + len(Uniforms._fields))[prior.n_tokens :].tolist())


def drawn_after(
    subjects: Sequence[Subject],
    numbers: Sequence[Uniforms],
    *,
    style: str | None,
    gallery: Gallery,
    prior: Prior,
    shortlist: Sequence[EmojiRecord],
) -> Brief:
    """Draw each picture after an emoji, in another style than that one has.

    Args:
        subjects: (N,).
        numbers: (N,) from :func:`uniforms_for`.
        style: of all pictures; None: each in another than that of the emoji it is drawn after.
        gallery: that the emojis are of.
        prior: of the same bundle.
        shortlist: of the :class:`Brief`.
    """
    conditions, after = [], []
    for subject, mine in zip(subjects, numbers, strict=True):
        entry = subject.emoji.entry(pick(other_styles(subject.emoji.styles, style), mine.of_source))
        others = other_styles(prior.vocabulary.styles, entry.style)
        chosen = style or (pick(others, mine.of_picture) if others else None)
        conditions.append(Condition(style=chosen, words=subject.words))
        after.append(entry)
    grids = {entry.row: gallery.tokens(entry) for entry in after}
    return Brief(conditions, tuple(after), np.stack([grids[entry.row] for entry in after]), tuple(shortlist))


def sampling_for(defaults: Sampling) -> Sampling:
    """The sampling law of pictures that are drawn after an emoji, from that of the bundle."""
    return replace(defaults, temperature=TEMPERATURE, guidance=GUIDANCE)


def pick(choices: Sequence[T], number: float) -> T:
    """One of the choices, for a number in [0, 1)."""
    return choices[int(number * len(choices))]


def other_styles(styles: Sequence[str], style: str | None) -> list[str]:
    """Those but one."""
    return [name for name in styles if name != style]
