"""The emojis that ship with a bundle: names, search and lookup.

The gallery holds no pictures, only token grids (288 bytes an emoji at 256 tokens × 9 bits), so that every emoji of every style can be
browsed and used without image files. ``gallery_index.json`` has the names, ``gallery_tokens.bin`` the packed grids, one row a picture.
"""

from __future__ import annotations

import difflib
import re
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import BundleError, InputError, UsageError
from emoterm.gallery_index import EmojiRecord, GalleryEntry, GalleryIndex, Query, read_index
from emoterm.prompt import check_name, check_style, plain
from emoterm.tokenfile import picture_bytes, token_bits, unpack

__all__ = ["Gallery", "GalleryEntry"]

_VARIATION_SELECTOR_16 = "\N{VARIATION SELECTOR-16}"  # U+FE0F: "as a picture, not as text"; typed or not at random
_CODEPOINT = r"(?:u\+)?([0-9a-f]{2,6})"
_CODEPOINTS = re.compile(rf"{_CODEPOINT}(?:[\s\-_+]+{_CODEPOINT})*", re.IGNORECASE)
_REINSTALL = "Export the bundle again, or reinstall: pip install --force-reinstall emoterm"


class Gallery:
    """Names of the emojis of a bundle, and their token grids. Both files are read on first use."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> Gallery:
        """The gallery of an open bundle, which has to stay open while the gallery is used."""
        return cls(bundle)

    @cached_property
    def entries(self) -> list[GalleryEntry]:
        """Every emoji in every style, in Unicode order, then in style order."""
        return [emoji.entry(style) for emoji in self._index.emojis for style in self._styles_of(emoji)]

    def styles(self) -> list[str]:
        """Style names, the default first."""
        return self._index.styles

    def groups(self) -> list[str]:
        """Unicode groups, in Unicode order."""
        return list(dict.fromkeys(emoji.group for emoji in self._index.emojis if emoji.group))

    def styles_of(self, entry: GalleryEntry) -> list[str]:
        """The styles that have the emoji of ``entry``, the default first."""
        return self._styles_of(self._by_row[entry.row])

    def attribution(self, style: str) -> str:
        """Origin and licence of a style; empty when the bundle does not say."""
        return self._index.attribution.get(style, "")

    def tokens(self, entry: GalleryEntry) -> NDArray[np.int64]:
        """The token grid of an entry: int64 ``(256,)``, raster order.

        Raises:
            BundleError: the token file is damaged or too short.
        """
        manifest = self._bundle.manifest
        bits = token_bits(manifest.codebook.size)
        size_bytes = picture_bytes(manifest.n_tokens, bits)
        packed = self._packed[entry.row * size_bytes : (entry.row + 1) * size_bytes]
        try:
            tokens = unpack(packed, manifest.n_tokens, bits, codebook_size=manifest.codebook.size)
        except InputError as error:
            raise BundleError(f"{self._bundle.path}: bad tokens for {entry.name!r} ({error.what})", fix=_REINSTALL) from None
        return tokens.reshape(manifest.n_tokens)  # (1, 256) → (256,)

    def find(self, query: str, style: str | None = None) -> GalleryEntry:
        """The one entry that ``query`` means.

        Tried in this order: the emoji itself (with or without U+FE0F), its exact name, its codepoints (``1f60a``, ``U+1F60A``), a keyword
        that only one emoji has, the best search hit when no other is as good.

        Args:
            query: what the user typed.
            style: a style name; None for the first style, in the default order, that has the emoji.

        Raises:
            UsageError: nothing or several emojis fit, or the emoji does not exist in ``style``.
        """
        style = None if style is None else check_style(style, self.styles())
        emoji = self._exact(query) or self._by_unique_keyword(query) or self._best_hit(query)
        there = self._styles_of(emoji)
        if style is not None and style not in there:
            raise UsageError(f"{emoji.emoji} {emoji.name} has no picture in style {style}.", fix=f"Styles that have it: {', '.join(there)}")
        return emoji.entry(style or there[0])

    def search(self, query: str, *, style: str | None = None, group: str | None = None, limit: int | None = 20) -> list[GalleryEntry]:
        """Entries whose name, keywords or group have every word of ``query``, best first, one an emoji.

        Names count more than keywords, whole words more than beginnings, short names more than long ones; skin-tone variants come after
        their base. When nothing fits, words are tried with their nearest spelling. An empty query lists everything.

        Args:
            query: words, an emoji or codepoints.
            style: only emojis that this style has; None for all, each in its first style.
            group: only this Unicode group.
            limit: the most to return; None for all.

        Raises:
            UsageError: unknown style or group.
        """
        style = None if style is None else check_style(style, self.styles())
        group = None if group is None else check_name(group, self.groups(), what="group")
        words = plain(query).split()
        found = [emoji for _, emoji in self._ranked(words) or self._ranked(self._nearest(words))]
        if (exact := self._exact(query)) is not None:
            found = [exact, *(emoji for emoji in found if emoji is not exact)]
        kept = [emoji for emoji in found if (style is None or style in emoji.rows) and (group is None or emoji.group == group)]
        return [emoji.entry(style or self._styles_of(emoji)[0]) for emoji in kept[:limit]]

    def describe(self, query: str) -> tuple[str, ...]:
        """What an emoji shows, in words: its name, the words of it, its keywords and its subgroup; nothing where no emoji is meant.

        Args:
            query: an emoji, its whole name, its codepoints, or a keyword that only one emoji has.
        """
        emoji = self._exact(query) or self._by_unique_keyword(query)
        if emoji is None:
            return ()
        return tuple(dict.fromkeys([emoji.name, *plain(emoji.name).split(), *emoji.keywords, emoji.subgroup]))

    def _exact(self, query: str) -> EmojiRecord | None:
        text = query.strip()
        found = self._by_emoji.get(_bare(text)) or self._by_name.get(plain(text))
        if found is None and _CODEPOINTS.fullmatch(text):
            numbers = [int(digits, 16) for digits in re.findall(_CODEPOINT, text, re.IGNORECASE)]
            if max(numbers) <= 0x10FFFF:
                return self._by_emoji.get(_bare("".join(map(chr, numbers))))
        return found

    def _by_unique_keyword(self, query: str) -> EmojiRecord | None:
        key = plain(query)
        having = [emoji for emoji in self._index.emojis if not emoji.skin_tone and key in emoji.keyword_phrases]
        return having[0] if len(having) == 1 else None

    def _best_hit(self, query: str) -> EmojiRecord:
        words = plain(query).split()
        ranked = self._ranked(words) if words else []
        if not ranked:
            nearest = difflib.get_close_matches(plain(query), self._by_name, n=3, cutoff=0.5)
            hint = f"Nearest names: {', '.join(nearest)}. " if nearest else ""
            raise UsageError(f"No emoji is called {query!r:.60}.", fix=f"{hint}Look for one with: emoterm search WORD")
        best = [emoji for score, emoji in ranked if score == ranked[0][0]]
        if len(best) > 1:
            names = ", ".join(f"{emoji.emoji} {emoji.name}" for emoji in best[:5])
            more = f" and {len(best) - 5} more" if len(best) > 5 else ""
            raise UsageError(f"{query!r:.60} fits several emojis: {names}{more}.", fix="Give the emoji itself or its whole name.")
        return best[0]

    def _ranked(self, words: list[str]) -> list[tuple[float, EmojiRecord]]:
        """Emojis that fit every word, with their scores, best first; equal scores in Unicode order."""
        query = Query.of(words)
        scored = ((emoji.score(query), emoji) for emoji in self._index.emojis)
        # A stable sort keeps the order of the index among equal scores.
        return sorted(((score, emoji) for score, emoji in scored if score > 0), key=lambda pair: -pair[0])

    def _nearest(self, words: list[str]) -> list[str]:
        """Each word in the nearest spelling that some emoji has; as it is where none is near."""
        return [next(iter(difflib.get_close_matches(word, self._all_words, n=1, cutoff=0.75)), word) for word in words]

    def _styles_of(self, emoji: EmojiRecord) -> list[str]:
        return [style for style in self._index.styles if style in emoji.rows]

    @cached_property
    def _index(self) -> GalleryIndex:
        return read_index(self._file("index"), where=str(self._bundle.path))

    @cached_property
    def _packed(self) -> bytes:
        return self._file("tokens")

    def _file(self, key: str) -> bytes:
        spec = self._bundle.manifest.gallery.get(key)
        if spec is None:
            raise BundleError(f"{self._bundle.path}: this bundle has no gallery.", fix="Give image files, or use the default bundle.")
        return self._bundle.read(spec)

    @cached_property
    def _by_emoji(self) -> dict[str, EmojiRecord]:
        return {_bare(emoji.emoji): emoji for emoji in self._index.emojis if emoji.emoji}

    @cached_property
    def _by_name(self) -> dict[str, EmojiRecord]:
        # Names need not be unique in data without emoji characters: the first one counts.
        return {plain(emoji.name): emoji for emoji in reversed(self._index.emojis)}

    @cached_property
    def _by_row(self) -> dict[int, EmojiRecord]:
        return {row: emoji for emoji in self._index.emojis for row in emoji.rows.values()}

    @cached_property
    def _all_words(self) -> list[str]:
        return sorted({word for emoji in self._index.emojis for word in emoji.words})


def _bare(emoji: str) -> str:
    """The emoji without variation selectors, which keyboards add or leave out."""
    return emoji.replace(_VARIATION_SELECTOR_16, "")
