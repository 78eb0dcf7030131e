"""What all screens have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import ScreenResume

from emoterm.tui.in_thread import in_thread
from emoterm.tui.item import Item
from emoterm.tui.screens.keyed import KeyedScreen
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.keys import KeyBar
from emoterm.tui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from emoterm.tui.app import EmotermApp
    from emoterm.tui.engine import Engine


ENDS = Binding.Group("Ends", compact=True)
"""The keys for the ends of a morph, as one entry of the footer."""


class EmotermScreen(ReportsFailures, KeyedScreen[None]):
    """A tab: the bar above, the keys below, the body between them."""

    NAME: ClassVar[str]
    FIRST: ClassVar[str]
    """Selector of the widget that has the keys at first, and after Esc; empty for none."""
    AUTO_FOCUS = ""  # Textual's choice would have them for a moment, and everything that shows who has them would be made twice
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Out of a notice, a field, a search", show=False, id="back"),
        Binding("y", "copy_command", "Copy", tooltip="Copy the command line that does the same", id="copy"),
    ]

    @property
    def tui(self) -> EmotermApp:
        """The app, by its type."""
        return cast("EmotermApp", self.app)

    @property
    def engine(self) -> Engine:
        """What computes."""
        return self.tui.engine

    def compose(self) -> ComposeResult:
        """Bar, body, keys."""
        yield TabBar(list(self.tui.MODES), self.NAME)
        yield from self.body()
        yield KeyBar()

    @abstractmethod
    def body(self) -> ComposeResult:
        """What stands between the bar and the keys."""

    def on_mount(self) -> None:
        """Give the keys to the widget one most likely wants. Textual calls this one and those of the screens."""
        self.focus_first()

    @on(ScreenResume)
    def give_the_keys_again(self) -> None:
        """Nobody has them where the terminal lost the focus while another screen came up."""
        if self.focused is None:
            self.focus_first()

    def focus_first(self) -> None:
        """Give the keys to the widget that has them at first."""
        if self.FIRST:
            self.set_focus(self.query_one(self.FIRST))

    def say(self, note: str) -> None:
        """A few words in the bar."""
        self.query_one(TabBar).say(note)

    def action_back(self) -> None:
        """Take down the notices, which may hide what one wants to see; then leave the input."""
        if not self.tui.dismiss():
            self.leave()

    def leave(self) -> None:
        """Leave the input, and whatever else a screen has to be left."""
        self.focus_first()

    @abstractmethod
    def action_copy_command(self) -> None:
        """Copy the command line that does the same."""

    def offer_command(self, command: tuple[str, ...] | None) -> None:
        """Copy a command line, or say why there is none: nothing yet (None), or nothing that the command line can do (empty)."""
        if command:
            self.tui.copy_command(command)
            return
        what = "There is nothing yet to copy a command for." if command is None else "No command makes this one; keep it and use its file."
        self.app.notify(what, severity="warning", timeout=4)


class ItemActions(EmotermScreen):
    """A screen that has one current emoji, and what can be done with it anywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "mark('a')", "Make it end A of the morph", group=ENDS, id="mark.a"),
        Binding("b", "mark('b')", "Make it end B of the morph", group=ENDS, id="mark.b"),
        Binding("k", "keep", "Keep", id="keep"),
        Binding("w", "weigh", "Put it into the blend", show=False, id="weigh"),
        Binding("i", "inspect", "Look at its codes", show=False, id="inspect"),
        Binding("e", "export", "File", tooltip="Write it to a file", id="export"),
    ]

    @abstractmethod
    def item(self) -> Item | None:
        """The current emoji, if it is there."""

    def item_maker(self) -> Callable[[], Item] | None:
        """Work that makes the current emoji, where it is not there yet: keys may be faster than pictures."""
        return None

    def with_item(self, then: Callable[[Item], object]) -> None:
        """Do something with the current emoji, at once or as soon as it is there; says so where there is none."""
        item = self.item()
        if item is not None:
            then(item)
        elif (make := self.item_maker()) is not None:
            self._make_item(make, then)
        else:
            self.app.notify("Choose an emoji first.", severity="warning", timeout=4)

    @in_thread(group="items")
    def _make_item(self, make: Callable[[], Item], then: Callable[[Item], object]) -> None:
        self.app.call_from_thread(then, make())

    def action_copy_command(self) -> None:
        """Copy the command line of the current emoji."""
        self.with_item(lambda item: self.offer_command(item.command))

    def action_mark(self, end: str) -> None:
        """Make it an end of the morph."""

        def mark(item: Item) -> None:
            self.tui.mark(end, item)
            self.marked()

        self.with_item(mark)

    def marked(self) -> None:
        """The ends of the morph have changed."""

    def action_keep(self) -> None:
        """Keep it in the library."""
        self.with_item(self._keep)

    @in_thread(group="keep")
    def _keep(self, item: Item) -> None:
        kept = self.tui.library.keep(item.pixels, item.recipe, name=item.label)
        self.app.call_from_thread(self.app.notify, f"Kept as {kept.path.name}; 6 shows the library.", timeout=3, markup=False)

    def action_weigh(self) -> None:
        """Put it into the blend."""

        def weigh(item: Item) -> None:
            self.tui.ingredients.append(item)
            self.app.notify(f"{item.label} goes into the blend; 4 shows it.", timeout=3, markup=False)

        self.with_item(weigh)

    def action_inspect(self) -> None:
        """Look at its codes."""

        def inspect(item: Item) -> None:
            self.tui.inspected = item
            self.run_worker(self.tui.action_go("codebook"))

        self.with_item(inspect)

    def action_export(self) -> None:
        """Write it to a file."""
        from emoterm.files import safe_stem
        from emoterm.tui.screens.export import ExportDialog
        from emoterm.tui.screens.file_dialog import Exported

        def export(item: Item) -> None:
            what = Exported(item.pixels[None], item.recipe, item.packed)
            self.app.push_screen(ExportDialog(what, safe_stem(item.label), ("png", "emo")))

        self.with_item(export)
