"""The dialog that writes a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from emoterm.tui.screens.keyed import KeyedScreen
from emoterm.tui.shorten import cut_middle
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.keys import KeyBar

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8
    from emoterm.recipe import Recipe
    from emoterm.rendering import Format

_FOLDER_COLUMNS = 100
"""Three lines of a notice in a terminal of 80 columns."""


@dataclass(frozen=True, eq=False)
class Exported:
    """What goes into the file."""

    frames: U8
    """(N, 64, 64, 4), straight alpha."""
    recipe: Recipe
    packed: bytes = b""
    """The tokens of one picture as an ``.emo`` file has them; empty for a film."""
    fps: float = 12
    pingpong: bool = False
    columns: int | None = None


class ExportDialog(ReportsFailures, ModalScreen[None], KeyedScreen[None]):
    """Asks for the name of a file and writes it.

    Args:
        what: the pictures.
        stem: a name to begin with.
        formats: suffixes that can be written, the default first.
    """

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the focused widget, which has uses of its own for Enter.
        Binding("enter", "write", "Write", priority=True),
        Binding("escape", "close", "Cancel"),
        Binding("space", "turn", show=False),
    ]

    def __init__(self, what: Exported, stem: str, formats: Sequence[str]) -> None:
        super().__init__()
        self._what, self._stem, self._formats = what, stem, list(formats)
        self._proposed = ""  # the name as long as nobody has typed another one

    def compose(self) -> ComposeResult:
        """Name, format, size."""
        with Vertical(id="dialog"):
            yield Static("Write to a file", classes="title")
            yield Input(self._free_name(self._formats[0]), id="file", compact=True)
            yield Choice("format", self._formats, id="format")
            yield Choice("scale", ["1", "2", "4", "8"], id="scale")
            yield Choice("existing file", ["keep", "replace"], label_width=13, id="force")
            yield Static("", id="why", markup=False)
        yield KeyBar()

    def _free_name(self, suffix: str) -> str:
        from emoterm.files import free_name

        self._proposed = free_name(self._stem, f".{suffix}")
        return self._proposed

    @on(Choice.Changed, "#format")
    def _other_format(self, message: Choice.Changed) -> None:
        field = self.query_one("#file", Input)
        if field.value.strip() in ("", self._proposed):
            field.value = self._free_name(message.value)
        else:
            field.value = str(Path(field.value).with_suffix(f".{message.value}"))

    @on(Input.Changed, "#file")
    def _typed(self) -> None:
        self.query_one("#why", Static).update("")

    def action_turn(self) -> None:
        """The next word of the focused choice."""
        if isinstance(self.focused, Choice):
            self.focused.action_turn(1)

    def action_write(self) -> None:
        """Write it in a worker, or say that there is no name."""
        field = self.query_one("#file", Input)
        name = field.value.strip()
        if not name:
            field.focus()
            self.query_one("#why", Static).update("The file needs a name. Type one, then press Enter.")
            return
        scale, force = int(self.query_one("#scale", Choice).value), self.query_one("#force", Choice).value == "replace"
        self._write(name, scale, force)

    @work(thread=True, exclusive=True, group="export", exit_on_error=False)
    def _write(self, name: str, scale: int, force: bool) -> None:
        from emoterm.files import write_atomic
        from emoterm.imaging.formats import format_of

        path = Path(name).expanduser()
        write_atomic(path, self._bytes(format_of(path, self._formats), scale), force=force)
        self.app.call_from_thread(self._written, path)

    def _bytes(self, kind: str, scale: int) -> bytes:
        from emoterm.rendering import Rendering, render

        what = self._what
        if kind == "emo":
            return what.packed
        if kind == "png":
            how = Rendering(columns=what.columns, scale=scale)
        else:
            how = Rendering(format=cast("Format", kind), scale=scale, fps=what.fps, ping_pong=what.pingpong)
        recipe = replace(what.recipe, parameters={**what.recipe.parameters, **how.parameters()})
        return render(what.frames, how, recipe)[0]

    def _written(self, path: Path) -> None:
        folder = cut_middle(str(path.absolute().parent), _FOLDER_COLUMNS)
        self.app.notify(f"Written: {path.name}\nin {folder}", markup=False)
        self.dismiss()

    def action_close(self) -> None:
        """Write nothing."""
        self.dismiss()
