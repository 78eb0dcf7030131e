"""What is asked of the prior, and how the same is asked on the command line."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.codec import I64
    from emoterm.finish import Finish
    from emoterm.imaging.compose import U8
    from emoterm.recipe import Parameter
    from emoterm.tui.engine import Engine

ANY, OFF = "any", "off"


@dataclass(frozen=True)
class Request:
    """The form of the sample screen, filled in."""

    n: int
    prompt: str
    style: str | None
    temperature: float
    top_k: int
    top_p: float
    guidance: float
    seed: int
    after_nothing: bool = False
    """Whether no emoji of the gallery is drawn after."""

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that makes the same pictures."""
        words = ["emoterm", "sample", "--n", str(self.n), "--seed", str(self.seed)]
        if self.prompt:
            words += ["--prompt", self.prompt]
        if self.style is not None:
            words += ["--style", self.style]
        if self.after_nothing:
            words.append("--words-alone" if self.prompt else "--free")
        law = {"temperature": self.temperature, "top-k": self.top_k, "top-p": self.top_p, "guidance": self.guidance}
        return (*words, *(part for name, value in law.items() for part in (f"--{name}", f"{value:g}")))

    @property
    def parameters(self) -> dict[str, Parameter]:
        """For a recipe."""
        return {
            "n": self.n,
            "seed": self.seed,
            "prompt": self.prompt,
            "style": self.style,
            "temperature": self.temperature,
            "top_k": self.top_k,
            "top_p": self.top_p,
            "guidance": self.guidance,
        }

    def with_seed(self, seed: int) -> Request:
        """The same with other luck."""
        return replace(self, seed=seed)


@dataclass
class Run:
    """A request that is carried out.

    With ``start``, the upper half of every picture is that of another one.
    """

    request: Request
    start: Item | None = None
    number: int = 0
    words: tuple[str, ...] = ()
    """What the prior was asked for, once it was."""
    sought: tuple[str, ...] = ()
    """What the gallery was searched for, where something was found to draw after."""
    color: str | None = None
    """What is painted in, where something was found to draw after."""
    feeling: str | None = None
    """What things are given a face for, likewise."""
    finishes: tuple[Finish, ...] = ()
    """What is done to each picture once it is drawn."""
    by_chance: bool = False
    """Whether each picture is drawn after an emoji that chance picked."""
    told: list[str] = field(default_factory=list)
    """What a person should know about the prompt."""

    @property
    def n(self) -> int:
        """How many pictures."""
        return self.request.n

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that makes the same pictures; empty for variations, which no command makes."""
        return self.request.command if self.start is None else ()

    def rows(self, engine: Engine) -> Generator[tuple[slice, I64]]:
        """As :meth:`emoterm.prior.Prior.generate_rows`.

        Raises:
            UsageError: the model knows not one word of the prompt.
        """
        import numpy as np

        from emoterm.briefing import make_brief, told_of
        from emoterm.errors import UsageError
        from emoterm.prompt import parse_prompt
        from emoterm.sampling import SamplingParams

        asked = self.request
        params = SamplingParams(temperature=asked.temperature, top_k=asked.top_k, top_p=asked.top_p, guidance=asked.guidance)
        parsed = parse_prompt(asked.prompt, engine.prior.vocabulary, style=asked.style, describe=engine.gallery.describe)
        self.words = parsed.words
        if parsed.unknown and not parsed.words:
            raise UsageError(f"The model knows none of the words: {', '.join(parsed.unknown)}.", fix="Plain words work best: cat, happy.")
        self.told += [f"reading {typed!r} as {used!r}" for typed, used in parsed.replaced]
        if parsed.lost:
            self.told.append(f"not known, left out: {', '.join(parsed.lost)}")
        if parsed.dropped:
            self.told.append(f"too many words, left out: {', '.join(parsed.dropped)}")
        given = None
        if self.start is not None:
            given = np.tile(self.start.tokens, (self.n, 1))  # (256,) → (n, 256)
            given[:, given.shape[1] // 2 :] = -1
        after = not (asked.after_nothing or self.start is not None)
        sought, by_chance = parsed.sought if after else (), after and not asked.prompt
        brief = make_brief(
            parsed.condition,
            sought,
            color=parsed.color,
            feeling=parsed.feeling,
            by_chance=by_chance,
            gallery=engine.gallery,
            prior=engine.prior,
            seed=asked.seed,
            pictures=range(self.n),
        )
        if brief.after:
            self.sought, self.by_chance = sought, by_chance
            self.color, self.feeling, self.finishes = parsed.color, parsed.feeling, brief.finishes
            self.told.append(f"after {brief.names(with_emojis=False)}")
        self.told += told_of(parsed, brief)
        rows = engine.prior.generate_rows(brief.conditions, seed=asked.seed, params=params, given=given, sources=brief.sources)
        return cast("Generator[tuple[slice, I64]]", rows)

    def finished(self, tokens: I64, engine: Engine) -> I64:
        """The tokens (n, 256) of :meth:`rows`, when all are there, painted and with the faces asked for."""
        from emoterm.finish import finish_tokens

        return finish_tokens(tokens, self.finishes, codec=engine.codec, gallery=engine.gallery)


def to_item(engine: Engine, run: Run, index: int, tokens: I64, pixels: U8) -> Item:
    """One picture of a run: its tokens (256,) and pixels (64, 64, 4)."""
    label = f"{run.request.prompt or run.request.style or 'emoji'} {run.request.seed}-{index}"
    made = {**run.request.parameters, "words": run.words, "n": 1, "first_picture": index}
    if run.sought:
        made |= {"sought": run.sought, "color": run.color, "feeling": run.feeling}
    if run.by_chance:
        made["by_chance"] = True
    return engine.item(tokens, label, made=("sample" if run.start is None else "vary", made), command=run.command, pixels=pixels)


def redraw(engine: Engine, item: Item, style: str, seed: int) -> Item:
    """An item in another style, as ``emoterm restyle`` draws it.

    Raises:
        UsageError: the prior of this bundle draws after no picture.
    """
    from emoterm.restyling import own_style, params_for, restyle, words_of

    words = words_of(item.entry, engine.prior.vocabulary)
    unlike, params = own_style(item.entry, words, engine.prior.vocabulary), params_for()
    tokens = restyle(item.tokens, [style], prior=engine.prior, words=words, unlike=unlike, seed=seed, params=params)[0]  # (1, 256) → (256,)
    asked = {
        "seed": seed,
        "words": words,
        "unlike": unlike,
        "styles": (style,),
        "first_picture": 0,
        "variants": 1,
        "beside": False,
        **vars(params),
    }
    command = () if item.spec is None else ("emoterm", "restyle", item.spec, "--style", style, "--seed", str(seed))
    return engine.item(
        tokens, f"{item.label} as {style}", made=("restyle", asked), command=command, inputs=(replace(item, image=None).as_input,)
    )
