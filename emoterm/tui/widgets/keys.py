"""The keys that work here, at the foot of a screen."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from emoterm.tui.watchers import forget_gone

_WAY_OUT = ("toggle_help", "quit")
"""Actions whose keys are seen however narrow it is."""


class KeyBar(Footer):
    """Textual's footer, put together anew only when it would say something else, and never without help and the way out.

    Textual's own is rebuilt whenever the focus moves, and every key that it ever showed stays in memory, because it watches the footer.
    What does not fit goes out of sight at its right end, where the keys stand that work everywhere.
    """

    DEFAULT_CSS = """
    KeyBar #way-out { width: auto; }
    KeyBar.-full #way-out { dock: right; padding-left: 1; background: $footer-background; }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._said: object = None

    def compose(self) -> ComposeResult:
        """The keys of the screen, then those that work everywhere."""
        everywhere: list[Widget] = []
        for part in super().compose():
            if getattr(part, "action", "") in _WAY_OUT:
                everywhere.append(part)
            else:
                yield part
        if everywhere:  # none before Textual knows the keys; a foot without children is put together again
            yield HorizontalGroup(*everywhere, id="way-out")

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
        self.call_after_refresh(self._make_room)

    def on_resize(self) -> None:
        """There may be more room, or less."""
        self._make_room()

    def _make_room(self) -> None:
        """Where not all fit, those that work everywhere come to lie over the end of the others."""
        wanted = sum(child.outer_size.width + child.styles.margin.width for child in self.children)
        set_off = sum(child.styles.padding.width for child in self.query_children("#way-out"))  # what lying over the others adds
        self.set_class(wanted - set_off > self.size.width, "-full")
