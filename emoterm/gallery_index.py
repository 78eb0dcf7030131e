"""``gallery_index.json``: the names of the emojis of a bundle, and how well each fits the words of a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emoterm.bundle_json import parse_json
from emoterm.errors import BundleError
from emoterm.prompt import plain, word_forms

DEFAULT_STYLE_ORDER = ("noto", "fluent3d", "twemoji", "fluentflat", "blob")
"""An emoji without a style is the first of these that has it; styles not named here follow in the order of the bundle."""

# What one word of a search is worth, by the best place where it is found. Whole words beat beginnings, the name beats the rest.
_NAME_WORD, _NAME_START, _KEYWORD, _KEYWORD_WORD, _KEYWORD_START, _GROUP_WORD = 4.0, 3.0, 2.5, 2.0, 1.5, 1.0
_EXACT_NAME = 4.0
_PLAIN_FACE = 0.05  # breaks the tie of "smiling face with heart-eyes" and "smiling cat with heart-eyes"
_SKIN_TONE = -0.5  # variants after their base


@dataclass(frozen=True)
class GalleryEntry:
    """One picture of the gallery: an emoji in a style."""

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
    def codepoints(self) -> str:
        """Hexadecimal, joined by ``-``: ``1f60a``."""
        return "-".join(f"{ord(char):x}" for char in self.emoji)


@dataclass(frozen=True)
class Query:
    """The words of a search, each with the forms that count as the same word."""

    words: tuple[str, ...]
    forms: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> Query:
        """A search for all of ``words``, in the form of :func:`~emoterm.prompt.plain`."""
        return cls(tuple(words), tuple(frozenset(word_forms(word)) for word in words))


@dataclass(frozen=True)
class EmojiRecord:
    """One emoji of the index, with the rows of its pictures by style."""

    emoji: str
    name: str
    group: str
    subgroup: str
    keywords: tuple[str, ...]
    skin_tone: str
    split: str
    rows: dict[str, int]

    def entry(self, style: str) -> GalleryEntry:
        """The picture of this emoji in ``style``, which it must have."""
        return GalleryEntry(
            emoji=self.emoji,
            name=self.name,
            style=style,
            group=self.group,
            subgroup=self.subgroup,
            keywords=self.keywords,
            skin_tone=self.skin_tone,
            split=self.split,
            row=self.rows[style],
        )

    @cached_property
    def keyword_phrases(self) -> frozenset[str]:
        """Keywords in the form of :func:`~emoterm.prompt.plain`."""
        return frozenset(plain(keyword) for keyword in self.keywords)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the name, the keywords and the groups."""
        return self._name_words | self._keyword_words | self._group_words

    def score(self, query: Query) -> float:
        """How well the emoji fits a search; 0 when one of its words is found nowhere."""
        words = query.words
        if not words:
            return 1.0
        worth = []
        for word, forms in zip(words, query.forms, strict=True):
            worth.append(self._worth(word, forms))
            if worth[-1] == 0:
                return 0.0
        total = sum(worth) / len(words)
        total += sum(value == _NAME_WORD for value in worth) / len(self._name_words)  # "cat" fits "cat face" better than "weary cat with …"
        if " ".join(words) == plain(self.name):
            total += _EXACT_NAME
        if self.subgroup.startswith("face-") and min(worth) >= _NAME_START:
            total += _PLAIN_FACE
        if self.skin_tone:
            total += _SKIN_TONE
        return total

    def _worth(self, word: str, forms: frozenset[str]) -> float:
        if forms & self._name_words:
            return _NAME_WORD
        if any(each.startswith(word) for each in self._name_words):
            return _NAME_START
        if forms & self.keyword_phrases:
            return _KEYWORD
        if forms & self._keyword_words:
            return _KEYWORD_WORD
        if any(each.startswith(word) for each in self._keyword_words):
            return _KEYWORD_START
        if forms & self._group_words:
            return _GROUP_WORD
        return 0.0

    @cached_property
    def _name_words(self) -> frozenset[str]:
        return frozenset(plain(self.name).split())

    @cached_property
    def _keyword_words(self) -> frozenset[str]:
        return frozenset(word for phrase in self.keyword_phrases for word in phrase.split())

    @cached_property
    def _group_words(self) -> frozenset[str]:
        return frozenset(plain(f"{self.group} {self.subgroup}").split())


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
    index = parse_json(data, f"{where}: the gallery index")
    try:
        styles = _texts(index["styles"])
        emojis = [_record(item, styles) for item in index["emojis"]]
        attribution = {_text(style): _text(text) for style, text in index.get("attribution", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            f"{where}: the gallery index is damaged ({error!r:.200}).",
            fix="Export the bundle again, or reinstall: pip install --force-reinstall emoterm",
        ) from None
    order = {name: rank for rank, name in enumerate(DEFAULT_STYLE_ORDER)}
    return GalleryIndex(sorted(styles, key=lambda name: order.get(name, len(order))), emojis, attribution)


def _record(item: dict[str, Any], styles: Sequence[str]) -> EmojiRecord:
    """One emoji of the file; ValueError, KeyError or TypeError where a value is missing or impossible."""
    rows = item["styles"]
    if not rows or not rows.keys() <= set(styles) or not all(type(row) is int and row >= 0 for row in rows.values()):
        raise ValueError(f"styles of an emoji: {rows!r}")
    record = EmojiRecord(
        emoji=_text(item["emoji"]),
        name=_text(item["name"]),
        group=_text(item["group"]),
        subgroup=_text(item["subgroup"]),
        keywords=tuple(_texts(item["keywords"])),
        skin_tone=_text(item["skin_tone"] or ""),
        split=_text(item["split"]),
        rows=dict(rows),
    )
    if not plain(record.name):
        raise ValueError("an emoji without a name")
    return record


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is no list")
    return [_text(each) for each in value]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value
