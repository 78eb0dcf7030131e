"""What came of ``emoterm sample``, as its recipe and its JSON tell it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from emoterm.notes import not_drawn
from emoterm.recipe import MAX_TEXT_CHARS, Parameter, Recipe, make_recipe
from emoterm.session import short_name

if TYPE_CHECKING:
    from emoterm.brief import Brief
    from emoterm.cli.steer import Source
    from emoterm.codec import I64
    from emoterm.inputs import Picture
    from emoterm.pipeline import Pipeline
    from emoterm.prompt import ParsedPrompt
    from emoterm.request import Request
    from emoterm.sampling import SamplingParams


@dataclass(frozen=True, eq=False)
class Sampled:
    """N pictures and all that was said of them."""

    pipeline: Pipeline
    seed: int
    prompt: str
    """As typed."""
    parsed: ParsedPrompt
    emotion: str | None
    """By its name."""
    request: Request
    brief: Brief
    params: SamplingParams
    tokens: I64
    """(N, 256)."""
    provider: str
    """The execution provider that was used."""
    kept: tuple[Source, Picture] | None = None
    """The picture of which a part was kept, and how much."""

    def recipe(self, part: slice, written: dict[str, Parameter]) -> Recipe:
        """Of a file with some of the pictures.

        Args:
            part: which.
            written: how they became a file.
        """
        request = self.request
        # In an order that files from before have too: the same recipe is the same bytes.
        asked: dict[str, Parameter] = {"seed": self.seed, "prompt": self.prompt[:MAX_TEXT_CHARS], "words": request.words}
        asked |= {"style": request.style, **vars(self.params), **written, "device": short_name(self.provider), **request.parameters}
        inputs: tuple[Picture, ...] = ()
        if self.kept is not None:
            source, picture = self.kept
            asked |= source.parameters()
            inputs = (replace(picture, image=None),)  # only its tokens are kept
        asked |= {"n": part.stop - part.start, "first_picture": part.start}
        return make_recipe(self.pipeline.bundle, "sample", asked, tokens=self.tokens[part], inputs=inputs)

    def facts(self) -> dict[str, Any]:
        """For ``--json``."""
        parsed, brief = self.parsed, self.brief
        steering = {} if self.kept is None else self.kept[0].facts(self.kept[1])
        return {
            "seed": self.seed,
            "n": len(self.tokens),
            "prompt": self.prompt,
            "words": list(parsed.words),
            "read_as": None if parsed.translation is None else vars(parsed.translation),
            "unknown_words": [word for word in parsed.unknown if word not in parsed.only_named],
            "left_out": list(parsed.left_out),
            "not_drawn": not_drawn(parsed, brief),
            "replaced_words": [list(pair) for pair in parsed.replaced],
            "group": parsed.group,
            "style": parsed.style,
            "styles": [condition.style for condition in brief.conditions],
            "drawn_after": [entry.spec for entry in brief.after] or None,
            "painted": _or_none([finish.color for finish in brief.finishes]),
            "faces": _or_none([finish.face.spec if finish.face else None for finish in brief.finishes]),
            "worn": _or_none([[item.spec for item, _ in finish.worn] for finish in brief.finishes]),
            "emotion": self.emotion,
            **steering,
            "sampling": vars(self.params),
            "tokens": self.tokens.tolist(),
        }


def _or_none(values: list[Any]) -> list[Any] | None:
    """What was done to each picture; None where nothing was done to any."""
    return values if any(values) else None
