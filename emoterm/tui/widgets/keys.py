"""The keys that work here, at the foot of a screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widget import Widget
from textual.widgets import Footer

from emoterm.tui.watchers import forget_gone

_WAY_OUT = ("toggle_help", "quit")
"""Actions whose keys are seen however narrow it is."""

_EVERYWHERE = "way-out"


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
        self._said = self._to_say()
        everywhere: list[Widget] = []
        for part in super().compose():
            action = getattr(part, "action", "")
            if action:  # a key, which is told of it later, and would be styled anew then
                part.add_class("-compact", update=False)
            if action in _WAY_OUT:
                everywhere.append(part)
            else:
                yield part
        if everywhere:  # none before Textual knows the keys; a foot without children is put together again
            yield HorizontalGroup(*everywhere, id=_EVERYWHERE)

    def _to_say(self) -> object:
        return [(active.binding, active.enabled, active.tooltip) for active in self.screen.active_bindings.values() if active.binding.show]

    async def recompose(self) -> None:
        """As Textual does, but only where there is something new to say; then let go of the keys that were taken down."""
        if self.children and self._to_say() == self._said:  # Textual comes after every change of the focus
            return
        await super().recompose()
        forget_gone(self)
        self.call_after_refresh(self._make_room)

    def on_resize(self) -> None:
        """There may be more room, or less."""
        self._make_room()

    def _make_room(self) -> None:
        """Where not all fit, those that work everywhere come to lie over the end of the others."""
        alone = [key for child in self.children for key in (child.children if child.id == _EVERYWHERE else [child])]
        wanted = sum(key.outer_size.width + key.styles.margin.width for key in alone)
        behind = alone[-1].styles.margin.right if alone else 0  # the last one, which nothing follows
        self.set_class(wanted - behind > self.size.width, "-full")
