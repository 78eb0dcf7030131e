"""How well every emoji of a gallery fits the words of a search: an inverted index, made once, and a few operations on arrays a query."""

from __future__ import annotations

import functools
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from emoterm.everyday import slips_of_short
from emoterm.gallery_index import EmojiRecord
from emoterm.names import nearest_name, plain
from emoterm.word_forms import word_forms

F64 = NDArray[np.float64]
U32 = NDArray[np.uint32]

# What one word of a search is worth, by the best place where it is found. Whole words beat beginnings, the name beats the rest.
_NAME_WORD, _NAME_START, _KEYWORD, _KEYWORD_WORD, _KEYWORD_START, _GROUP_WORD = 4.0, 3.0, 2.5, 2.0, 1.5, 1.0
_EXACT_NAME = 4.0
_PLAIN_FACE = 0.05  # breaks the tie of "smiling face with heart-eyes" and "smiling cat with heart-eyes"
_SKIN_TONE = -0.5  # variants after their base

# What one word of a prompt says for an emoji to draw after, by the best place where it is found; and how much more its subject does.
_OF_NAME, _OF_KEYWORDS, _OF_GROUP = 1.0, 0.6, 0.3
_SUBJECT = 1.5

_LETTERS = 64
"""Kinds of letters that :class:`Spellings` counts; letters that share a kind only let more words through to the exact comparison."""
_COUNTED = 255
"""Letters of a word, which a byte can count; a longer word is always compared."""


class WordIndex:
    """The words of a gallery.

    Args:
        emojis: in Unicode order.
    """

    def __init__(self, emojis: Sequence[EmojiRecord]) -> None:
        self._emojis = emojis
        words = functools.cache(lambda text: tuple(dict.fromkeys(plain(text).split())))  # keywords and groups come again and again
        self._names = _Postings(dict.fromkeys(plain(emoji.name).split()) for emoji in emojis)
        self._keywords = _Postings(dict.fromkeys(chain.from_iterable(map(words, emoji.keywords))) for emoji in emojis)
        self._groups = _Postings(words(f"{emoji.group} {emoji.subgroup}") for emoji in emojis)
        self._name_length = np.maximum(self._names.lengths, 1)
        n = len(emojis)
        self._has_tone = np.fromiter((bool(emoji.skin_tone) for emoji in emojis), bool, n)
        self._is_face = np.fromiter((emoji.subgroup.startswith("face-") for emoji in emojis), bool, n)

    def scores(self, words: Sequence[str]) -> F64:
        """How well each emoji fits all of some words.

        Names count more than keywords, whole words more than beginnings, short names more than long ones.

        Args:
            words: in the form of :func:`~emoterm.names.plain`; none fits everything.

        Returns:
            (N,); 0 where one of the words is found nowhere.
        """
        n = len(self._emojis)
        if not words:
            return np.ones(n)
        total, least, in_name = np.zeros(n), np.full(n, np.inf), np.zeros(n, np.int64)
        for word in words:
            worth = self._worth(word)
            total += worth
            np.minimum(least, worth, out=least)
            in_name += worth == _NAME_WORD
        total /= len(words)
        total += in_name / self._name_length  # "cat" fits "cat face" better than "weary cat with …"
        query = " ".join(words)
        for i in np.flatnonzero((in_name == len(words)) & (self._name_length == len(set(words)))).tolist():
            if plain(self._emojis[i].name) == query:
                total[i] += _EXACT_NAME
        total[self._is_face & (least >= _NAME_START)] += _PLAIN_FACE
        total[self._has_tone] += _SKIN_TONE
        total[least == 0] = 0
        return total

    def nearness(self, words: Sequence[str]) -> F64:
        """How near each emoji comes to some words, of which it need not have all.

        Words weigh the more the fewer emojis have them (inverse document frequency: Spärck Jones 1972), and those that no emoji has do
        not count; of emojis that have the same ones, those with little else in their name are nearer.

        Args:
            words: in the form of :func:`~emoterm.names.plain`, each once; what the prompt is about comes first.

        Returns:
            (N,) in 0 … 1; 1 where the name is just these words.
        """
        n = len(self._emojis)
        found, total, in_name = np.zeros(n), 0.0, np.zeros(n)
        for word in words:
            forms, worth = set(word_forms(word)), np.zeros(n)
            places = ((_OF_GROUP, self._groups), (_OF_KEYWORDS, self._keywords), (_OF_NAME, self._names))
            for value, postings in places:  # a better place overwrites
                for emojis in postings.having(forms):
                    worth[emojis] = value
            having = np.count_nonzero(worth)
            if having:
                weight = np.log((n + 1) / (having + 0.5)) * (1 if total else _SUBJECT)
                found += weight * worth
                total += weight
                in_name += worth == _OF_NAME
        share_of_name = np.minimum(1, in_name / self._name_length)
        nearness: F64 = found / (total or 1) * (1 + share_of_name) / 2
        return nearness

    def having_all(self, words: Sequence[str]) -> list[EmojiRecord]:
        """The emojis that have every one of some words, in the form of :func:`~emoterm.names.plain`, in name, keywords or group."""
        having = np.ones(len(self._emojis), bool)
        for word in words:
            found = np.zeros_like(having)
            for postings in (self._names, self._keywords, self._groups):
                for emojis in postings.having(set(word_forms(word))):
                    found[emojis] = True
            having &= found
        return [self._emojis[i] for i in np.flatnonzero(having).tolist()]

    def with_keyword(self, phrase: str) -> list[EmojiRecord]:
        """The emojis that have a keyword, in the form of :func:`~emoterm.names.plain`, in Unicode order."""
        return [self._emojis[i] for part in self._phrases.having([phrase]) for i in part.tolist()]

    @functools.cached_property
    def _phrases(self) -> _Postings:
        """Keywords as a whole, which only a search asks for."""
        flat = functools.cache(plain)
        return _Postings(dict.fromkeys(map(flat, emoji.keywords)) for emoji in self._emojis)

    @functools.cached_property
    def spellings(self) -> Spellings:
        """Every word of the names, the keywords and the groups."""
        return Spellings(sorted({*self._names.words, *self._keywords.words, *self._groups.words}))

    def _worth(self, word: str) -> F64:
        forms = set(word_forms(word))
        worth = np.zeros(len(self._emojis))
        places = [
            (_GROUP_WORD, self._groups.having(forms)),
            (_KEYWORD_START, [self._keywords.beginning(word)]),
            (_KEYWORD_WORD, self._keywords.having(forms)),
            (_KEYWORD, self._phrases.having(forms)),
            (_NAME_START, [self._names.beginning(word)]),
            (_NAME_WORD, self._names.having(forms)),
        ]
        for value, found in places:  # a better place overwrites
            for emojis in found:
                worth[emojis] = value
        return worth


