"""The emojis that ship with a bundle: names, search and lookup.

The gallery holds no pictures, only token grids (288 bytes an emoji at 256 tokens × 9 bits), so that every emoji of every style can be
browsed and used without image files. ``gallery_index.json`` has the names, ``gallery_tokens.bin`` the packed grids, one row a picture.
"""

from __future__ import annotations

import difflib
import itertools
import re
from array import array
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.bundle import Bundle
from emoterm.errors import REINSTALL, BundleError, InputError, UsageError
from emoterm.everyday import nearest_spelling
from emoterm.gallery_index import EmojiRecord, GalleryEntry, GalleryIndex, read_index
from emoterm.gallery_words import WordIndex
from emoterm.names import check_name, check_style, plain
from emoterm.safe_text import quoted
from emoterm.shortcodes import with_emojis
from emoterm.tokenfile import picture_bytes, token_bits, unpack
from emoterm.word_forms import word_forms

if TYPE_CHECKING:
    from emoterm.languages import Translator

__all__ = ["Gallery", "GalleryEntry"]

_VARIATION_SELECTOR_16 = "\N{VARIATION SELECTOR-16}"  # U+FE0F: "as a picture, not as text"; typed or not at random
_CODEPOINT = r"(?:u\+)?([0-9a-f]{2,6})"
_CODEPOINTS = re.compile(rf"{_CODEPOINT}(?:[\s\-_+]+{_CODEPOINT})*", re.IGNORECASE)
_TWO_EDITS_FROM = 7
"""Letters of a name from which on two slips are forgiven; names are told apart more easily than words are: elefant, elephant."""


