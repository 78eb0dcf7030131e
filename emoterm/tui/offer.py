"""What the form of the Sample screen offers, and what it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emoterm.tui.messages import Offer

if TYPE_CHECKING:
    from emoterm.tui.engine import Engine
    from emoterm.vocabulary import Vocabulary

LAW = ("temperature", "top_k", "top_p", "min_p", "guidance")
"""The settings that say how a token is chosen."""


def read_offer(engine: Engine, settings: Mapping[str, Any]) -> Offer:
    """What the bundle can be asked for; the form starts from what a person has set, and else from what suits the bundle.

    Args:
        engine: opens the prior.
        settings: by the names of the flags of ``emoterm sample``; of them style and those of :data:`LAW` count.
    """
    from emoterm.brief import sampling_for
    from emoterm.names import ANY_STYLE, style_or_none

    prior, usual = engine.prior, engine.bundle.manifest.prior.sampling
    law = {name: settings[name] for name in LAW if name in settings}
    styles, style = prior.vocabulary.styles, style_or_none(settings.get("style", ANY_STYLE))
    draws_after = prior.source.exists and engine.gallery.exists
    return Offer(
        words=prior.vocabulary.words,
        styles=styles,
        style=None if style is None else next((known for known in styles if known.casefold() == style.casefold()), style),
        emotions=_emotions(prior.vocabulary),
        alone=replace(usual, **law),
        after=replace(sampling_for(usual), **law) if draws_after else None,
        codebook_size=prior.vocabulary.codebook_size,
    )


def _emotions(vocabulary: Vocabulary) -> list[str]:
    """Those that a prior has words for, by name."""
    from emoterm.emotions import EMOTIONS
    from emoterm.errors import UsageError
    from emoterm.prompt import ParsedPrompt, add_emotion

    found = []
    for emotion in EMOTIONS:
        with suppress(UsageError):
            add_emotion(ParsedPrompt(()), emotion, vocabulary)
            found.append(emotion.name)
    return found
