"""The keys that work here, at the foot of a screen."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widgets import Footer

from emoterm.tui.watchers import forget_gone


class KeyBar(Footer):
    """Textual's footer, put together anew only when it would say something else.

    Textual's own is rebuilt whenever the focus moves, and every key that it ever showed stays in memory, because it watches the footer.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._said: object = None

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Textual tells of every change of the focus."""
        says = [(active.binding, active.enabled, active.tooltip) for active in self.screen.active_bindings.values() if active.binding.show]
        if says != self._said or not self.children:
            self._said = says
            super().bindings_changed(screen)

    async def recompose(self) -> None:
        """As Textual does; then let go of the keys that were taken down."""
        await super().recompose()
        forget_gone(self)
