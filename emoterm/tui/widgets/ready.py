"""Lines that are made ready for the terminal in a worker, so that the event loop has little left to do with them but put them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console
    from textual.color import Color
    from textual.filter import LineFilter
    from textual.geometry import Region
    from textual.widget import Widget


@dataclass(frozen=True)
class Finish:
    """What Textual does with every line before it writes it; where this changes, no ready line holds."""

    filters: tuple[LineFilter, ...]
    ground: Color
    """The background that filters compose over."""
    console: Console
    """It knows the colours of the terminal."""


@dataclass(frozen=True)
class ReadyLine:
    """A piece of a line."""

    segments: Sequence[Segment]
    """Filtered."""
    width: int
    """In columns."""
    written: str
    """The same as the terminal gets it."""


def finish_of(widget: Widget) -> Finish:
    """What the lines of a widget get."""
    return Finish(tuple(widget.app.get_line_filters()), widget.background_colors[1], widget.app.console)


def make_ready(segments: Iterable[Segment], width: int, finish: Finish) -> ReadyLine:
    """Filter and write out a piece of a line of so many columns."""
    filtered = list(segments)
    for line_filter in finish.filters:
        filtered = line_filter.apply(filtered, finish.ground)
    return ReadyLine(filtered, width, Strip(filtered, width).render(finish.console))


class ReadyStrip(Strip):
    """Pieces side by side. Cut or styled it becomes a strip like any other; whole, nothing is left to do for it."""

    def __init__(self, pieces: Sequence[ReadyLine]) -> None:
        super().__init__([segment for piece in pieces for segment in piece.segments], sum(piece.width for piece in pieces))
        self._render_cache = "".join([piece.written for piece in pieces])

    def apply_filter(self, filter: LineFilter, background: Color) -> Strip:
        """Itself: each piece has been filtered."""
        return self


def cut(lines: Sequence[Strip], crop: Region, width: int) -> list[Strip]:
    """What Textual wants of some lines of a widget of this width: mostly all."""
    left, right = crop.column_span
    return list(lines) if (left, right) == (0, width) else [line.crop(left, right) for line in lines]
