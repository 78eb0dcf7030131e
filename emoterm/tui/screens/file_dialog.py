"""What dialogs that write files have in common: a name, a place or a size, and what happens to files that exist."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker

from emoterm.errors import OutputError
from emoterm.imaging.upscale import SIZES
from emoterm.rendering import Rendering, render
from emoterm.stickers.places import PLACES
from emoterm.stickers.summary import summarize
from emoterm.terminal.shorten import cut_middle
from emoterm.tui.screens.keyed import KeyedScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.keys import KeyBar

if TYPE_CHECKING:
    from textual.widget import Widget

    from emoterm.imaging.compose import U8
    from emoterm.recipe import Recipe
    from emoterm.stickers.fit import Sticker

_FOLDER_COLUMNS = 100
"""Three lines of a notice in a terminal of 80 columns."""
_NOWHERE = "no place in particular"
_SIZES = {
    "as drawn": Rendering(),
    **{f"{size} pixels": Rendering(size=size) for size in SIZES[1:]},  # the first is that of every picture
    **{f"blocks of {scale}×{scale}": Rendering(scale=scale) for scale in (2, 4, 8)},
}
"""How large, by what a person reads: enlarged as flat art, or each pixel as a block."""


@dataclass(frozen=True, eq=False)
class Exported:
    """What goes into one file."""

    frames: U8
    """(N, 64, 64, 4), straight alpha."""
    recipe: Recipe
    packed: bytes = b""
    """The tokens of one picture as an ``.emo`` file has them; empty for a film."""
    fps: float = 12
    pingpong: bool = False
    columns: int | None = None

    def to_bytes(self, how: Rendering) -> tuple[bytes, Sticker | None]:
        """As :func:`emoterm.rendering.render`, with its recipe inside."""
        recipe = replace(self.recipe, parameters={**self.recipe.parameters, **how.parameters()})
        return render(self.frames, how, recipe)


class FileDialog(ReportsFailures, ModalScreen[None], KeyedScreen[None]):
    """Asks where to write, and writes."""

    CSS_PATH = "file_dialog.tcss"
    HEADING: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the focused widget, which has uses of its own for Enter.
        Binding("enter", "write", "Write", priority=True),
        Binding("escape", "close", "Cancel"),
        Binding("space", "turn", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._worker: Worker[None] | None = None
        """Who writes."""
        self._proposed = ""
        """The name as long as nobody has typed another one."""

    def compose(self) -> ComposeResult:
        """The name, what else there is to ask, and a line for what comes of it."""
        with Vertical(id="dialog"):
            yield Static(self.HEADING, classes="title", markup=False)
            yield Input(self.propose(), id="name", compact=True)
            yield from self.more_to_ask()
            yield Choice("for", [_NOWHERE, *PLACES], label_width=13, id="place")
            yield Choice("size", list(_SIZES), label_width=13, id="size")
            yield Choice("existing file", ["keep", "replace"], label_width=13, id="force")
            yield Static("", id="why", markup=False)
        yield KeyBar()

    # --- what differs ---

    @abstractmethod
    def free_name(self) -> str:
        """A name that is free, as far as choices have been made."""

    def more_to_ask(self) -> Iterable[Widget]:
        """Rows behind that of the name."""
        return ()

    @abstractmethod
    def write(self, name: str, *, force: bool) -> Worker[None]:
        """Write it in a worker, to :func:`place_of` that name."""

    def place_chosen(self) -> None:
        """Another place, or none."""

    # --- what was chosen ---

    def propose(self) -> str:
        """A name for what has been chosen so far."""
        self._proposed = self.free_name()
        return self._proposed

    @property
    def is_as_proposed(self) -> bool:
        """Whether nobody has typed another name."""
        return self.query_one("#name", Input).value.strip() in ("", self._proposed)

    @property
    def place(self) -> str | None:
        """Of :data:`emoterm.stickers.places.PLACES`; None for no place in particular."""
        value = self.chosen("#place", _NOWHERE)
        return None if value == _NOWHERE else value

    def chosen(self, selector: str, default: str) -> str:
        """The value of a choice; the default where it is still to be made."""
        return next((choice.value for choice in self.query(selector).results(Choice)), default)

    @property
    def layout_chosen(self) -> Rendering:
        """What was chosen, as far as it is the same for every file."""
        return Rendering(place=self.place) if self.place else _SIZES[self.chosen("#size", next(iter(_SIZES)))]

    @property
    def has_sizes(self) -> bool:
        """Whether a size can be chosen: a place has its own."""
        return self.place is None

    def say(self, text: str) -> None:
        """Below the form: what is amiss, or how far it is."""
        for line in self.query("#why").results(Static):  # none where the dialog is gone before its worker
            line.update(text)

    # --- what happens ---

    @on(Choice.Changed, "#place")
    def _other_place(self) -> None:
        self.query_one("#size").display = self.has_sizes
        self.place_chosen()

    @on(Input.Changed, "#name")
    def _typed(self) -> None:
        self.say("")

    def action_turn(self) -> None:
        """The next word of the focused choice."""
        if isinstance(self.focused, Choice):
            self.focused.action_turn(1)

    def action_write(self) -> None:
        """Write it, once the focused field has had the keys that were typed before."""
        (self.focused or self).call_later(self._write_as_typed)

    def _write_as_typed(self) -> None:
        """In a worker, or say that there is no name; nothing where that worker is at it already."""
        if self._worker is not None and not self._worker.is_finished:
            return
        field = self.query_one("#name", Input)
        name = field.value.strip()
        if not name:
            field.focus()
            self.say("A name is needed. Type one, then press Enter.")
            return
        self._worker = self.write(name, force=self.query_one("#force", Choice).value == "replace")

    def written(self, what: str, folder: Path, stickers: list[Sticker]) -> None:
        """It is done: say so, and go."""
        where = f"in {cut_middle(str(folder.absolute()), _FOLDER_COLUMNS)}"
        told = [f"Written: {what}", *([summarize(stickers)] if stickers else []), *_oddities(stickers), where]
        self.app.notify("\n".join(told), markup=False, timeout=8 if stickers else None)
        self.dismiss()

    def action_close(self) -> None:
        """Write nothing, or nothing more."""
        self.workers.cancel_node(self)
        self.dismiss()


def place_of(name: str) -> Path:
    """Where a name that was typed is.

    Raises:
        OutputError: in the home folder of somebody unknown.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise OutputError(f"{name}: nobody of that name has a home folder here.", fix="Type another name.") from None


def check_free(paths: Iterable[Path], *, force: bool) -> None:
    """Fail before the work is done, in the words of the dialog.

    Raises:
        OutputError: there is such a file, and it is not to be replaced.
    """
    taken = next((path for path in paths if path.is_file()), None)
    if taken is not None and not force:
        raise OutputError(f"{taken} already exists.", fix='Turn "existing file" to replace, or type another name.')


def _oddities(stickers: Sequence[Sticker]) -> list[str]:
    """What is odd about pictures, a line for all of them."""
    odd = [sticker.warning for sticker in stickers if sticker.warning is not None]
    return [f"{odd[0][0].upper()}{odd[0][1:]}." if len(stickers) == 1 else f"{len(odd)} look odd: {odd[0]}"] if odd else []
