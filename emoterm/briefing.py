"""What the pictures of a request are drawn after: emojis that come near to its words, emojis that chance picks, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from emoterm.brief import Brief
from emoterm.chance import brief_by_chance
from emoterm.gallery import Gallery
from emoterm.prior import Prior
from emoterm.retrieval import brief_by_words
from emoterm.vocabulary import Condition


def make_brief(
    asked: Condition,
    sought: Sequence[str] = (),
    *,
    color: str | None = None,
    by_chance: bool = False,
    gallery: Gallery,
    prior: Prior,
    seed: int,
    pictures: range,
) -> Brief:
    """See :func:`emoterm.retrieval.brief_by_words` and :func:`emoterm.chance.brief_by_chance`.

    Args:
        asked: what all pictures should be.
        sought: words to search the gallery for.
        color: that the words name.
        by_chance: draw after any emojis, where nothing is sought.
        gallery: of the bundle.
        prior: of the bundle.
        seed: of the pictures.
        pictures: their indices among all of this seed.
    """
    if by_chance:
        return brief_by_chance(asked.style, gallery=gallery, prior=prior, seed=seed, pictures=pictures)
    return brief_by_words(asked, sought, gallery=gallery, prior=prior, seed=seed, pictures=pictures, color=color)
