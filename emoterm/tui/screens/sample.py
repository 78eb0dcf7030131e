"""Sample: new emojis, drawn while they are written."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, ProgressBar, Static
from textual.worker import Worker, WorkerState, get_current_worker

from emoterm.tui.form import ANY, OFF, Form, parse_seed
from emoterm.tui.item import Item
from emoterm.tui.messages import Finished, Offer, Written
from emoterm.tui.offer import read_offer
from emoterm.tui.run import Run, write
from emoterm.tui.screens.base import ItemActions
from emoterm.tui.shown import Shown
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.last_word import LastWord
from emoterm.tui.widgets.slider import Slider
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumb_sizes import size_for
from emoterm.tui.widgets.thumbnails import ThumbnailGrid

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

_COUNTS = ["1", "4", "9", "16", "25", "36", "64"]
_TOP_K = [OFF, "5", "10", "20", "50", "100", "200"]
AFTER_EMOJIS, AFTER_NOTHING = "emojis", "nothing"


class SampleScreen(ItemActions):
    """New emojis."""

    NAME = "sample"
    CSS_PATH = "sample.tcss"
    FIRST = "ThumbnailGrid"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "sample", "Go", tooltip="Make new emojis", id="sample"),
        Binding("slash", "prompt", "Words", key_display="/", id="prompt"),
        Binding("v", "vary", "Vary", id="vary"),
        Binding("x", "discard", "Drop", id="discard"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("l", "lock", "Lock or free the seed", show=False, id="lock"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._suggester = LastWord()
        self._shown = Shown()
        self._under_way: tuple[Run, Worker[None]] | None = None
        """What is being written, and by whom; None at rest."""
        self._codebook_size = 512
        self._laws: dict[bool, tuple[float, float]] = {}
        """Temperature and guidance that suit pictures drawn after an emoji (True), and others."""

    def body(self) -> ComposeResult:
        """What to ask for at the left, what came of it at the right."""
        with Horizontal(id="main"):
            with VerticalScroll(id="form", can_focus=False):
                yield Input(placeholder="prompt, such as cat", id="words", compact=True, suggester=self._suggester)
                yield Choice("style", [ANY], id="style")
                yield Choice("emotion", [ANY], id="emotion")
                yield Choice("drawn after", [AFTER_EMOJIS, AFTER_NOTHING], id="drawn")
                yield Choice("count", _COUNTS, value="16", id="count")
                yield Slider("temperature", 0, 2, 1, step=0.05, id="temperature")
                yield Choice("top-k", _TOP_K, id="top_k")
                yield Slider("top-p", 0.05, 1, 1, step=0.05, id="top_p")
                yield Slider("guidance", 0, 6, 1, step=0.25, id="guidance")
                yield Choice("seed", ["fresh", "locked"], id="seed_mode")
                yield Input("", placeholder="seed: a number", id="seed", compact=True, type="integer")
                yield ProgressBar(show_eta=False, id="progress")
                yield Static("Enter makes new emojis.", id="told", markup=False)
            yield ThumbnailGrid(captions=False, empty="Enter makes new emojis", id="made", size_px=10)

    def on_mount(self) -> None:
        """Learn what can be asked for."""
        self.query_one(ProgressBar).display = False
        self._read()

    @work(thread=True, group="read", exit_on_error=False)
    def _read(self) -> None:
        self.post_message(read_offer(self.engine, self.tui.sampling))

    def on_offer(self, message: Offer) -> None:
        """Fill in the form."""
        self._suggester.words = message.words
        self._codebook_size = message.codebook_size
        style = self.query_one("#style", Choice)
        style.set_options([ANY, *message.styles])
        if message.style in message.styles:
            style.value = message.style
        elif message.style is not None:
            what = f"The settings say style {message.style!r:.60}, and this bundle has no such style."
            self.app.notify(what, severity="warning", timeout=8, markup=False)
        self.query_one("#emotion", Choice).set_options([ANY, *message.emotions])
        law = message.alone
        top_k = self.query_one("#top_k", Choice)
        wanted = OFF if law.top_k is None else str(law.top_k)
        if wanted not in top_k.options:
            top_k.set_options([*top_k.options, wanted])
        top_k.value = wanted
        for name, value in (("temperature", law.temperature), ("top_p", law.top_p), ("guidance", law.guidance)):
            self.query_one(f"#{name}", Slider).start_at(value)
        self._laws = {is_after: (each.temperature, each.guidance) for is_after, each in ((False, law), (True, message.after or law))}
        self.query_one("#drawn", Choice).display = message.after is not None
        self._suit()

    @on(Choice.Changed, "#drawn")
    def _suit(self) -> None:
        """Move temperature and guidance to what suits pictures that are drawn after something, or nothing, unless they were set by hand."""
        is_after = self.query_one("#drawn", Choice).value == AFTER_EMOJIS
        sliders = [self.query_one(f"#{name}", Slider) for name in ("temperature", "guidance")]
        if tuple(slider.value for slider in sliders) in self._laws.values():
            for slider, value in zip(sliders, self._laws[is_after], strict=True):
                slider.value = value

    # --- a run ---

    def form(self) -> Form:
        """What the form says; a seed is drawn where it is not locked, or nobody typed one.

        Raises:
            UsageError: what was typed is no seed.
        """
        seed = self.query_one("#seed", Input)
        if self.query_one("#seed_mode", Choice).value != "locked" or not seed.value.strip():
            with self.prevent(Input.Changed):
                seed.value = str(secrets.randbelow(2**32))
        top_k, style, emotion = (self.query_one(f"#{name}", Choice).value for name in ("top_k", "style", "emotion"))
        temperature, top_p, guidance = (self.query_one(f"#{name}", Slider).value for name in ("temperature", "top_p", "guidance"))
        return Form(
            n=int(self.query_one("#count", Choice).value),
            prompt=self.query_one("#words", Input).value.strip(),
            style=None if style == ANY else style,
            emotion=None if emotion == ANY else emotion,
            temperature=temperature,
            top_k=self._codebook_size if top_k == OFF else int(top_k),
            top_p=top_p,
            guidance=guidance,
            seed=parse_seed(seed.value),
            after_nothing=self.query_one("#drawn", Choice).value == AFTER_NOTHING,
        )

    @on(Input.Changed, "#seed")
    def _typed_a_seed(self) -> None:
        """Who types a seed wants that one."""
        self.query_one("#seed_mode", Choice).value = "locked"

    @on(Input.Submitted)
    @on(ThumbnailGrid.Chosen)
    def action_sample(self) -> None:
        """Make new emojis."""
        form = self._read_form()
        if form is not None:
            self.query_one(ThumbnailGrid).focus()
            self._begin(Run(form))

    def _read_form(self) -> Form | None:
        """As :meth:`form`; None where the form makes no sense, which is told."""
        from emoterm.errors import UsageError

        try:
            return self.form()
        except UsageError as error:
            self.tui.report(error)
            self.query_one("#seed", Input).focus()
            return None

    def _begin(self, run: Run) -> None:
        self._shown.begin(run)
        self._lay_out()
        progress = self.query_one(ProgressBar)
        progress.display = True
        progress.update(total=run.n * 256, progress=0)
        self._tell(f"seed {run.form.seed} …  Esc cancels")
        self._under_way = run, self._write(run)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A run that ended without pictures leaves the screen at rest. Textual also calls the method of all screens, which tells errors."""
        if self._under_way is None or event.worker is not self._under_way[1]:
            return
        if event.state in (WorkerState.ERROR, WorkerState.CANCELLED) and self.is_running:
            self._give_up(self._under_way[0], "Cancelled." if event.state is WorkerState.CANCELLED else "Nothing was made.")

    def _give_up(self, run: Run, why: str) -> None:
        """Take a run that ended without pictures off the screen and out of what can be undone."""
        self._rest(why)
        if self._shown.give_up(run):
            self._lay_out()

    def _rest(self, told: str) -> None:
        """Nothing runs."""
        self._under_way = None
        self.query_one(ProgressBar).display = False
        self._tell(told)

    def _is_under_way(self, run: Run) -> bool:
        return self._under_way is not None and self._under_way[0] is run

    @work(thread=True, exclusive=True, group="sample", exit_on_error=False)
    def _write(self, run: Run) -> None:
        worker = get_current_worker()
        write(run, self.engine, is_cancelled=lambda: worker.is_cancelled, post=self.post_message)

    def on_written(self, message: Written) -> None:
        """Draw what is there."""
        if self._is_under_way(message.run):
            self.query_one(ProgressBar).update(total=message.total, progress=message.done)
            self._draw_all(message.run, message.pixels)

    def on_finished(self, message: Finished) -> None:
        """Draw all of it, and make items of it."""
        if self._is_under_way(message.run):
            self._rest("\n".join([f"seed {message.run.form.seed}, {message.seconds:.1f} s", *message.run.notes]))
            self._draw_all(message.run, message.pixels)
            self._make_items(message)

    @work(thread=True, group="items", exit_on_error=False)
    def _make_items(self, message: Finished) -> None:
        items = [message.run.item(self.engine, index, *made) for index, made in enumerate(zip(message.tokens, message.pixels, strict=True))]
        self.app.call_from_thread(self._shown.add_items, message.run, items)

    def _draw_all(self, run: Run, pixels: U8) -> None:
        for index, picture in enumerate(pixels):
            key = (run.number, index)
            if self._shown.put(key, picture):
                self.query_one(ThumbnailGrid).put(key, picture)

    def _tell(self, text: str) -> None:
        self.query_one("#told", Static).update(text)

    # --- what is shown ---

    def _lay_out(self) -> None:
        """Put what is shown into the grid, so that all is seen at once."""
        grid, keys = self.query_one(ThumbnailGrid), self._shown.keys
        grid.size_px = size_for(len(keys), *grid.size)
        grid.set_items([Thumb(key) for key in keys])
        for key in keys:
            if (pixels := self._shown.pixels(key)) is not None:
                grid.put(key, pixels)

    def on_resize(self) -> None:
        """Another size may fit."""
        self.call_after_refresh(self._lay_out)

    def item(self) -> Item | None:
        """The emoji under the cursor."""
        thumb = self.query_one(ThumbnailGrid).current
        return None if thumb is None else self._shown.item(thumb.key)  # type: ignore[arg-type]

    def action_copy_command(self) -> None:
        """Copy the command line of the run that is shown, or of what the form says."""
        shown = self._shown.run or self._read_form()
        if shown is not None:
            self.offer_command(shown.command)

    # --- actions ---

    def action_prompt(self) -> None:
        """Type a prompt."""
        self.set_focus(self.query_one("#words", Input))

    def action_back(self) -> None:
        """Leave a text field, then cancel a run; else as everywhere."""
        if not isinstance(self.focused, Input) and any(worker.group == "sample" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self, "sample")
        else:
            super().action_back()

    def action_lock(self) -> None:
        """Use the same seed again, or a fresh one."""
        self.query_one("#seed_mode", Choice).action_turn(1)

    def action_vary(self) -> None:
        """New pictures that begin as the one under the cursor."""

        def vary(item: Item) -> None:
            run = self._shown.run
            form = self._read_form() if run is None else run.form
            if form is not None:
                self._begin(Run(form.with_seed(secrets.randbelow(2**32)), start=item))

        self.with_item(vary)

    def action_discard(self) -> None:
        """Take one out."""
        grid = self.query_one(ThumbnailGrid)
        if grid.current is not None:
            cursor = grid.cursor
            self._shown.drop(grid.current.key)  # type: ignore[arg-type]
            self._lay_out()
            grid.cursor = min(cursor, max(0, len(self._shown.keys) - 1))

    def action_undo(self) -> None:
        """What was shown before."""
        if self._shown.go_back():
            self._lay_out()
        else:
            self.app.notify("Nothing to undo.", timeout=3)
