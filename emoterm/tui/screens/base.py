"""What all screens have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, HelpPanel

from emoterm.tui.item import Item
from emoterm.tui.widgets.failing import ReportsFailures
from emoterm.tui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from emoterm.tui.app import EmotermApp
    from emoterm.tui.engine import Engine


ENDS = Binding.Group("Ends", compact=True)
"""The keys for the ends of a morph, as one entry of the footer."""


class EmotermScreen(ReportsFailures, Screen[None]):
    """A tab: the bar above, the keys below, the body between them."""

    NAME: ClassVar[str]
    FIRST: ClassVar[str]
    """Selector of the widget that has the keys at first, and after Esc."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="back"),
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
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        """What stands between the bar and the keys."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Give the keys to the widget one most likely wants."""
        self.query_one(self.FIRST).focus()

    def say(self, note: str) -> None:
        """A few words in the bar."""
        self.query_one(TabBar).say(note)

    def action_back(self) -> None:
        """Leave the help, then the input."""
        if self.query(HelpPanel):
            self.app.action_hide_help_panel()
        else:
            self.query_one(self.FIRST).focus()

    def current_command(self) -> tuple[str, ...] | None:
        """The command line that does what this screen shows; empty where there is none, None where there is nothing."""
        return None

    def action_copy_command(self) -> None:
        """Copy the command line that does the same."""
        command = self.current_command()
        if not command:
            what = (
                "There is nothing yet to copy a command for." if command is None else "No command makes this one; keep it and use its file."
            )
            self.app.notify(what, severity="warning", timeout=4)
        else:
            self.tui.copy_command(command)


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

    def item(self) -> Item | None:
        """The current emoji."""
        raise NotImplementedError

    def wanted(self) -> Item | None:
        """The current emoji; says so where there is none."""
        item = self.item()
        if item is None:
            self.app.notify("Choose an emoji first.", severity="warning", timeout=4)
        return item

    def current_command(self) -> tuple[str, ...] | None:
        """The command line of the current emoji."""
        item = self.item()
        return None if item is None else item.command

    def action_mark(self, end: str) -> None:
        """Make it an end of the morph."""
        if item := self.wanted():
            self.tui.mark(end, item)
            self.marked()

    def marked(self) -> None:
        """The ends of the morph have changed."""

    def action_keep(self) -> None:
        """Keep it in the library."""
        if item := self.wanted():
            self._keep(item)

    @work(thread=True, group="keep", exit_on_error=False)
    def _keep(self, item: Item) -> None:
        kept = self.tui.library.keep(item.pixels, item.recipe, name=item.label)
        self.app.call_from_thread(self.app.notify, f"Kept as {kept.path.name}; press 6 for the library.", timeout=4, markup=False)
        self.app.call_from_thread(self.kept)

    def kept(self) -> None:
        """Something was put into the library."""

    def action_weigh(self) -> None:
        """Put it into the blend."""
        if item := self.wanted():
            self.tui.ingredients.append(item)
            self.app.notify(f"{item.label} goes into the blend; press 4 to see it.", timeout=4, markup=False)

    async def action_inspect(self) -> None:
        """Look at its codes."""
        if item := self.wanted():
            self.tui.inspected = item
            await self.tui.action_go("codebook")

    def action_export(self) -> None:
        """Write it to a file."""
        from emoterm.tui.screens.export import ExportDialog, Exported

        if item := self.wanted():
            stem = "".join(char if char.isascii() and char.isalnum() else "-" for char in item.label).strip("-").lower() or "emoji"
            self.app.push_screen(ExportDialog(Exported(item.pixels[None], item.recipe), stem, ("png", "emo")))