class Spellings:
    """Words among which the nearest to a misspelt one is looked for, as :func:`difflib.get_close_matches` does, but not one by one.

    Args:
        words: different ones.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._counts = np.zeros((len(words), _LETTERS), np.uint8)
        for row, word in zip(self._counts, words, strict=True):
            for char in word[:_COUNTED]:
                row[ord(char) % _LETTERS] += 1
        self._lengths = np.fromiter(map(len, words), np.int64, len(words))

    def nearest(self, word: str, *, cutoff: float = 0.75) -> str | None:
        """The most similar word; None where none is similar enough.

        Args:
            word: any.
            cutoff: the least ratio of :class:`difflib.SequenceMatcher`.
        """
        if not self._words:
            return None
        slips = slips_of_short(word)
        if slips and (found := next((known for known in self._words if known in slips), None)) is not None:
            return found
        counts = np.zeros(_LETTERS, np.uint8)
        for char in word[:_COUNTED]:
            counts[ord(char) % _LETTERS] += 1
        shared = np.minimum(self._counts, counts).sum(axis=1, dtype=np.int64)
        # Twice the shared letters over all letters is the most that the ratio can be.
        possible = 2 * shared >= cutoff * (self._lengths + len(word)) - 1e-9
        possible |= np.maximum(self._lengths, len(word)) > _COUNTED
        candidates = [self._words[i] for i in np.flatnonzero(possible).tolist()]
        return nearest_name(word, candidates, cutoff=cutoff)


class _Postings:
    """Which emojis have a word, sorted by word: those that have a word with some beginning lie side by side.

    Args:
        words_of: the different words of each emoji, in order.
    """

    def __init__(self, words_of: Iterable[Collection[str]]) -> None:
        numbers: defaultdict[str, int] = defaultdict(count().__next__)  # in the order in which they are first seen
        seen, lengths = array("I"), array("I")
        for words in words_of:
            seen.extend(map(numbers.__getitem__, words))
            lengths.append(len(words))
        self.words = sorted(numbers)
        """All words, in order."""
        self.lengths: U32 = np.array(lengths, np.uint32)
        """How many words each emoji has: (N,)."""
        rank = np.empty(len(numbers), np.uint32)
        rank[np.fromiter(map(numbers.__getitem__, self.words), np.int64, len(numbers))] = np.arange(len(numbers), dtype=np.uint32)
        place = rank[np.array(seen, np.uint32)]
        emojis = np.repeat(np.arange(len(lengths), dtype=np.uint32), self.lengths)
        self._emojis: U32 = emojis[np.argsort(place, kind="stable")]
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(numbers)))]).astype(np.int64)

    def having(self, words: Iterable[str]) -> list[U32]:
        """The emojis that have each of these words."""
        found = []
        for word in words:
            i = bisect_left(self.words, word)
            if i < len(self.words) and self.words[i] == word:
                found.append(self._emojis[self._starts[i] : self._starts[i + 1]])
        return found

    def beginning(self, start: str) -> U32:
        """The emojis that have a word with this beginning; one comes as often as it has such words."""
        low, high = bisect_left(self.words, start), bisect_left(self.words, start + "\U0010ffff")
        return self._emojis[self._starts[low] : self._starts[high]]
