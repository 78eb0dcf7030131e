"""What workers tell the screens: plain data, made in a thread, handled in the event loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.gallery import GalleryEntry
    from emoterm.imaging.compose import U8


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


@dataclass
class Detail(Message):
    """The emoji under the cursor, whole, and what is near it."""

    item: Item
    like: Sequence[GalleryEntry]
    like_pixels: U8 | None
    """(N, 64, 64, 4); None while it is not known yet."""
    facts: list[tuple[str, str]]


@dataclass
class Thumbnails(Message):
    """Some small pictures."""

    keys: Sequence[object]
    pixels: Sequence[U8]
    size_px: int
