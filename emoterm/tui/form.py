"""The form of the sample screen, filled in, and how the same is asked on the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emoterm.recipe import Parameter
    from emoterm.sampling import SamplingParams

ANY, OFF = "any", "off"


@dataclass(frozen=True)
class Form:
    """What a person chose."""

    n: int
    prompt: str
    style: str | None
    temperature: float
    top_k: int | None
    top_p: float
    min_p: float
    guidance: float
    seed: int
    emotion: str | None = None
    """By its name in :data:`emoterm.emotions.EMOTIONS`."""
    set_style: str | None = None
    """Of the settings, which a command line goes by that says nothing of a style."""
    after_nothing: bool = False
    """Whether no emoji of the gallery is drawn after."""
    top_k_of_all: int | None = None
    """The top-k of a command line that draws from all codes, where one that says nothing would not; None: where it would."""

    @property
    def is_worded(self) -> bool:
        """Whether it says what pictures should show."""
        return bool(self.prompt or self.emotion)

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that makes the same pictures."""
        words = ["emoterm", "sample", "--n", str(self.n), "--seed", str(self.seed)]
        if self.prompt:
            words += ["--prompt", self.prompt]
        if self.style is not None or self.set_style is not None:
            words += ["--style", self.style or ANY]
        if self.emotion is not None:
            words += ["--emotion", self.emotion]
        if self.after_nothing:
            words.append("--words-alone" if self.is_worded else "--free")
        law = {
            "temperature": self.temperature,
            "top-k": self.top_k_of_all if self.top_k is None else self.top_k,
            "top-p": self.top_p,
            "min-p": self.min_p,
            "guidance": self.guidance,
        }
        return (*words, *(part for name, value in law.items() if value is not None for part in (f"--{name}", f"{value:g}")))

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
            "min_p": self.min_p,
        }

    @property
    def params(self) -> SamplingParams:
        """The sampling law."""
        from emoterm.sampling import SamplingParams

        return SamplingParams(temperature=self.temperature, top_k=self.top_k, top_p=self.top_p, min_p=self.min_p, guidance=self.guidance)

    def with_seed(self, seed: int) -> Form:
        """The same with another seed."""
        return replace(self, seed=seed)


def parse_seed(typed: str) -> int:
    """The seed that was typed.

    Raises:
        UsageError: it is none.
    """
    from emoterm.errors import UsageError
    from emoterm.sampling import MAX_SEED

    typed = typed.strip()
    if not (typed.isdecimal() and len(typed) <= 40 and int(typed) <= MAX_SEED):
        raise UsageError(f"{typed:.40} is no seed.", fix=f"A whole number from 0 to {MAX_SEED}, or none.")
    return int(typed)
