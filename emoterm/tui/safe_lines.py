"""The last thing that happens to a line before it is drawn: no text in it is a command to the terminal.

Textual takes out a bell and a few more characters, but lets an escape through; names and prompts come from files of strangers.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from emoterm.safe_text import as_wide, is_safe


class SafeLines(LineFilter):
    """Takes control characters and bidirectional overrides out of every line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, as wide as before."""
        if is_safe("".join(segment.text for segment in segments)):
            return segments
        return [segment if segment.control else Segment(as_wide(segment.text), segment.style) for segment in segments]
