"""Prompts and names in other languages than English: "blaue Katze", "gato con gafas de sol", "猫".

Unicode's CLDR names every emoji in many languages, and the package ``emoji`` has the names of thirteen. So there is a dictionary of whole
names, and of single words one can be made: a word and an English word that stand in the names of the same emojis, and hardly ever one
without the other, mean the same. How much they do is Dice's coefficient, as is usual for parallel texts (Smadja et al. 1996, "Translating
collocations for bilingual lexicons", https://aclanthology.org/J96-1001/).
"""

from __future__ import annotations

import functools
import locale
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from emoterm.colors import COLORS
from emoterm.common_words import ALSO_ENGLISH, COMMON_WORDS, ENDINGS, FUNCTION_WORDS
from emoterm.gallery_index import EmojiRecord
from emoterm.names import plain

LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese",
}
_LEAST_ALIKE, _SURE = 0.4, 0.8
"""Dice's coefficient from which on two words are taken to mean the same, and from which on a word tells the language."""
ENGLISH_ONLY = frozenset({"the", "of", "my", "with", "and", "is", "at", "for", "your", "from", "it", "its", "this", "that", "wearing"})
"""A text with one of these is English, whatever else stands in it."""
_COMMON = 5
"""Emojis that have a word in their name, from which on it is not the name of one of them."""
_ENDING = 2
"""Letters at the end in which two forms of a word may differ, in each: blaue, blaues."""
_STEM = 3
"""Letters at the front that they share, at least; one more in Latin letters, where words are shorter for it."""
_WITHOUT_SPACES = ("ja", "zh")
_COLOR_BEHIND = ("ar", "es", "fa", "fr", "id", "it", "pt")
"""Languages that say the colour of a thing behind it."""
_PARTICLES = {"ja": frozenset("のとかはをになて"), "zh": frozenset("的和")}
"""What stands between names and says nothing of a picture; with the marks of voiced sounds taken off, as :func:`folded` does."""
_COMMA = re.compile(r"[,;/，、；]")
_KANA = re.compile("[\u3041-\u30ff]")
_BESIDE_WORDS = re.compile(r"['’¿¡«»„…|]")


@dataclass(frozen=True)
class Translation:
    """A text in English."""

    language: str
    """What the text was in, by its English name."""
    text: str


class Translator:
    """Knows the emojis of a gallery by their names in other languages.

    Args:
        emojis: of the gallery.
    """

    def __init__(self, emojis: Sequence[EmojiRecord]) -> None:
        plain_ones = [emoji for emoji in emojis if not emoji.skin_tone]
        in_english = functools.cache(plain)  # of those that have a name in any language; a gallery may have a million others
        self._lexicon = functools.cache(lambda code: _Lexicon(code, _named(code, plain_ones, in_english)))

    def translate(self, text: str, unfamiliar: Collection[str], only_named: Collection[str] = ()) -> Translation | None:
        """A prompt or a name in English.

        Args:
            text: what a person typed.
            unfamiliar: the words of it, in the form of :func:`~emoterm.names.plain`, that are not known in English.
            only_named: those that English has in names alone, as "verde" in Cape Verde. They count where no word is unfamiliar, one of
                them is a common word of a language, and all of the text is in it.

        Returns:
            None where the text has words that only English has, or no language has an emoji or a common word for one of the unfamiliar.
        """
        pieces = list(filter(None, map(_words, _COMMA.split(text))))
        typed = [word for piece in pieces for word in piece]
        parts = {part for word in unfamiliar or only_named for part in _words(word)}
        foreign = [word for word in typed if word in parts]
        if not foreign:
            return None
        english = ENGLISH_ONLY.intersection(typed)  # "at" is a horse in Turkish, where all else is Turkish too
        codes = [code for code, table in _tables().items() if english <= table.keys()]
        if not unfamiliar:
            codes = [code for code in codes if any(folded(word) in _tables()[code] for word in foreign)]
        if english or not unfamiliar:
            codes = [code for code in codes if self._lexicon(code).has_all(typed)]
        known = {code: self._lexicon(code).known(typed, foreign) for code in codes}
        most = max(known.values(), default=0)
        if not most:
            return None
        likely = [code for code, n in known.items() if n == most]
        best = max(likely, key=lambda code: self._likeness(text, code, typed, foreign))
        lexicon = self._lexicon(best)
        said = [typed] if lexicon.is_name(typed) else pieces
        return Translation(LANGUAGES[best], ", ".join(lexicon.english(piece, foreign) for piece in said))

    def _likeness(self, text: str, code: str, typed: Sequence[str], foreign: Sequence[str]) -> tuple[int, ...]:
        """How much a text looks as if it were in a language; what counts most is in front."""
        lexicon, has_kana, is_own = self._lexicon(code), _KANA.search(text) is not None, code == _own_language()
        own_words = lexicon.inflected(foreign, common=True), lexicon.also_knows(typed, foreign)
        # Chinese and Japanese share the characters that are no kana.
        return has_kana and code == "ja", *own_words, code != "ja", lexicon.inflected(foreign), is_own


