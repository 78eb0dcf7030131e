"""One of a few words, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """``label ‹ word ›``.

    Args:
        label: stands in front.
        options: the words.
        value: the one to begin with; the first by default.
        label_width: columns for the label.
        id: as for every widget.
    """

    HELP = "Left and right take the previous and the next; so do clicks on the arrows. A letter jumps to the next word that begins with it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Previous", show=False),
        Binding("right,enter", "turn(1)", "Next", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--label", "choice--value"}

    value: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """Another word."""

        choice: Choice
        value: str

        @property
        def control(self) -> Choice:
            return self.choice

    def __init__(
        self, label: str, options: Sequence[str], *, value: str | None = None, label_width: int = 12, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._label, self._label_width = label, label_width
        self.options = list(options)
        self.set_reactive(Choice.value, options[0] if value is None else value)

    def set_options(self, options: Sequence[str]) -> None:
        """Other words; the chosen one stays if it is among them."""
        self.options = list(options)
        if self.value not in self.options:
            self.value = self.options[0]
        self.refresh()

    def watch_value(self) -> None:
        """Tell the screen."""
        self.refresh()
        self.post_message(self.Changed(self, self.value))

    def action_turn(self, steps: int) -> None:
        """The next or the previous word, round and round."""
        index = self.options.index(self.value) if self.value in self.options else 0
        self.value = self.options[(index + steps) % len(self.options)]

    def render_line(self, y: int) -> Strip:
        """Everything stands on the first line."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        room = max(1, width - self._label_width - 5)
        value = set_cell_size(self.value, min(room, cell_len(self.value)))
        left, right = ("◂", "▸") if self.has_focus else ("‹", "›")
        style = self.get_component_rich_style("choice--value")
        segments = [
            Segment(set_cell_size(self._label, self._label_width) + " ", self.get_component_rich_style("choice--label")),
            Segment(f"{left} {value} {right}", style),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, everything else on."""
        self.action_turn(-1 if event.x <= self._label_width + 1 else 1)
