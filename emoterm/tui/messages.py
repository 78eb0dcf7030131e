"""What workers tell the screens: plain data, made in a thread, handled in the event loop."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.codec import I64
    from emoterm.gallery import GalleryEntry
    from emoterm.imaging.compose import U8
    from emoterm.manifest import SamplingDefaults
    from emoterm.tui.run import Run
    from emoterm.tui.widgets.drawn_thumbs import Cell
    from emoterm.tui.widgets.ready import ReadyLine
    from emoterm.tui.widgets.thumb import Look


@dataclass
class GalleryRead(Message):
    """The names that filters offer."""

    styles: list[str]
    groups: list[str]


@dataclass
class Found(Message):
    """The result of a search."""

    title: str
    entries: Sequence[GalleryEntry]
    reading: str | None = None
    """What was searched for instead, as nothing fits the title: another spelling, or the same in English."""


@dataclass
class Detail(Message):
    """The emoji under the cursor, whole, and what is near it."""

    key: Hashable
    """Of its picture in the grid."""
    item: Item
    like: Sequence[GalleryEntry]
    like_pixels: U8 | None
    """(N, 64, 64, 4); None while it is not known yet."""
    facts: list[tuple[str, str]]


@dataclass
class Thumbnails(Message):
    """Some small pictures, and how they look in the grid."""

    cells: Sequence[Cell]
    pixels: Sequence[U8]
    """(size_px, size_px, 4) each."""
    drawn: Sequence[list[ReadyLine]]
    look: Look


@dataclass
class Offer(Message):
    """What the prior can be asked for, and what the form starts from."""

    words: list[str]
    styles: list[str]
    style: str | None
    """To start from, which the bundle may not have."""
    emotions: list[str]
    alone: SamplingDefaults
    """The law for pictures that are drawn after nothing."""
    after: SamplingDefaults | None
    """That for pictures that are drawn after an emoji, where the prior can do that."""
    codebook_size: int


@dataclass
class Written(Message):
    """All pictures of a run as far as they are."""

    run: Run
    pixels: U8
    """(n, 64, 64, 4)."""
    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        """Only the newest state counts."""
        return isinstance(message, Written) and message.run is self.run


@dataclass
class Finished(Message):
    """A run is whole."""

    run: Run
    tokens: I64
    """(n, 256)."""
    pixels: U8
    """(n, 64, 64, 4)."""
    seconds: float


@dataclass
class Between(Message):
    """The picture at one point of the way."""

    share: float
    pixels: U8

    def can_replace(self, message: Message) -> bool:
        """Only the newest point counts."""
        return isinstance(message, Between)


@dataclass
class Frames(Message):
    """All steps of the way: (n, 64, 64, 4)."""

    way: tuple[object, ...]
    pixels: U8


@dataclass
class EndFound(Message):
    """What was typed as an end."""

    end: str
    item: Item
