"""One of a few words, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.terminal.shorten import cut_end, fill


class Choice(Widget, can_focus=True):
    """``label ‹ word ›``.

    Args:
        label: stands in front.
        options: the words.
        value: the one to begin with; the first by default.
        label_width: columns for the label.
        spare: letters that do not jump, because the screen does something else by them that one wants while choosing.
        id: as for every widget.
    """

    HELP = (
        "Left and right take the previous and the next; so do clicks on the arrows. A letter jumps to the next word that begins with it. "
        "Up and Down go to another row of a form."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Previous", show=False),
        Binding("right", "turn(1)", "Next", show=False),
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
        self,
        label: str,
        options: Sequence[str],
        *,
        value: str | None = None,
        label_width: int = 12,
        spare: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._label, self._label_width, self._spare = label, label_width, spare
        self.options = list(options)
        self.set_reactive(Choice.value, options[0] if value is None else value)

    def set_options(self, options: Sequence[str]) -> None:
        """Other words; the chosen one stays if it is among them."""
        self.options = list(options)
        if self.value not in self.options:
            self.value = self.options[0]
        self.refresh()
        self.refresh_bindings()  # other letters jump

    def watch_value(self) -> None:
        """Tell the screen."""
        self.refresh()
        self.post_message(self.Changed(self, self.value))

    def action_turn(self, steps: int) -> None:
        """The next or the previous word, round and round."""
        index = self.options.index(self.value) if self.value in self.options else 0
        self.value = self.options[(index + steps) % len(self.options)]

    def _jumps(self, letter: str | None) -> bool:
        """Whether a word begins with it. Digits go to other screens, here as everywhere."""
        if letter is None or not letter.isalpha() or letter in self._spare:
            return False
        return any(_begins(option, letter) for option in self.options)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key jumps: then nothing else happens by it, and no footer says that it does."""
        return self._jumps(character)

    def on_key(self, event: events.Key) -> None:
        """Jump to the next word that begins with a letter; other letters are left to the screen."""
        if event.character is not None and self._jumps(event.character):
            event.stop()
            after = self.options.index(self.value) + 1 if self.value in self.options else 0
            turned = [*self.options[after:], *self.options[:after]]
            self.value = next(option for option in turned if _begins(option, event.character))

    def render_line(self, y: int) -> Strip:
        """Everything stands on the first line."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        room = max(1, width - self._label_width - 5)
        value = cut_end(self.value, room)
        left, right = ("◂", "▸") if self.has_focus else ("‹", "›")
        style = self.get_component_rich_style("choice--value")
        segments = [
            Segment(fill(self._label, self._label_width) + " ", self.get_component_rich_style("choice--label")),
            Segment(f"{left} {value} {right}", style),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, everything else on."""
        self.action_turn(-1 if event.x <= self._label_width + 1 else 1)


def _begins(word: str, letter: str) -> bool:
    return word.casefold().startswith(letter.casefold())
