"""A screen that says of no key that it works where it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, TypeVar

from textual.binding import ActiveBinding
from textual.events import Key
from textual.keys import REPLACED_KEYS, key_to_character
from textual.layouts.vertical import VerticalLayout
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.slider import Slider

Result = TypeVar("Result")


class KeyedScreen(Screen[Result]):
    """What works in a text field is what cannot be typed there; rows of a form are one below the other."""

    SUBMIT: ClassVar[str] = "Done"
    """What Enter does in a text field, where it does not do what it does everywhere on this screen."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """As everywhere; in a text field without the keys that are typed there, and with Enter and Esc for all to see."""
        found = super().active_bindings
        if not isinstance(self.focused, Input):
            return found
        found = {key: active for key, active in found.items() if not _is_typed(key)}
        own = self._bindings.key_to_bindings.get("enter")
        for key, description in (("enter", own[0].description if own else self.SUBMIT), ("escape", None)):
            if key in found:
                binding = found[key].binding
                shown = replace(binding, description=description or binding.description, show=True)
                found[key] = found[key]._replace(binding=shown)
        return found

    def on_key(self, event: Key) -> None:
        """Up and Down move between the rows of a form; the widgets of one have no other use for them."""
        row = self.focused
        if event.key in ("up", "down") and isinstance(row, Input | Choice | Slider) and _is_in_a_column(row):
            event.stop()
            if event.key == "up":
                self.focus_previous()
            else:
                self.focus_next()


def _is_in_a_column(widget: Widget) -> bool:
    return isinstance(widget.parent, Widget) and isinstance(widget.parent.layout, VerticalLayout)


def _is_typed(key: str) -> bool:
    """Whether a key, by Textual's name for it, writes something into a text field."""
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character is not None and character.isprintable()
