"""What the pictures of a request are drawn after: emojis that come near to its words, emojis that chance picks, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emoterm.brief import Brief
from emoterm.chance import brief_by_chance
from emoterm.colors import has_color
from emoterm.feelings import feeling_of
from emoterm.gallery import Gallery
from emoterm.prior import Prior
from emoterm.prompt import ParsedPrompt
from emoterm.retrieval import brief_by_words
from emoterm.vocabulary import Condition


def make_brief(
    asked: Condition,
    sought: Sequence[str] = (),
    *,
    color: str | None = None,
    feeling: str | None = None,
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
        feeling: that the words name of something that has no face.
        by_chance: draw after any emojis, where nothing is sought.
        gallery: of the bundle.
        prior: of the bundle.
        seed: of the pictures.
        pictures: their indices among all of this seed.
    """
    if by_chance:
        return brief_by_chance(asked.style, gallery=gallery, prior=prior, seed=seed, pictures=pictures)
    return brief_by_words(asked, sought, gallery=gallery, prior=prior, seed=seed, pictures=pictures, color=color, feeling=feeling)


def told_of(parsed: ParsedPrompt, brief: Brief) -> Iterator[str]:
    """What a person should know of how pictures will be finished."""
    if any(finish.color and not finish.unless_near for finish in brief.finishes):
        yield f"painting in {parsed.color}"
    elif not brief.finishes and any(has_color([word], parsed.color) for word in parsed.unknown if parsed.color is not None):
        yield f"nothing to paint in {parsed.color}"
    if len(parsed.colors) > 1 and brief.after:
        yield f"one colour can be painted and {len(parsed.colors)} are named, so none is: {', '.join(parsed.colors)}"
    if any(finish.face for finish in brief.finishes):
        yield f"drawing faces: {parsed.feeling}"
    elif any(feeling_of(word) == parsed.feeling for word in parsed.unknown if parsed.feeling is not None):
        yield f"nothing to give a face: {parsed.feeling}"
