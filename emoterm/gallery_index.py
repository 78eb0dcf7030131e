"""``gallery_index.json``: the names of the emojis of a bundle."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from emoterm.bundle_json import has_safe_texts, is_safe_value
from emoterm.errors import REINSTALL, BundleError
from emoterm.json_stream import members
from emoterm.names import plain

DEFAULT_STYLE_ORDER = ("noto", "fluent3d", "twemoji", "fluentflat", "blob")
"""An emoji without a style is the first of these that has it; styles not named here follow in the order of the bundle."""


class GalleryEntry(NamedTuple):
    """One picture of the gallery: an emoji in a style. A named tuple, as a list may hold a hundred thousand of them."""

    emoji: str
    name: str
    style: str
    group: str
    subgroup: str
    keywords: tuple[str, ...]
    skin_tone: str
    """Empty, or such as ``medium`` and ``dark+light``."""
    split: str
    """``train`` or ``test``: whether the model saw this emoji, in any style, while it was trained."""
    row: int
    """Row of its grid in the token file."""

    @property
    def spec(self) -> str:
        """What names it on a command line: ``🐱@noto``."""
        named = self.emoji or self.name
        return f"{named}@{self.style}" if self.style else named

    @property
    def codepoints(self) -> str:
        """Hexadecimal, joined by ``-``: ``1f60a``."""
        return "-".join(f"{ord(char):x}" for char in self.emoji)


class EmojiRecord(NamedTuple):
    """One emoji of the index. A gallery may hold a million of them, so strings and tuples that come again are shared; and thousands are
    made before the first picture is seen, which takes a frozen data class longer than a named tuple."""

    emoji: str
    name: str
    group: str
    subgroup: str
    keywords: tuple[str, ...]
    skin_tone: str
    split: str
    styles: tuple[str, ...]
    """That it has, in the order of the file."""
    row_numbers: tuple[int, ...]
    """Of its pictures, in the order of ``styles``."""

    def is_of(self, group: str | None) -> bool:
        """Whether it is of a Unicode group, in capitals or not; None is any."""
        return group is None or self.group.casefold() == group.casefold()

    def entry(self, style: str) -> GalleryEntry:
        """The picture of this emoji in ``style``, which it must have."""
        row = self.row_numbers[self.styles.index(style)]
        # By position: names would double the time of a list of a hundred thousand.
        return GalleryEntry(self.emoji, self.name, style, self.group, self.subgroup, self.keywords, self.skin_tone, self.split, row)


@dataclass(frozen=True)
class GalleryIndex:
    """The parsed file."""

    styles: list[str]
    """The default style first."""
    emojis: list[EmojiRecord]
    """In Unicode order."""
    attribution: dict[str, str]
    """Origin and licence by style."""


def read_index(data: bytes, *, where: str) -> GalleryIndex:
    """Parse ``gallery_index.json``.

    Raises:
        BundleError: not JSON, or a key is missing.
    """
    emojis: list[EmojiRecord] = []
    others: dict[str, Any] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    safe = has_safe_texts(data)
    try:
        for key, value in members(data, "emojis"):
            if not (safe or is_safe_value(value)):
                raise ValueError("control characters in a text")
            if key == "emojis":
                emojis.append(_record(value, shared))
            else:
                others[key] = value
        names = _texts(others["styles"])
        attribution = {_text(style): _text(text) for style, text in others.get("attribution", {}).items()}
        unknown = set().union(*shared) - set(names)
        if unknown:
            raise ValueError(f"styles of an emoji: {sorted(unknown)!r}")
    except RecursionError:
        raise BundleError(f"{where}: the gallery index goes too deep.", fix=REINSTALL) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            f"{where}: the gallery index is damaged ({error!r:.200}).",
            fix=REINSTALL,
        ) from None
    order = {name: rank for rank, name in enumerate(DEFAULT_STYLE_ORDER)}
    return GalleryIndex(sorted(names, key=lambda name: order.get(name, len(order))), emojis, attribution)


def _record(item: Any, shared: dict[tuple[str, ...], tuple[str, ...]]) -> EmojiRecord:
    """One emoji of the file; ValueError, KeyError, TypeError or AttributeError where a value is missing or impossible."""
    # Before the first picture of a gallery is seen this runs for every emoji of it, so it checks as much as it can at once.
    rows = tuple(item["styles"].values())
    if set(map(type, rows)) != {int} or min(rows) < 0 or max(rows) >= 1 << 31:
        raise ValueError(f"pictures of an emoji: {rows!r}")
    name = _text(item["name"])
    if not (name[:1].isalnum() or plain(name)):
        raise ValueError("an emoji without a name")
    if not isinstance(item["keywords"], list):
        raise TypeError(f"{item['keywords']!r:.40} is no list")
    styles = tuple(map(sys.intern, item["styles"]))
    return EmojiRecord(
        emoji=_text(item["emoji"]),
        name=name,
        group=sys.intern(item["group"]),  # TypeError where it is no text; so below
        subgroup=sys.intern(item["subgroup"]),
        keywords=tuple(map(sys.intern, item["keywords"])),
        skin_tone=sys.intern(item["skin_tone"] or ""),
        split=sys.intern(item["split"]),
        styles=shared.setdefault(styles, styles),
        row_numbers=rows,
    )


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is no list")
    return [_text(each) for each in value]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def default_style(styles: Iterable[str]) -> str | None:
    """The style that something has when nobody names one, of those that there are; None if none of them is known."""
    there = set(styles)
    return next((name for name in DEFAULT_STYLE_ORDER if name in there), None)
