"""Textual keeps a widget that watches an attribute of another for as long as that other lives, unless the attribute changes."""

from __future__ import annotations

from typing import Any

from textual.dom import DOMNode


def forget_gone(node: DOMNode) -> None:
    """Let go of the widgets that watched ``node`` and are no longer shown."""
    watchers: dict[str, list[tuple[Any, Any]]] = getattr(node, "__watchers", {})  # Textual's, by the name it gives them
    for watching in watchers.values():
        watching[:] = [(watcher, callback) for watcher, callback in watching if watcher.is_attached]
