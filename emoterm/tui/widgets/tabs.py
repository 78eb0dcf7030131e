"""The line at the top: where one can go, and where one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from emoterm.terminal.shorten import cut_end


class TabBar(Widget):
    """``1 Browse  2 Sample …``; a click goes there.

    Args:
        names: the modes of the app, in the order of their keys.
        current: the one this bar stands in.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab--current", "tab--other"}

    def __init__(self, names: Sequence[str], current: str) -> None:
        super().__init__()
        self._names, self._current = list(names), current
        self.note = ""

    def say(self, note: str) -> None:
        """A few words at the right end."""
        self.note = note
        self.refresh()

    def _labels(self) -> list[str]:
        gap = " " if self.size.width >= 66 else ""
        return [f"{gap}{number} {name.capitalize()} " for number, name in enumerate(self._names, 1)]

    def render_line(self, y: int) -> Strip:
        """All tabs, and what was said."""
        width = self.size.width
        other, current = self.get_component_rich_style("tab--other"), self.get_component_rich_style("tab--current")
        labels = self._labels()
        segments = [Segment(label, current if name == self._current else other) for name, label in zip(self._names, labels, strict=True)]
        room = width - sum(len(label) for label in labels) - 1
        note = cut_end(self.note, room - 1)  # one column stays between the last tab and it
        segments.append(Segment(" " * max(0, room - cell_len(note)) + note + " ", other))
        return Strip(segments).adjust_cell_length(width, other + Style())

    async def on_click(self, event: events.Click) -> None:
        """Go to the tab under the mouse."""
        right = 0
        for name, label in zip(self._names, self._labels(), strict=True):
            right += len(label)
            if event.x < right:
                await self.run_action(f"app.go('{name}')")
                return
