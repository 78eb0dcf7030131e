"""Morph: the way from one emoji to another, by hand, as a film, and as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from emoterm.morphing import MorphPath
from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.messages import Between, EndFound, Frames
from emoterm.tui.screens.base import ENDS, ItemActions
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.film import FilmStrip
from emoterm.tui.widgets.film_settings import FilmSettings
from emoterm.tui.widgets.picture import PictureView
from emoterm.tui.widgets.slider import Slider

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8

_DEFAULT_ENDS = ("😊", "😍")
Way = tuple[Item, Item, MorphPath, int]
"""Both ends, how to walk, and how many frames."""


class MorphScreen(ItemActions):
    """From A to B."""

    NAME = "morph"
    CSS_PATH = "morph.tcss"
    FIRST = "#share"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,slash", "type_end('a')", "Type end A", group=ENDS, id="morph.a"),
        Binding("b", "type_end('b')", "Type end B", group=ENDS, id="morph.b"),
        Binding("space", "play", "Play", id="play"),
        Binding("p", "path", "Path", id="path"),
        Binding("s", "swap", "Swap", id="swap"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._ends: tuple[Item, Item] | None = None
        self._frames: U8 | None = None
        self._way: Way | None = None
        """What the frames are made of, or are being made of."""
        self._timer: Timer | None = None
        self._frame, self._direction = 0, 1

    def body(self) -> ComposeResult:
        """Both ends with the picture between them, what can be set, and the film."""
        with Horizontal(id="stage"):
            for end in ("a", "b"):
                if end == "b":
                    yield PictureView(id="between")
                with Vertical(classes="end"):
                    yield PictureView(id=f"picture-{end}")
                    yield Static(f"{end.upper()}", id=f"label-{end}", markup=False)
                    yield Input(placeholder="emoji, name or file", id=f"spec-{end}", compact=True)
        yield Slider("t", 0, 1, 0.5, step=0.02, label_width=2, id="share")
        yield FilmSettings(id="settings")
        yield FilmStrip(id="film")

    def on_mount(self) -> None:
        """Show the way between what is marked."""
        self._take_ends()

    def on_screen_resume(self) -> None:
        """Ends may have been marked elsewhere."""
        self._take_ends()

    def on_screen_suspend(self) -> None:
        """Nothing moves that nobody sees."""
        self._stop()

    # --- ends ---

    def _take_ends(self) -> None:
        for end, spec in zip("ab", _DEFAULT_ENDS, strict=True):
            if end not in self.tui.ends:
                self._find_end(end, spec)
        self._show_ends()

    @in_thread(group="ends")
    def _find_end(self, end: str, spec: str) -> None:
        self.post_message(EndFound(end, self.engine.item_from(spec)))

    def on_end_found(self, message: EndFound) -> None:
        """Take it."""
        self.tui.ends[message.end] = message.item
        self.query_one(f"#spec-{message.end}", Input).value = ""
        self._show_ends()

    def _show_ends(self) -> None:
        for end, item in self.tui.ends.items():
            self.query_one(f"#picture-{end}", PictureView).pixels = item.pixels
            self.query_one(f"#label-{end}", Static).update(f"{end.upper()} {item.label}")
        if len(self.tui.ends) == 2:
            ends = self.tui.ends["a"], self.tui.ends["b"]
            if ends != self._ends:
                self._ends = ends
                self._changed()

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        if message.value.strip():
            self._find_end((message.input.id or "")[-1], message.value)
        self.query_one(self.FIRST).focus()

    # --- the way ---

    @property
    def settings(self) -> FilmSettings:
        """How the film is made and played."""
        return self.query_one(FilmSettings)

    @on(Choice.Changed, "#path")
    @on(Choice.Changed, "#steps")
    def _changed(self) -> None:
        self._frames = None
        self.query_one(FilmStrip).show(None)
        if self._ends is not None:
            self._way = (*self._ends, self.settings.path, self.settings.steps)
            self._show_between(self.query_one("#share", Slider).value)
            self._make_frames(self._way)

    @on(Choice.Changed, "#fps")
    def _other_speed(self) -> None:
        if self._timer is not None:
            self._stop()
            self.action_play()

    @on(Slider.Changed, "#share")
    def _moved(self, message: Slider.Changed) -> None:
        if self._timer is None:
            self._show_between(message.value)

    def _show_between(self, share: float) -> None:
        if self._ends is not None:
            self._make_between(*self._ends, share, self.settings.path, self.query_one("#between", PictureView))

    @in_thread(group="between", exclusive=True)
    def _make_between(self, a: Item, b: Item, share: float, path: MorphPath, view: PictureView) -> None:
        worker = get_current_worker()
        if not worker.is_cancelled:
            pixels = self.engine.morph(a, b, [share], path)[0]
            view.draw_ahead(pixels)
            self.post_message(Between(share, pixels))

    def on_between(self, message: Between) -> None:
        """Show it, unless a film is running."""
        if self._timer is None:
            self._draw(message.pixels, message.share)

    def _draw(self, pixels: U8, share: float) -> None:
        self.query_one("#between", PictureView).pixels = pixels
        self.query_one(FilmStrip).point(share)

    @in_thread(group="frames", exclusive=True)
    def _make_frames(self, way: Way) -> None:
        import numpy as np

        from emoterm import latent

        a, b, path, steps = way
        worker = get_current_worker()
        shares = latent.steps(steps).tolist()
        parts: list[U8] = []
        for start in range(0, steps, 4):
            if worker.is_cancelled:
                return
            parts.append(self.engine.morph(a, b, shares[start : start + 4], path))
        self.post_message(Frames(way, np.concatenate(parts)))

    def on_frames(self, message: Frames) -> None:
        """Show the film."""
        if message.way == self._way:
            self._frames = message.pixels
            self.query_one(FilmStrip).show(message.pixels)
            self.query_one(FilmStrip).point(self.query_one("#share", Slider).value)

    # --- playing ---

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self.say("")

    def action_play(self) -> None:
        """Play, or stop."""
        if self._timer is not None:
            self._stop()
        elif self._frames is None:
            self.app.notify("The frames are not made yet.", timeout=3)
        elif not self.tui.moving:
            self._step()  # one frame a key
        else:
            self._timer = self.set_interval(1 / self.settings.fps, self._step)
            self.say("playing")

    def _step(self) -> None:
        if self._frames is None:
            return
        n = len(self._frames)
        if not 0 <= self._frame + self._direction < n:
            pingpong = self.settings.pingpong
            self._direction = -self._direction if pingpong else 1
            self._frame = self._frame if pingpong else -1
        self._frame = max(0, min(n - 1, self._frame + self._direction))
        share = self._frame / (n - 1)
        slider = self.query_one("#share", Slider)
        with slider.prevent(Slider.Changed):
            slider.value = share
        self._draw(self._frames[self._frame], share)

    # --- actions ---

    def action_type_end(self, end: str) -> None:
        """Type another end."""
        self._stop()
        self.set_focus(self.query_one(f"#spec-{end}", Input))

    def action_path(self) -> None:
        """The next kind of way."""
        self.settings.next_path()

    def action_swap(self) -> None:
        """The other way round."""
        if len(self.tui.ends) == 2:
            self.tui.ends = {"a": self.tui.ends["b"], "b": self.tui.ends["a"]}
            self._show_ends()

    def action_back(self) -> None:
        """Stop the film; else as everywhere."""
        if self._timer is not None:
            self._stop()
        else:
            super().action_back()

    def item(self) -> Item | None:
        """None: the picture that is shown may be of a place where the slider stood before."""
        return None

    def item_maker(self) -> Callable[[], Item] | None:
        """For the picture where the slider stands, as an emoji of its own."""
        if self._ends is None:
            return None
        return partial(self.engine.between_item, *self._ends, self.query_one("#share", Slider).value, self.settings.path)

    def action_copy_command(self) -> None:
        """Copy the command line that writes this morph."""
        if self._ends is None:
            self.offer_command(None)
            return
        (a, b), settings = self._ends, self.settings
        if a.spec is None or b.spec is None:
            self.offer_command(())
            return
        words = ["emoterm", "morph", a.spec, b.spec]
        words += ["--steps", str(settings.steps), "--path", settings.path, "--fps", f"{settings.fps:g}"]
        if settings.pingpong:
            words.append("--ping-pong")
        self.offer_command((*words, "-o", "emoterm-morph.gif"))

    def action_export(self) -> None:
        """Write the film."""
        if self._frames is None or self._way is None:
            self.app.notify("The frames are not made yet.", timeout=3)
            return
        self._stop()
        self._ask_for_file(self._frames, self._way, self.settings.fps, self.settings.pingpong)

    @in_thread(group="export", exclusive=True)
    def _ask_for_file(self, frames: U8, way: Way, fps: float, pingpong: bool) -> None:
        from emoterm.tui.screens.export import ExportDialog
        from emoterm.tui.screens.file_dialog import Exported

        a, b, path, steps = way
        recipe = self.engine.recipe("morph", {"path": path, "steps": steps}, inputs=(a.as_input, b.as_input))
        what = Exported(frames, recipe, fps=fps, pingpong=pingpong, columns=steps)

        def ask() -> None:
            if self.is_current:  # a person may have gone on, or have asked twice
                self.app.push_screen(ExportDialog(what, "emoterm-morph", ("gif", "png", "webp", "apng")))

        self.app.call_from_thread(ask)
