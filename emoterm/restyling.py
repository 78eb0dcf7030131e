"""The same emoji in another style: the prior reads the tokens of a picture and writes those of another.

P tokens of a picture, raster order
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError
from emoterm.gallery import GalleryEntry
from emoterm.names import check_style, style_or_none
from emoterm.prior import Prior, Progress
from emoterm.prompt import parse_prompt
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition, Vocabulary

I64 = NDArray[np.int64]

ALL = "all"
"""Stands for every style but that of the source."""
TEMPERATURE = 0.6
"""Cooler than for new emojis: what to draw is known, and chance adds little but stains."""
GUIDANCE = 4.0
"""Away from pictures of anything, towards this source in this style; below 3 the source is forgotten, from about 10 on colours break up."""
LAW = SamplingParams(temperature=TEMPERATURE, guidance=GUIDANCE)
"""Of restyling, where nobody says otherwise."""


def restyle(
    source: I64,
    styles: Sequence[str],
    *,
    prior: Prior,
    words: tuple[str, ...] = (),
    unlike: str | None = None,
    seed: int,
    params: SamplingParams,
    first_picture: int = 0,
    on_progress: Progress | None = None,
) -> I64:
    """Redraw a picture.

    Args:
        source: (P,) its tokens.
        styles: the style of each result; a style may come several times.
        prior: of a bundle that can draw after a picture.
        words: what the picture shows, where that is known.
        unlike: the style that guidance leads away from, of :func:`own_style`.
        seed: of the draws.
        params: the sampling law.
        first_picture: index of the first result among all of this seed.
        on_progress: as in :meth:`emoterm.prior.Prior.generate`.

    Returns:
        (N, P) for N styles.

    Raises:
        UsageError: an unknown style or word, or a bundle whose prior reads no picture.
    """
    conditions = [Condition(style=style, words=words, unlike=None if style == unlike else unlike) for style in styles]
    sources = np.tile(source, (len(conditions), 1))  # (P,) → (N, P)
    return prior.generate(conditions, seed=seed, params=params, sources=sources, first_picture=first_picture, on_progress=on_progress)


def words_of(entry: GalleryEntry | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What is known of a source: the words of its name where it is an emoji of the gallery, nothing of any other picture."""
    return () if entry is None else parse_prompt(entry.name, vocabulary, is_name=True).words


def own_style(entry: GalleryEntry | None, words: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The style of a source where it may be led away from: it is known, and words hold on to what the picture shows."""
    return entry.style if entry is not None and words and entry.style in vocabulary.styles else None


def each_style(named: Sequence[str], known: Sequence[str], *, own: str | None) -> list[str]:
    """The styles to draw in, each once.

    Args:
        named: as typed, one or several with commas between them; ``all`` stands for every style but that of the source.
        known: those of the bundle.
        own: the style of the source, where it is known.

    Raises:
        UsageError: an unknown style, or any.
    """
    chosen: dict[str, None] = {}
    for name in (part.strip() for typed in named for part in typed.split(",")):
        if name.casefold() == ALL:
            chosen |= dict.fromkeys(style for style in known if style != own)
        elif style_or_none(name) is None:
            raise UsageError("restyle has to be told a style.", fix=f"Use --style all, for a row each, or one of: {', '.join(known)}")
        else:
            chosen[check_style(name, known)] = None
    if not chosen:
        raise UsageError("There is no other style to draw in.", fix=f"Known styles: {', '.join(known) or 'none in this bundle'}")
    return list(chosen)
