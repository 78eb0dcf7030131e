"""Help: the keys of a screen, the keys that work everywhere, and what the focused widget takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from emoterm.tui.screens.table import SCREENS

_KEY_COLUMNS = len("1 2 3 4 5 6")


class HelpScreen(ModalScreen[None]):
    """Lies over a screen and explains it.

    Args:
        explained: that screen.
        name: what it is called.
    """

    CSS_PATH = "help.tcss"
    # By the ids that these keys have elsewhere: who has chosen others closes it by those.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False, id="back"),
        Binding("question_mark,f1", "dismiss", "Close", show=False, id="help"),
        Binding("q", "dismiss", "Close", show=False, id="quit"),
    ]

    def __init__(self, explained: Screen[Any], name: str) -> None:
        super().__init__()
        self._explained, self._called = explained, name

    def compose(self) -> ComposeResult:
        """One page to scroll."""
        focused = self._explained.focused
        with VerticalScroll(id="help"):
            yield Static(self._called, classes="title", markup=False)
            yield Static(_table(self._here()))
            yield Static("Everywhere", classes="title", markup=False)
            yield Static(_table(self._everywhere()))
            if focused is not None and focused.HELP:
                yield Static("Where the keys are now", classes="title", markup=False)
                yield Static(focused.HELP, markup=False)

    def on_mount(self) -> None:
        """Give the keys to the page, and say how to get out."""
        page = self.query_one("#help")
        page.border_title, page.border_subtitle = "Help", "↑ ↓ scroll, esc closes"
        page.focus()

    def _here(self) -> Iterable[tuple[str, str]]:
        """Keys of the screen and what they do, its own before those that it shares with others."""
        owners = type(self._explained).__mro__
        shared = {
            binding.id: rank
            for rank, owner in reversed([*enumerate(owners)])
            for binding in owner.__dict__.get("BINDINGS", ())
            if isinstance(binding, Binding)
        }
        found = self._bindings_of(self._explained)
        for name in sorted(found, key=lambda name: shared.get(name, len(owners))):
            yield self._keys(found[name]), _meaning(found[name][0])

    def _everywhere(self) -> Iterable[tuple[str, str]]:
        """Keys of the app and what they do."""
        found = self._bindings_of(self.app)
        yield " ".join(self._keys(found[f"go.{name}"][:1]) for name in SCREENS if f"go.{name}" in found), "Go to another screen"
        if not any(binding.key == "tab" for bindings in self._bindings_of(self._explained).values() for binding in bindings):
            yield "tab", "Next field or pane (shift+tab: the one before)"
        yield self.app.get_key_display(Binding(self.app.COMMAND_PALETTE_BINDING, "")), "Find every action by its name"
        for name, bindings in found.items():
            if not name.startswith("go."):
                yield self._keys(bindings), _meaning(bindings[0])

    def _bindings_of(self, node: DOMNode) -> dict[str, list[Binding]]:
        """What has a name there, with the keys that a person has chosen; not only what works while a text field has the keys."""
        bindings = node._bindings.copy()
        bindings.apply_keymap(self.app._keymap)
        found: dict[str, list[Binding]] = {}
        for _, binding in bindings:
            if binding.id is not None and binding.description:
                found.setdefault(binding.id, []).append(binding)
        return found

    def _keys(self, bindings: Iterable[Binding]) -> str:
        return " ".join(dict.fromkeys(self.app.get_key_display(binding) for binding in bindings))


def _meaning(binding: Binding) -> str:
    """The word of the footer, and what else there is to say."""
    more = binding.tooltip
    return f"{binding.description} ({more[0].lower()}{more[1:]})" if more else binding.description


def _table(rows: Iterable[tuple[str, str]]) -> Table:
    """Keys in one column, what they do in the other."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=_KEY_COLUMNS)
    table.add_column()
    for keys, meaning in rows:
        table.add_row(Text(keys), Text(meaning))
    return table
