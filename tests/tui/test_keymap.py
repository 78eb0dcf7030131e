"""The table of keys that settings are checked against is that of the interface."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from emoterm.keymap import DEFAULT_KEYS
from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.table import SCREENS, screen_class


def named(node: type[DOMNode]) -> dict[str, str]:
    """The keys of each action with a name, after inheritance."""
    found: dict[str, list[str]] = {}
    merged = node._merged_bindings
    assert merged is not None
    for key, bindings in merged.key_to_bindings.items():
        for binding in bindings:
            assert isinstance(binding, Binding)
            if binding.id is not None:
                found.setdefault(binding.id, []).append(key)
    return {name: ",".join(keys) for name, keys in found.items()}


def test_the_table_holds_the_keys_of_every_screen() -> None:
    assert {name: {**named(EmotermApp), **named(screen_class(name))} for name in SCREENS} == DEFAULT_KEYS
