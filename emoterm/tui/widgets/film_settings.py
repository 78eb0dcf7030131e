"""How a film of a morph is made and played."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from emoterm.morphing import MorphPath
from emoterm.tui.widgets.choice import Choice

_STEPS = ["3", "5", "8", "10", "12", "16", "24", "32", "48"]
_FPS = ["6", "8", "12", "16", "24", "30"]


class FilmSettings(Horizontal):
    """Path, number of frames, speed, and whether to come back; each tells by :class:`Choice.Changed`."""

    DEFAULT_CSS = "FilmSettings { height: 1; } FilmSettings Choice { width: 1fr; }"

    def compose(self) -> ComposeResult:
        """Side by side."""
        yield Choice("path", ["lerp", "slerp", "codes"], label_width=4, id="path")
        yield Choice("steps", _STEPS, value="10", label_width=5, id="steps")
        yield Choice("fps", _FPS, value="12", label_width=3, id="fps")
        yield Choice("back", ["no", "yes"], label_width=4, value="yes", id="pingpong")

    @property
    def path(self) -> MorphPath:
        """How to walk."""
        return self.query_one("#path", Choice).value  # type: ignore[return-value]

    @property
    def steps(self) -> int:
        """Frames, both ends included."""
        return int(self.query_one("#steps", Choice).value)

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.query_one("#fps", Choice).value)

    @property
    def pingpong(self) -> bool:
        """Whether to come back."""
        return self.query_one("#pingpong", Choice).value == "yes"

    def next_path(self) -> None:
        """The one after this."""
        self.query_one("#path", Choice).action_turn(1)