class _Lexicon:
    """One language.

    Args:
        code: of :data:`LANGUAGES`.
        pairs: of :func:`_named`.
    """

    def __init__(self, code: str, pairs: Sequence[tuple[list[str], str]]) -> None:
        self._function_words = FUNCTION_WORDS.get(code, {})
        self._common_words = _tables()[code]
        self._endings = ENDINGS.get(code)
        self._spaces = code not in _WITHOUT_SPACES
        self._color_behind = code in _COLOR_BEHIND
        self._particles = _PARTICLES.get(code, frozenset())
        self._names = {" ".join(words): english for words, english in reversed(pairs)}
        self._names |= {words: english for words, english in self._common_words.items() if " " in words or not self._spaces}
        self._longest_chars = max(map(len, self._names), default=0)
        self._longest_words = max((words.count(" ") + 1 for words in self._names), default=1)
        self._forms, self._of_word = functools.cache(self._find_forms), functools.cache(self._translate_word)
        self._named_so: dict[str, set[int]] = {}  # each word → the emojis that have it in their name
        self._english: list[set[str]] = []  # the words of each emoji's English name
        for i, (words, english) in enumerate(pairs):
            self._english.append(set(english.split()))
            for word in words:
                self._named_so.setdefault(word, set()).add(i)
        self._common = Counter(word for words in self._english for word in words)

    def known(self, typed: Sequence[str], foreign: Sequence[str]) -> int:
        """How many of the foreign words of a text it is sure of: names of emojis, common words, and words of many names."""
        if not self._spaces:
            return sum(any(english for _, english in self._pieces(folded(word))) for word in foreign)
        if self.is_name(typed):
            return len(foreign)
        if self.has_all(typed):
            return sum(folded(word) not in self._function_words for word in foreign)
        return sum(self._is_sure(folded(word)) for word in foreign if word not in ALSO_ENGLISH)

    def is_name(self, typed: Sequence[str]) -> bool:
        """Whether some words are together the whole name of an emoji."""
        return " ".join(map(folded, typed)) in self._names

    def _is_sure(self, word: str) -> bool:
        if word in self._function_words:
            return False
        if word in self._names or self._in_table(word) is not None:
            return True
        return len(self._named_so.get(word, ())) >= _COMMON and self._nearest([word])[0] >= _SURE

    def also_knows(self, typed: Sequence[str], foreign: Collection[str]) -> int:
        """How much of a text is surely its own: common words, names of several words, and English words that mean something else in it.

        In a text without spaces it is the letters that count.
        """
        if not self._spaces:
            return sum(len(piece) for word in typed for piece, english in self._pieces(folded(word)) if english is not None)
        flat = [folded(word) for word in typed]
        in_names = sum(stop - place for place, stop in self._phrases(flat) if stop > place + 1)
        said = [word for word in flat if word not in self._function_words]  # a "no" is no knot
        meant = [(word, self._common_words.get(word) or self._names.get(word, word)) for word in said]
        return in_names + sum(word in self._common_words if word in foreign else word != english for word, english in meant)

    def has_all(self, typed: Sequence[str]) -> bool:
        """Whether all words of a text are in its tables, or names of emojis."""
        if not self._spaces:
            return all(english is not None for word in typed for _, english in self._pieces(folded(word)))
        words = [folded(word) for word in typed]
        return all(
            stop > place + 1 or words[place] in self._function_words or words[place] in self._names or self._in_table(words[place])
            for place, stop in self._phrases(words)
        )

    def inflected(self, words: Sequence[str], *, common: bool = False) -> int:
        """How many it has in whatever form: in names, or else among the common words too."""
        flat = [folded(word) for word in words]
        return sum(bool(self._forms(word)) or (common and self._in_table(word) is not None) for word in flat)

    def english(self, typed: Sequence[str], foreign: Collection[str]) -> str:
        """A text word by word: whole names first, the longest of them, then foreign and common words; what else is English stays.

        Where all of it is in this language, nothing stays: "cane rosso" speaks of no cane.
        """
        words = [folded(word) for word in typed]
        if not self._spaces:
            said = [piece if english is None else english for word in words for piece, english in self._pieces(word)]
            return " ".join(filter(None, said))
        if self.has_all(typed):
            foreign = typed
        said = []
        for place, stop in self._phrases(words):
            word = words[place]
            if stop > place + 1:
                said.append(self._names[" ".join(words[place:stop])])
            elif self._is_thing(words, place):
                said.append(self._names[word])
            elif typed[place] in foreign or word in self._function_words or self._in_table(word) is not None:
                said.append(self._of_word(typed[place]))
            else:
                said.append(typed[place])
        return " ".join(filter(None, said))

    def _phrases(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """The beginning and the end of each whole name of several words, the longest that begins there, and of each word beside them."""
        place = 0
        while place < len(words):
            stops = range(min(len(words), place + self._longest_words), place + 1, -1)
            stop = next((stop for stop in stops if " ".join(words[place:stop]) in self._names), place + 1)
            yield place, stop
            place = stop

    def _is_thing(self, words: Sequence[str], place: int) -> bool:
        """Whether a word that is both says no colour but a thing, as it comes first: "rosa roja", "gato con una rosa"."""
        is_first = place == 0 or words[place - 1] in self._function_words
        return self._color_behind and is_first and words[place] in self._names and self._common_words.get(words[place]) in COLORS

    def _translate_word(self, word: str) -> str:
        """In English; as it is where it is not known, and nothing where English goes without."""
        flat = folded(word)
        if flat in self._function_words:
            return self._function_words[flat]
        if (common := self._in_table(flat)) is not None:
            return common
        alike, english = max(self._nearest(self._forms(flat)), self._nearest([flat]))
        name = self._names.get(flat)
        # "Herz" is the name of the heart of playing cards, but a word of nearly all hearts.
        if name is not None and not (english in name.split() and len(self._named_so[flat]) >= _COMMON):
            return name
        return english if alike >= _LEAST_ALIKE else word

    def _in_table(self, word: str) -> str | None:
        """What one of the common words is in English: glückliche, glücklich."""
        stems = [word]
        if len(word) > _STEM + _ENDING:
            endings = [word[-n:] for n in range(1, _ENDING + 1)] if self._endings is None else self._endings
            stems += [word.removesuffix(ending) for ending in endings]
        return next((self._common_words[stem] for stem in stems if stem in self._common_words), None)

    def _find_forms(self, word: str) -> list[str]:
        """A word in the forms that stand in names: itself, with other endings, or else behind others, as German joins them."""
        forms = [known for known in self._named_so if known == word or _are_forms(word, known)]
        return forms or [known for known in self._named_so if len(word) > _STEM and known.endswith(word)]

    def _nearest(self, forms: Iterable[str]) -> tuple[float, str]:
        """The English word that goes with the forms of a word most, and how much in 0 … 1, in front of it."""
        emojis = set().union(*(self._named_so.get(form, ()) for form in forms))
        both = Counter(word for i in emojis for word in self._english[i])
        return max(((2 * n / (len(emojis) + self._common[word]), word) for word, n in both.items()), default=(0.0, ""))

    def _pieces(self, text: str) -> list[tuple[str, str | None]]:
        """A text without spaces, cut into the names in it, each time the longest, in English too, and what lies between them."""
        found: list[tuple[str, str | None]] = []
        between = ""
        place = 0
        while place < len(text):
            name = self._name_at_front(text[place:])
            if name:
                found += [*self._between(between), (name, self._names[name])]
                between = ""
            else:
                between += text[place]
            place += len(name) or 1
        return [*found, *self._between(between)]

    def _between(self, text: str) -> list[tuple[str, str | None]]:
        """What stands between two names as a piece: nothing in English if it is a particle, and none if it is empty."""
        return [(text, "" if text in self._particles else None)] if text else []

    def _name_at_front(self, text: str) -> str:
        """The longest name that a text begins with; empty where there is none. Latin letters are left to the other languages."""
        runs = (text[:length] for length in range(min(len(text), self._longest_chars), 0, -1))
        return next((run for run in runs if run in self._names and not run.isascii()), "")


@functools.cache
def _tables() -> dict[str, dict[str, str]]:
    """The common words of each language as they are compared."""
    return {code: {" ".join(_words(folded(word))): english for word, english in COMMON_WORDS.get(code, {}).items()} for code in LANGUAGES}


def _named(code: str, emojis: Iterable[EmojiRecord], in_english: Callable[[str], str]) -> list[tuple[list[str], str]]:
    """The words of the names that emojis have in a language, and their names in English, in the form that ``in_english`` gives them."""
    import emoji as names

    names.config.load_language(code)
    english, found = [], []
    for emoji in emojis:
        data = names.EMOJI_DATA.get(emoji.emoji) or names.EMOJI_DATA.get(f"{emoji.emoji}\N{VARIATION SELECTOR-16}")
        if data is not None and code in data:
            english.append(in_english(emoji.name))
            found.append(data[code].strip(":").replace("_", " "))
    # Folded together, line by line: one by one the names of thirteen languages take a tenth of a second longer.
    return list(zip(map(_words, folded("\n".join(found)).split("\n")), english, strict=True)) if found else []


def _words(text: str) -> list[str]:
    """The words of a text, as it has them; "l'ours" are two."""
    return plain(_BESIDE_WORDS.sub(" ", text)).split()


def folded(text: str) -> str:
    """Without accents, which many leave out, without case, and without the space of no width that Persian has within words."""
    if text.isascii():
        return text.casefold()
    text = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("ı", "i").replace("\N{ZERO WIDTH NON-JOINER}", "")
    text = unicodedata.normalize("NFKD", text)
    return text.translate({ord(char): None for char in set(text) if unicodedata.combining(char)})


def _are_forms(a: str, b: str) -> bool:
    """Whether two words differ in their last letters only."""
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return shared >= _STEM + a.isascii() and max(len(a), len(b)) - shared <= _ENDING


def _own_language() -> str:
    """The code of the language that the machine is set to."""
    return (locale.getlocale()[0] or "").partition("_")[0]
