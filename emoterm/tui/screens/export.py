"""The dialog that writes a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.failing import ReportsFailures

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.recipe import Recipe
    from emoterm.tui.app import EmotermApp

_ANIMATED = ("gif", "webp", "apng")


@dataclass(frozen=True, eq=False)
class Exported:
    """What goes into the file."""

    frames: U8
    """(N, 64, 64, 4), straight alpha."""
    recipe: Recipe
    fps: float = 12
    pingpong: bool = False
    columns: int | None = None


class ExportDialog(ReportsFailures, ModalScreen[None]):
    """Asks for the name of a file and writes it.

    Args:
        what: the pictures.
        stem: a name to begin with.
        formats: suffixes that can be written, the default first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel"),
        Binding("enter", "write", "Write"),
    ]

    def __init__(self, what: Exported, stem: str, formats: Sequence[str]) -> None:
        super().__init__()
        self._what, self._stem, self._formats = what, stem, list(formats)

    def compose(self) -> ComposeResult:
        """Name, format, size."""
        with Vertical(id="dialog"):
            yield Static("Write to a file", classes="title")
            yield Input(self._free_name(self._formats[0]), id="file", compact=True)
            yield Choice("format", self._formats, id="format")
            yield Choice("scale", ["1", "2", "4", "8"], id="scale")
            yield Choice("existing file", ["keep", "replace"], label_width=13, id="force")
            yield Static("", id="why", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def _free_name(self, suffix: str) -> str:
        from emoterm.imaging.save import free_name

        return free_name(self._stem, f".{suffix}")

    @on(Choice.Changed, "#format")
    def _other_format(self, message: Choice.Changed) -> None:
        field = self.query_one("#file", Input)
        field.value = str(Path(field.value).with_suffix(f".{message.value}")) if field.value.strip() else self._free_name(message.value)

    @on(Input.Submitted)
    def action_write(self) -> None:
        """Write it in a worker."""
        name = self.query_one("#file", Input).value.strip()
        if name:
            scale, force = int(self.query_one("#scale", Choice).value), self.query_one("#force", Choice).value == "replace"
            self._write(name, scale, force)

    @work(thread=True, exclusive=True, group="export", exit_on_error=False)
    def _write(self, name: str, scale: int, force: bool) -> None:
        from emoterm.imaging.save import format_of, write_atomic

        path = Path(name).expanduser()
        write_atomic(path, self._bytes(format_of(path, self._formats), scale), force=force)
        self.app.call_from_thread(self._written, path)

    def _bytes(self, kind: str, scale: int) -> bytes:
        from emoterm.imaging.animation import AnimationFormat, encode_animation
        from emoterm.imaging.grid import make_grid
        from emoterm.imaging.metadata import embed_recipe
        from emoterm.imaging.save import encode_png

        frames = self._what.frames
        if kind == "emo":
            return self._what.recipe.tokens
        if kind in _ANIMATED:
            large = frames.repeat(scale, axis=1).repeat(scale, axis=2)  # (N, H, W, 4) → (N, H · scale, W · scale, 4)
            data = encode_animation(large, format=cast("AnimationFormat", kind), fps=self._what.fps, pingpong=self._what.pingpong)
        else:
            data = encode_png(make_grid(frames, columns=self._what.columns, scale=scale))
        return embed_recipe(data, self._what.recipe)

    def _written(self, path: Path) -> None:
        self.app.notify(f"Written: {path}", markup=False)
        self.dismiss()

    def action_close(self) -> None:
        """Write nothing."""
        self.dismiss()

    @property
    def tui(self) -> EmotermApp:
        """The app, by its type."""
        return cast("EmotermApp", self.app)