class Gallery:
    """Names of the emojis of a bundle, and their token grids. Both files are read on first use."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> Gallery:
        """The gallery of an open bundle, which has to stay open while the gallery is used."""
        return cls(bundle)

    @property
    def emojis(self) -> list[EmojiRecord]:
        """Every emoji once, in Unicode order."""
        return self._index.emojis

    @cached_property
    def entries(self) -> list[GalleryEntry]:
        """Every emoji in every style, in Unicode order, then in style order."""
        return [emoji.entry(style) for emoji in self._index.emojis for style in self._styles_of(emoji)]

    @cached_property
    def pictures(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Every entry as two numbers, in the order of ``entries``: which emoji it is of, (N,), and its row in the token file, (N,)."""
        emojis = self._index.emojis
        orders: dict[tuple[str, ...], list[int]] = {}  # where its styles stand in its own list; the same few lists come again and again
        rows = array("q")
        for emoji in emojis:
            order = orders.get(emoji.styles)
            if order is None:
                order = orders[emoji.styles] = [emoji.styles.index(style) for style in self._styles_of(emoji)]
            rows.extend(map(emoji.row_numbers.__getitem__, order))
        counts = np.fromiter((len(emoji.styles) for emoji in emojis), np.int64, len(emojis))
        return np.repeat(np.arange(len(emojis), dtype=np.int32), counts), np.array(rows, np.int64)

    @cached_property
    def has_skin_tone(self) -> NDArray[np.bool_]:
        """Whether each entry is a skin-tone variant: (N,)."""
        return np.array([bool(emoji.skin_tone) for emoji in self._index.emojis], bool)[self.pictures[0]]

    def entry(self, number: int) -> GalleryEntry:
        """``entries[number]``, without making them all."""
        emojis, rows = self.pictures
        emoji = self._index.emojis[int(emojis[number])]
        return emoji.entry(emoji.styles[emoji.row_numbers.index(int(rows[number]))])

    @property
    def exists(self) -> bool:
        """Whether the bundle has a gallery at all; all else raises :class:`~emoterm.errors.BundleError` where it has none."""
        return bool(self._bundle.manifest.gallery)

    @property
    def n_tokens(self) -> int:
        """Tokens of one picture."""
        return self._bundle.manifest.n_tokens

    @property
    def codebook_size(self) -> int:
        """Tokens are below it."""
        return self._bundle.manifest.codebook.size

    def styles(self) -> list[str]:
        """Style names, the default first."""
        return self._index.styles

    def groups(self) -> list[str]:
        """Unicode groups, in Unicode order."""
        return list(dict.fromkeys(emoji.group for emoji in self._index.emojis if emoji.group))

    def styles_of(self, entry: GalleryEntry) -> list[str]:
        """The styles that have the emoji of ``entry``, the default first."""
        return self._styles_of(self._index.emojis[int(self._emoji_of_row[entry.row])])

    def in_every_style(self, entry: GalleryEntry) -> list[GalleryEntry]:
        """The emoji of ``entry`` in all its styles, the default first."""
        emoji = self._index.emojis[int(self._emoji_of_row[entry.row])]
        return [emoji.entry(style) for style in self._styles_of(emoji)]

    def attribution(self, style: str) -> str:
        """Origin and licence of a style; empty when the bundle does not say."""
        return self._index.attribution.get(style, "")

    def tokens(self, entry: GalleryEntry) -> NDArray[np.int64]:
        """The token grid of an entry: int64 ``(256,)``, raster order.

        Raises:
            BundleError: the token file is damaged or too short.
        """
        tokens: NDArray[np.int64] = self.token_rows(entry.row, entry.row + 1, what=repr(entry.name))[0]  # (1, 256) → (256,)
        return tokens

    def token_rows(self, start: int, stop: int, *, what: str = "the gallery") -> NDArray[np.int64]:
        """Rows of the token file: int64 ``(stop - start, 256)``.

        Args:
            start: the first row.
            stop: the row after the last.
            what: what they are of, for the message.

        Raises:
            BundleError: the token file is damaged or too short.
        """
        manifest = self._bundle.manifest
        bits = token_bits(manifest.codebook.size)
        size_bytes = picture_bytes(manifest.n_tokens, bits)
        packed = self._packed[start * size_bytes : stop * size_bytes]
        try:
            tokens = unpack(packed, manifest.n_tokens, bits, codebook_size=manifest.codebook.size)
        except InputError as error:
            raise BundleError(f"{self._bundle.path}: bad tokens for {what} ({error.what})", fix=REINSTALL) from None
        if len(tokens) != stop - start:
            raise BundleError(f"{self._bundle.path}: there are no tokens for {what}.", fix=REINSTALL)
        return tokens

    def find(self, query: str, style: str | None = None) -> GalleryEntry:
        """The one entry that ``query`` means.

        Tried in this order: the emoji itself (with or without U+FE0F), its exact name, its codepoints (``1f60a``, ``U+1F60A``), a keyword
        that only one emoji has, its name in another language, the best search hit when no other is as good.

        Args:
            query: what the user typed.
            style: a style name; None for the first style, in the default order, that has the emoji.

        Raises:
            UsageError: nothing or several emojis fit, or the emoji does not exist in ``style``.
        """
        style = None if style is None else check_style(style, self.styles())
        emoji = self._exact(query) or self._by_unique_keyword(query) or self._best_hit(self._in_english(query) or query)
        there = self._styles_of(emoji)
        if style is not None and style not in emoji.styles:
            raise UsageError(f"{emoji.emoji} {emoji.name} has no picture in style {style}.", fix=f"Styles that have it: {', '.join(there)}")
        return emoji.entry(style or there[0])

    def is_exact(self, query: str) -> bool:
        """Whether something is an emoji itself, its whole name or its codepoints, so that :meth:`find` has nothing to guess."""
        return self._exact(query) is not None

    def search(self, query: str, *, style: str | None = None, group: str | None = None, limit: int | None = 20) -> list[GalleryEntry]:
        """Entries whose name, keywords or group have every word of ``query``, best first, one an emoji.

        Names count more than keywords, whole words more than beginnings, short names more than long ones; skin-tone variants come after
        their base. When nothing fits, words are tried in other languages, and with their nearest spelling. An empty query lists everything.

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
        exact, (found, _) = self._exact(query), self._ranked(plain(query).split())
        if not len(found) and (reading := self.reading(query)) is not None:
            found, _ = self._ranked(plain(reading).split())
        others = (emoji for emoji in map(self._index.emojis.__getitem__, found.tolist()) if emoji is not exact)
        kept = (
            emoji
            for emoji in (others if exact is None else itertools.chain([exact], others))
            if (style is None or style in emoji.styles) and (group is None or emoji.group == group)
        )
        return [emoji.entry(style or self._first_style(emoji)) for emoji in itertools.islice(kept, limit)]

    def reading(self, query: str) -> str | None:
        """What :meth:`search` looks for where nothing fits: the words in English, or in their nearest spelling; None where it takes them as
        they are."""
        words = plain(query).split()
        if self._exact(query) is not None or len(self._ranked(words)[0]):
            return None
        if (english := self._in_english(query)) is not None:
            return english
        nearest = self._nearest(words)
        return None if nearest == words else " ".join(nearest)

    def _in_english(self, query: str) -> str | None:
        """A query that has words of another language and none of English that says more; None where it has none."""
        unfamiliar = [word for word in plain(query).split() if not len(self._ranked([word])[0])]
        translation = self.translator.translate(with_emojis(query), unfamiliar) if unfamiliar else None
        return None if translation is None else translation.text

    def near(self, words: Sequence[str]) -> list[tuple[EmojiRecord, float]]:
        """Emojis that have some of these words, nearest first, and how near they come: see :meth:`WordIndex.nearness`.

        Equally near ones stay in Unicode order.
        """
        scores = self._words.nearness(words)
        return [(self._index.emojis[i], float(scores[i])) for i in np.argsort(-scores, kind="stable").tolist() if scores[i] > 0]

    def with_words(self, words: Sequence[str]) -> list[EmojiRecord]:
        """The emojis that have every one of these words, in Unicode order."""
        return self._words.having_all(words)

    def has_words(self, *words: str) -> bool:
        """Whether some emoji has all these words, in the form of :func:`~emoterm.names.plain`, in its name, keywords or group."""
        return bool(self._words.having_all(words))

    def is_name(self, phrase: str, /) -> bool:
        """Whether a phrase, in the form of :func:`~emoterm.names.plain`, is the whole name of some emoji; its last word in any form."""
        return any(form in self._by_name for form in word_forms(phrase.replace("'", "’"))) or phrase in self._by_name

    def is_in_name(self, phrase: str, /) -> bool:
        """Whether a phrase, in the form of :func:`~emoterm.names.plain`, stands in the name of some emoji."""
        return any(f" {form} " in self._all_names for form in word_forms(phrase.replace("'", "’")))

    @cached_property
    def _all_names(self) -> str:
        return "".join(f" {name} \n" for name in self._by_name)

    @cached_property
    def translator(self) -> Translator:
        """Of names in other languages."""
        from emoterm.languages import Translator  # half a second, and few need it

        return Translator(self._index.emojis)

    def describe(self, query: str, /, *, guess: bool = False) -> tuple[str, ...]:
        """What an emoji shows, in words: its name, the words of it, its keywords and its subgroup; nothing where no emoji is meant.

        Args:
            query: an emoji, its whole name, its codepoints, or a keyword that only one emoji has.
            guess: whether a name may be misspelt: pinguin, elefant.
        """
        emoji = self._exact(query) or self._by_unique_keyword(query)
        if emoji is None and guess:
            name = nearest_spelling(plain(query), self._by_name, two_edits_from=_TWO_EDITS_FROM)
            emoji = None if name is None else self._by_name[name]
        if emoji is None:
            return ()
        return tuple(dict.fromkeys([emoji.name, *plain(emoji.name).split(), *emoji.keywords, emoji.subgroup]))

    def _exact(self, query: str) -> EmojiRecord | None:
        text = with_emojis(query.strip())
        found = self._by_emoji.get(_bare(text)) or self._by_name.get(plain(text))
        if found is None and _CODEPOINTS.fullmatch(text):
            numbers = [int(digits, 16) for digits in re.findall(_CODEPOINT, text, re.IGNORECASE)]
            if max(numbers) <= 0x10FFFF:
                return self._by_emoji.get(_bare("".join(map(chr, numbers))))
        return found

    def _by_unique_keyword(self, query: str) -> EmojiRecord | None:
        having = [emoji for emoji in self._words.with_keyword(plain(query)) if not emoji.skin_tone]
        return having[0] if len(having) == 1 else None

    def _best_hit(self, query: str) -> EmojiRecord:
        words = plain(query).split()
        found, scores = self._ranked(words)
        if not words or not len(found):
            hint = self.nearest_names(query)
            raise UsageError(f"No emoji is called {quoted(query)}.", fix=f"{hint}Look for one with: emoterm search WORD")
        best: list[EmojiRecord] = [self._index.emojis[i] for i in found[scores == scores[0]].tolist()]
        if len(best) > 1:
            names = ", ".join(f"{emoji.emoji} {emoji.name}" for emoji in best[:5])
            more = f" and {len(best) - 5} more" if len(best) > 5 else ""
            raise UsageError(f"{quoted(query)} fits several emojis: {names}{more}.", fix="Give the emoji itself or its whole name.")
        return best[0]

    def nearest_names(self, query: str) -> str:
        """The beginning of a fix, ``"Nearest names: cat, goat. "``; nothing where no name is near."""
        nearest = difflib.get_close_matches(plain(query), self._by_name, n=3, cutoff=0.5)
        return f"Nearest names: {', '.join(nearest)}. " if nearest else ""

    def _ranked(self, words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The numbers of the emojis that fit every word, and their scores, best first; equal scores in Unicode order."""
        scores = self._words.scores(words)
        found = np.flatnonzero(scores > 0)
        order = found[np.argsort(-scores[found], kind="stable")]  # stable: keeps the order of the index among equal scores
        return order, scores[order]

    def _nearest(self, words: list[str]) -> list[str]:
        """Each word in the nearest spelling that some emoji has; as it is where none is near."""
        return [self._words.spellings.nearest(word) or word for word in words]

    def _styles_of(self, emoji: EmojiRecord) -> list[str]:
        return [style for style in self._index.styles if style in emoji.styles]

    def _first_style(self, emoji: EmojiRecord) -> str:
        return next(style for style in self._index.styles if style in emoji.styles)

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
    def _emoji_of_row(self) -> NDArray[np.int32]:
        emojis, rows = self.pictures
        found = np.zeros(int(rows.max(initial=-1)) + 1, np.int32)
        found[rows] = emojis
        return found

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self._index.emojis)


def _bare(emoji: str) -> str:
    """The emoji without variation selectors, which keyboards add or leave out."""
    return emoji.replace(_VARIATION_SELECTOR_16, "")
