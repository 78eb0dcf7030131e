"""The form of the Sample screen: what can be asked of new emojis."""

from __future__ import annotations

import secrets

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from emoterm.tui.form import ANY, OFF, Form, parse_seed
from emoterm.tui.messages import Offer
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.last_word import LastWord
from emoterm.tui.widgets.slider import Slider

AFTER_EMOJIS, AFTER_NOTHING = "emojis", "nothing"
_COUNTS = ["1", "4", "9", "16", "25", "36", "64"]
_TOP_K = [OFF, "5", "10", "20", "50", "100", "200"]
_SLIDERS = ("temperature", "top_p", "min_p", "guidance")
"""Parts of the sampling law, by name."""


class SampleForm(Vertical):
    """Rows to fill in; what there is to choose from is not known before :meth:`fill`."""

    DEFAULT_CSS = "SampleForm { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._suggester = LastWord()
        self._set_style: str | None = None
        self._top_k_of_all: int | None = None
        self._laws: dict[bool, tuple[float, float]] = {}
        """Temperature and guidance that suit pictures drawn after an emoji (True), and others."""

    def compose(self) -> ComposeResult:
        """One row each."""
        yield Input(placeholder="prompt, such as cat", id="words", compact=True, suggester=self._suggester)
        yield Choice("style", [ANY], id="style")
        yield Choice("emotion", [ANY], id="emotion")
        yield Choice("drawn after", [AFTER_EMOJIS, AFTER_NOTHING], id="drawn")
        yield Choice("count", _COUNTS, value="16", id="count")
        yield Slider("temperature", 0, 2, 1, step=0.05, id="temperature")
        yield Choice("top-k", _TOP_K, id="top_k")
        yield Slider("top-p", 0.05, 1, 1, step=0.05, id="top_p")
        yield Slider("min-p", 0, 0.02, 0, step=0.0005, decimals=4, id="min_p")
        yield Slider("guidance", 0, 6, 1, step=0.25, id="guidance")
        yield Choice("seed", ["fresh", "locked"], id="seed_mode")
        yield Input("", placeholder="seed: a number", id="seed", compact=True, type="integer")

    def fill(self, offer: Offer) -> None:
        """Offer what bundle and settings offer."""
        self._suggester.words = offer.words
        self._set_style = offer.style
        style = self.query_one("#style", Choice)
        style.set_options([ANY, *offer.styles])
        if offer.style in offer.styles:
            style.value = offer.style
        elif offer.style is not None:
            what = f"The settings say style {offer.style!r:.60}, and this bundle has no such style."
            self.app.notify(what, severity="warning", timeout=8, markup=False)
        self.query_one("#emotion", Choice).set_options([ANY, *offer.emotions])
        law = offer.alone
        self._top_k_of_all = None if law.top_k is None else offer.codebook_size
        top_k = self.query_one("#top_k", Choice)
        wanted = OFF if law.top_k is None else str(law.top_k)
        if wanted not in top_k.options:
            top_k.set_options([*top_k.options, wanted])
        top_k.value = wanted
        for name in _SLIDERS:
            self.query_one(f"#{name}", Slider).start_at(getattr(law, name))
        self._laws = {is_after: (each.temperature, each.guidance) for is_after, each in ((False, law), (True, offer.after or law))}
        self.query_one("#drawn", Choice).display = offer.after is not None
        self._suit()

    @on(Choice.Changed, "#drawn")
    def _suit(self) -> None:
        """Move temperature and guidance to what suits pictures that are drawn after something, or nothing, unless they were set by hand."""
        is_after = self.query_one("#drawn", Choice).value == AFTER_EMOJIS
        sliders = [self.query_one(f"#{name}", Slider) for name in ("temperature", "guidance")]
        if tuple(slider.value for slider in sliders) in self._laws.values():
            for slider, value in zip(sliders, self._laws[is_after], strict=True):
                slider.value = value

    def read(self) -> Form:
        """What it says; a seed is drawn where it is not locked, or nobody typed one.

        Raises:
            UsageError: what was typed is no seed.
        """
        seed = self.query_one("#seed", Input)
        if self.query_one("#seed_mode", Choice).value != "locked" or not seed.value.strip():
            with self.prevent(Input.Changed):
                seed.value = str(secrets.randbelow(2**32))
        top_k, style, emotion = (self.query_one(f"#{name}", Choice).value for name in ("top_k", "style", "emotion"))
        temperature, top_p, min_p, guidance = (self.query_one(f"#{name}", Slider).value for name in _SLIDERS)
        return Form(
            n=int(self.query_one("#count", Choice).value),
            prompt=self.query_one("#words", Input).value.strip(),
            style=None if style == ANY else style,
            set_style=self._set_style,
            emotion=None if emotion == ANY else emotion,
            temperature=temperature,
            top_k=None if top_k == OFF else int(top_k),
            top_k_of_all=self._top_k_of_all,
            top_p=top_p,
            min_p=min_p,
            guidance=guidance,
            seed=parse_seed(seed.value),
            after_nothing=self.query_one("#drawn", Choice).value == AFTER_NOTHING,
        )

    @on(Input.Changed, "#seed")
    def _typed_a_seed(self) -> None:
        """Who types a seed wants that one."""
        self.query_one("#seed_mode", Choice).value = "locked"

    def focus_words(self) -> None:
        """For a prompt to be typed."""
        self.screen.set_focus(self.query_one("#words", Input))

    def focus_seed(self) -> None:
        """For a seed to be typed anew."""
        self.screen.set_focus(self.query_one("#seed", Input))

    def turn_seed_mode(self) -> None:
        """Use the same seed again, or a fresh one."""
        self.query_one("#seed_mode", Choice).action_turn(1)
