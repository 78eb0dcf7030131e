"""A number on a line, moved by keys or by the mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from emoterm.terminal.shorten import fill


class Slider(Widget, can_focus=True):
    """``label ━━━━●──── 0.50``.

    Args:
        label: stands in front.
        low: the least value.
        high: the greatest.
        value: to begin with.
        step: what an arrow key changes; the mouse stops at whole ones.
        decimals: digits after the point.
        label_width: columns for the label.
        id: as for every widget.
    """

    HELP = (
        "Left and right change the value, Home and End go to its ends, Page Up and Page Down take large steps. Drag with the mouse. "
        "Up and Down go to another row of a form."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "change(-1)", "Less", show=False),
        Binding("right", "change(1)", "More", show=False),
        Binding("pageup", "change(10)", show=False),
        Binding("pagedown", "change(-10)", show=False),
        Binding("home", "to_end(False)", show=False),
        Binding("end", "to_end(True)", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"slider--done", "slider--rest", "slider--label"}

    value: reactive[float] = reactive(0.0)

    @dataclass
    class Changed(Message):
        """Another value, by key, mouse or program."""

        slider: Slider
        value: float

        @property
        def control(self) -> Slider:
            return self.slider

        def can_replace(self, message: Message) -> bool:
            """Only the newest value counts."""
            return isinstance(message, Slider.Changed) and message.slider is self.slider

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        value: float,
        *,
        step: float = 0.05,
        decimals: int = 2,
        label_width: int = 12,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self._low, self._high, self._step = low, high, step
        self._decimals, self._label_width = decimals, label_width
        self.set_reactive(Slider.value, value)

    def validate_value(self, value: float) -> float:
        """Stay between the ends; keys and the mouse take steps, and what a program sets may lie between two."""
        return round(max(self._low, min(self._high, value)), 6)

    def start_at(self, value: float) -> None:
        """Begin with a value; an end that it lies beyond moves there."""
        self._low, self._high = min(self._low, value), max(self._high, value)
        self.value = value

    def watch_value(self) -> None:
        """Tell the screen."""
        self.refresh()
        self.post_message(self.Changed(self, self.value))

    def action_change(self, steps: int) -> None:
        """A few steps."""
        self.value = round(self.value / self._step) * self._step + steps * self._step

    def action_to_end(self, high: bool) -> None:
        """As far as it goes."""
        self.value = self._high if high else self._low

    @property
    def _track(self) -> tuple[int, int]:
        """First column and width of the line."""
        left = self._label_width + 1
        return left, max(3, self.size.width - left - 2 - len(self._text))

    @property
    def _text(self) -> str:
        return f"{self.value:.{self._decimals}f}".rjust(len(f"{self._high:.{self._decimals}f}"))

    def render_line(self, y: int) -> Strip:
        """Everything stands on the first line."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        _, track = self._track
        knob = round((self.value - self._low) / (self._high - self._low) * (track - 1))
        done, rest = self.get_component_rich_style("slider--done"), self.get_component_rich_style("slider--rest")
        segments = [
            Segment(fill(self.label, self._label_width) + " ", self.get_component_rich_style("slider--label")),
            Segment("━" * knob, done),
            Segment("◉" if self.has_focus else "●", done),
            Segment("─" * (track - 1 - knob), rest),
            Segment(f" {self._text} ", self.get_component_rich_style("slider--label")),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Jump to where the mouse is."""
        self.capture_mouse()
        self._follow(event.x)

    def on_mouse_up(self) -> None:
        """Let go."""
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow a drag."""
        if self.app.mouse_captured is self:
            self._follow(event.x)

    def _follow(self, x: int) -> None:
        left, track = self._track
        share = max(0.0, min(1.0, (x - left) / max(1, track - 1)))
        steps = round(share * (self._high - self._low) / self._step)
        self.value = self._low + steps * self._step
