"""Blend and restyle: several emojis by weight, or one, and what comes of it in another style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.redraw import redraw
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.film import FilmStrip
from emoterm.tui.widgets.picture import PictureView
from emoterm.tui.widgets.slider import Slider

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

MOST = 8
AS_IT_IS = "as it is"
_EMPTY = "/ adds an emoji."


@dataclass
class Blended(Message):
    """The mean of what is in the list."""

    item: Item
    parts: U8
    """(N, 64, 64, 4): what went in and, where it was redrawn, the blend before that."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Blended)


@dataclass
class Styles(Message):
    """Those that can be drawn in; none where the prior draws after no picture."""

    styles: list[str]


@dataclass
class Ingredient(Message):
    """What was typed."""

    item: Item


class BlendScreen(ItemActions):
    """A weighted mean in latent space, redrawn by the prior where a style is chosen."""

    NAME = "blend"
    CSS_PATH = "blend.tcss"
    FIRST = ""
    SUBMIT = "Add"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "add", "Add", key_display="/", id="add"),
        Binding("x", "remove", "Remove", id="remove"),
        Binding("s", "style", "Style", tooltip="Draw it in another style", id="restyle"),
        Binding("n", "again", "Again", tooltip="Draw it once more, from another seed", id="again"),
        Binding("w", "nothing", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._weights: list[float] = []
        self._shown: list[Item] = []
        self._item: Item | None = None
        self._seed = 0

    def body(self) -> ComposeResult:
        """The list at the left, what comes of it at the right."""
        with Horizontal(id="main"):
            with Vertical(id="list"):
                yield Input(placeholder="add an emoji, name or file", id="add", compact=True)
                yield VerticalScroll(id="weights", can_focus=False)
                yield Choice("style", [AS_IT_IS], id="style", label_width=18, spare="n")
                yield Static("w on any screen adds an emoji too.", id="told", markup=False)
            with Vertical(id="result"):
                yield PictureView(id="blended")
                yield Static(_EMPTY, id="after", markup=False)
                yield FilmStrip(id="before")

    def on_mount(self) -> None:
        """Ask for the styles."""
        self._read_styles()

    async def on_screen_resume(self) -> None:
        """Something may have been added elsewhere."""
        await self._take()
        self.leave()

    async def _take(self) -> None:
        """Show what was added at the end of the ingredients, here or on another screen; what is too much falls out at the beginning."""
        items = self.tui.ingredients
        new = items[len(self._shown) :]
        if not new:
            return
        gone = max(0, len(items) - MOST)
        del items[:gone]
        self._weights = [*self._weights, *[0.5] * len(new)][gone:]
        self._shown = list(items)
        for slider in list(self.query(Slider))[:gone]:
            await slider.remove()
        added = [Slider(item.label, 0, 1, 0.5, step=0.05, label_width=18) for item in new[-MOST:]]
        await self.query_one("#weights", VerticalScroll).mount_all(added)
        self._blend_now()

    @on(Slider.Changed)
    def _weighed(self, message: Slider.Changed) -> None:
        sliders = list(self.query(Slider))
        if message.slider in sliders and len(sliders) == len(self._shown):
            self._weights[sliders.index(message.slider)] = message.value
            self._blend_now()

    def _blend_now(self) -> None:
        if self._shown and sum(self._weights) > 0:
            style = self.query_one("#style", Choice).value
            self._blend(list(self._shown), list(self._weights), None if style == AS_IT_IS else style)
            return
        self._item = None
        self.query_one("#blended", PictureView).pixels = None
        self.query_one("#before", FilmStrip).show(None)
        self.query_one("#after", Static).update(_EMPTY if not self._shown else "Every weight is 0.")

    @in_thread(group="blend", exclusive=True)
    def _blend(self, items: list[Item], weights: list[float], style: str | None) -> None:
        import numpy as np

        worker = get_current_worker()
        if worker.is_cancelled:
            return
        item = items[0] if len(items) == 1 else self.engine.blend(items, weights)
        parts = [each.pixels for each in items]
        if style is not None and not worker.is_cancelled:
            parts += [item.pixels] * (len(items) > 1)
            item = redraw(self.engine, item, style, self._seed)
        self.post_message(Blended(item, np.stack(parts)))

    @in_thread(group="styles")
    def _read_styles(self) -> None:
        prior = self.engine.prior
        self.post_message(Styles(prior.vocabulary.styles if prior.source.exists else []))

    def on_styles(self, message: Styles) -> None:
        """What there is to choose from."""
        self.query_one("#style", Choice).set_options([AS_IT_IS, *message.styles])

    @on(Choice.Changed, "#style")
    def _styled(self) -> None:
        self._blend_now()

    def action_style(self) -> None:
        """Give the keys to the style."""
        self.query_one("#style", Choice).focus()

    def action_again(self) -> None:
        """Draw it once more with the next seed."""
        if self.query_one("#style", Choice).value == AS_IT_IS:
            self.app.notify("Choose a style first; s goes there.", severity="warning", timeout=4)
            return
        self._seed += 1
        self._blend_now()

    def on_blended(self, message: Blended) -> None:
        """Show it, unless everything was taken out meanwhile."""
        if not sum(self._weights):
            return
        self._item, style = message.item, self.query_one("#style", Choice).value
        self.query_one("#blended", PictureView).pixels = message.item.pixels
        self.query_one("#before", FilmStrip).show(message.parts)
        total = sum(self._weights)
        parts = [f"{weight / total:.0%} {item.label}" for item, weight in zip(self._shown, self._weights, strict=True) if weight]
        drawn = "" if style == AS_IT_IS else f"\ndrawn as {style}, seed {self._seed}"
        self.query_one("#after", Static).update(" + ".join(parts) + drawn)

    # --- the list ---

    @on(Input.Submitted, "#add")
    def _typed(self, message: Input.Submitted) -> None:
        if message.value.strip():
            self._find(message.value)

    @in_thread(group="find")
    def _find(self, spec: str) -> None:
        self.post_message(Ingredient(self.engine.item_from(spec)))

    async def on_ingredient(self, message: Ingredient) -> None:
        """Put it into the list."""
        self.query_one("#add", Input).value = ""
        self.tui.ingredients.append(message.item)
        await self._take()

    def action_add(self) -> None:
        """Type another one."""
        self.set_focus(self.query_one("#add", Input))

    def leave(self) -> None:
        """Out of the input to the weights."""
        sliders = list(self.query(Slider))
        if sliders:
            (self.focused if isinstance(self.focused, Slider) else sliders[0]).focus()
        else:
            self.set_focus(None)  # so that digits go to other screens

    async def action_remove(self) -> None:
        """Take the one with the keys out, or the last."""
        sliders = list(self.query(Slider))
        if not sliders:
            return
        index = next((i for i, slider in enumerate(sliders) if slider.has_focus), len(sliders) - 1)
        gone = sliders.pop(index)
        if gone.has_focus:  # left to Textual the keys would go to the text field, and the next letter would be typed
            self.set_focus(sliders[min(index, len(sliders) - 1)] if sliders else None)
        for each in (self.tui.ingredients, self._shown, self._weights):
            del each[index]  # by its place: the same emoji may be there twice
        await gone.remove()
        self._blend_now()

    def item(self) -> Item | None:
        """The blend."""
        return self._item
