"""One thumbnail of a grid as lines of the terminal: the picture between two margins, a letter in its corner, its name below."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from emoterm.terminal.shorten import fill
from emoterm.tui.widgets.ready import Finish, ReadyLine, make_ready
from emoterm.tui.widgets.strips import picture_strips

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8, Color


@dataclass(frozen=True)
class Thumb:
    """One place of the grid."""

    key: Hashable
    caption: str = ""


@dataclass(frozen=True)
class Look:
    """What all thumbnails of a grid have in common at a time; where it changes, nothing that was drawn holds."""

    size_px: int
    columns: int
    width: int
    """Of the grid, in columns of the terminal."""
    captions: bool
    grey: bool
    dark: bool
    background: Color | None
    plain: Style
    caption: Style
    mark: Style
    finish: Finish

    @property
    def lines(self) -> int:
        """Lines of the picture alone."""
        return self.size_px // 2


def draw_thumb(thumb: Thumb, pixels: U8 | None, mark: str, *, cursor: Style | None, look: Look) -> list[ReadyLine]:
    """The lines of a cell. Takes milliseconds where there is a picture, and may be called in any thread.

    Args:
        thumb: what stands there.
        pixels: its picture, (size_px, size_px, 4); None while it is not there.
        mark: a letter for its corner, or nothing.
        cursor: how the cursor looks, where it stands here.
        look: how.

    Returns:
        One line more than the picture has, each two columns wider than it.
    """
    around = look.plain if cursor is None else cursor
    behind = around.background_style
    lines = _waiting(look, behind, mark) if pixels is None else _framed(_picture(pixels, look, cursor, behind), look, behind, mark)
    caption = f" {fill(thumb.caption if look.captions else '', look.size_px)} "
    if cursor is not None:  # to be told from the others without colours too
        caption = "▸" + caption[1:]
    below = Segment(caption, (look.caption if cursor is None else cursor) + behind)
    return [*lines, make_ready([below], look.size_px + 2, look.finish)]


@functools.lru_cache(maxsize=8)
def _waiting(look: Look, behind: Style, mark: str) -> list[ReadyLine]:
    """A dot where the picture will be. Rows that scroll by are full of them, and drawn in the event loop."""
    text = ["·" if line == look.lines // 2 else "" for line in range(look.lines)]
    return _framed(([Segment(part.center(look.size_px), look.caption + behind)] for part in text), look, behind, mark)


def _framed(inner: Iterable[Iterable[Segment]], look: Look, behind: Style, mark: str) -> list[ReadyLine]:
    """Lines of ``size_px`` columns between two margins, a letter in the corner."""
    margin = Segment(" ", behind)
    left = [margin] * look.lines
    if mark:
        left[0] = Segment(mark, look.mark)
    return [make_ready([before, *line, margin], look.size_px + 2, look.finish) for before, line in zip(left, inner, strict=True)]


def _picture(pixels: U8, look: Look, cursor: Style | None, behind: Style) -> list[Strip]:
    background = look.background
    triplet = None if cursor is None or cursor.bgcolor is None else cursor.bgcolor.triplet
    if triplet is not None and background is not None:
        background = (triplet.red, triplet.green, triplet.blue)
    return picture_strips(pixels, background, grey=look.grey, dark=look.dark, behind=behind)
