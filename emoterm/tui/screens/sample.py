"""Sample: new emojis, drawn while they are written."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, ProgressBar, Static
from textual.worker import Worker, WorkerState, get_current_worker

from emoterm.tui.form import Form
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.messages import Finished, Offer, Written
from emoterm.tui.offer import read_offer
from emoterm.tui.run import Run, write
from emoterm.tui.screens.many import WritesMany
from emoterm.tui.shown import Shown
from emoterm.tui.widgets.sample_form import SampleForm
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumb_sizes import size_for
from emoterm.tui.widgets.thumbnails import ThumbnailGrid

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8


class SampleScreen(WritesMany):
    """New emojis."""

    NAME = "sample"
    CSS_PATH = "sample.tcss"
    FIRST = "ThumbnailGrid"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "sample", "Go", tooltip="Make new emojis", id="sample"),
        Binding("slash", "prompt", "Text", tooltip="Type a prompt", key_display="/", id="prompt"),
        Binding("v", "vary", "Vary", id="vary"),
        Binding("x", "discard", "Drop", id="discard"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("l", "lock", "Lock or free the seed", show=False, id="lock"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown()
        self._under_way: tuple[Run, Worker[None]] | None = None
        """What is being written, and by whom; None at rest."""

    def body(self) -> ComposeResult:
        """What to ask for at the left, what came of it at the right."""
        with Horizontal(id="main"):
            with VerticalScroll(id="form", can_focus=False):
                yield SampleForm()
                yield ProgressBar(show_eta=False, id="progress")
                yield Static("Enter makes new emojis.", id="told", markup=False)
            yield ThumbnailGrid(captions=False, empty="Enter makes new emojis", id="made", size_px=10)

    def on_mount(self) -> None:
        """Learn what can be asked for."""
        self.query_one(ProgressBar).display = False
        self._read()

    @in_thread(group="read")
    def _read(self) -> None:
        self.post_message(read_offer(self.engine, self.tui.sampling))

    def on_offer(self, message: Offer) -> None:
        """Fill in the form."""
        self.query_one(SampleForm).fill(message)

    # --- a run ---

    @on(Input.Submitted)
    @on(ThumbnailGrid.Chosen)
    def action_sample(self) -> None:
        """Make new emojis."""
        form = self._read_form()
        if form is not None:
            self.query_one(ThumbnailGrid).focus()
            self._begin(Run(form))

    def _read_form(self) -> Form | None:
        """What the form says; None where it makes no sense, which is told."""
        from emoterm.errors import UsageError

        try:
            return self.query_one(SampleForm).read()
        except UsageError as error:
            self.tui.report(error)
            self.query_one(SampleForm).focus_seed()
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

    @in_thread(group="sample", exclusive=True)
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

    @in_thread(group="items")
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

    def all_emojis(self) -> Sequence[tuple[str, Callable[[], Item]]]:
        """All that are shown, once they are finished."""
        from emoterm.files import safe_stem

        run, digits = self._shown.run, len(str(len(self._shown.keys)))
        if run is None:
            return []
        # With a number, as places do not take what one of their own emojis is called.
        names = [f"{safe_stem(run.name_of(index))} {index + 1:0{digits}}" for _, index in self._shown.keys]
        items = map(self._shown.item, self._shown.keys)
        return [(name, partial(_known, item)) for name, item in zip(names, items, strict=True) if item is not None]

    @property
    def pack_name(self) -> str:
        """As on the command line."""
        return "emoterm" if self._shown.run is None else f"emoterm-{self._shown.run.form.seed}"

    def action_copy_command(self) -> None:
        """Copy the command line of the run that is shown, or of what the form says."""
        shown = self._shown.run or self._read_form()
        if shown is not None:
            self.offer_command(shown.command)

    # --- actions ---

    def action_prompt(self) -> None:
        """Type a prompt."""
        self.query_one(SampleForm).focus_words()

    def action_back(self) -> None:
        """Leave a text field, then cancel a run; else as everywhere."""
        if not isinstance(self.focused, Input) and any(worker.group == "sample" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self, "sample")
        else:
            super().action_back()

    def action_lock(self) -> None:
        """Use the same seed again, or a fresh one."""
        self.query_one(SampleForm).turn_seed_mode()

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


def _known(item: Item) -> Item:
    """No work: it is there."""
    return item
