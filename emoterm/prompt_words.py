"""The words of a prompt, one after the other: which the vocabulary has, what stands for the others, and which is the subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from emoterm.accessories import names_part_of
from emoterm.colors import SYNONYMS, colors_in
from emoterm.everyday import EVERYDAY, also_called, nearest_spelling, stand_ins
from emoterm.feelings import feeling_of
from emoterm.names import plain
from emoterm.word_forms import word_forms

# fmt: off
FILLER_WORDS = frozenset({
    "a", "am", "an", "and", "are", "as", "at", "by", "emoji", "for", "from", "has", "have", "i", "in", "is", "it", "its", "me", "my", "of",
    "on", "or", "really", "so", "some", "that", "the", "this", "to", "too", "very", "wearing", "wears", "with", "you", "your",
})
# fmt: on
"""Words that carry no picture; skipped without a report where the vocabulary does not have them, an article everywhere."""

_ARTICLES = frozenset({"a", "an"})
_SHORTEST_INFLECTED = 3
"""Letters of a word that may have another form: so is not sos."""
_DESCRIBED_BY = 4
"""Words that stand for an emoji the vocabulary has no word of its own for: its keywords and its subgroup."""


class Names(Protocol):
    """What emojis there are beyond the words of the vocabulary, such as :class:`emoterm.gallery.Gallery`."""

    def describe(self, query: str, /, *, guess: bool = False) -> Sequence[str]:
        """A word or an emoji → phrases that describe what it shows, the most telling first; empty for what is not known.

        With ``guess``, a word may also be the misspelt name of an emoji.
        """

    def has_words(self, *words: str) -> bool:
        """Whether the name, the keywords or the group of some emoji have all these words."""

    def is_name(self, phrase: str, /) -> bool:
        """Whether a phrase is the whole name of some emoji."""

    def is_in_name(self, phrase: str, /) -> bool:
        """Whether a phrase stands in the name of some emoji."""


class Reading:
    """The words of a prompt, one after the other.

    Args:
        known: the words of the vocabulary, by their plain form.
        names: of emojis outside of it.
        subject: the word that the prompt is about.
    """

    def __init__(self, known: dict[str, str], names: Names | None, *, subject: str | None) -> None:
        self.known, self.subject = known, subject
        self._names = names
        self._longest = max((word.count(" ") + 1 for word in known), default=1)
        self.words: dict[str, None] = {}  # keeps the order, drops repeats
        self.unknown: list[str] = []
        self.guessed: list[str] = []
        self.replaced: list[tuple[str, str]] = []
        self.ignored: list[str] = []
        self.sought: dict[str, list[str]] = {}  # single words to look for, of each phrase
        self.feelings: list[str] = []

    def all_of(self, typed: Sequence[str]) -> None:
        """Read the words, in the form of :func:`~emoterm.names.plain`."""
        position = 0
        while position < len(typed):
            phrase, found = _longest_match(typed[position : position + self._longest], self.known)
            position += phrase.count(" ") + 1
            self._read(phrase, found, is_last=position == len(typed))

    @property
    def corrected(self) -> dict[str, str]:
        """Misspelt words, and what they were read as."""
        return {phrase: used for phrase, used in self.replaced if phrase in self.guessed}

    def looked_for(self, *, beside: Sequence[str], worn: Sequence[str]) -> tuple[list[str], list[str]]:
        """The single words to look for among emojis, and the phrases that are left out: what no emoji has together with the subject.

        Args:
            beside: the words that are not of its name.
            worn: what the subject is said to wear, which is put on.
        """
        sought: list[str] = []
        apart: list[str] = []
        for phrase, parts in self.sought.items():
            single = self.corrected.get(phrase, phrase).split()
            is_finish = bool(colors_in(single)) or any(map(feeling_of, single)) or names_part_of(single, worn)
            if phrase.split()[-1] in beside and not is_finish and self._are_apart(single, parts):
                apart.append(phrase)
            else:
                sought += parts
        return sought, apart

    def _are_apart(self, phrase: Sequence[str], parts: Sequence[str]) -> bool:
        """Whether there are emojis of the subject, and of a phrase or else of the words that stand for it, but none of both."""
        names, subject = self._names, self.subject
        if names is None or subject is None or not names.has_words(subject):
            return False
        words = list(filter(names.has_words, phrase)) or list(filter(names.has_words, parts))
        if not words:
            return False
        return not any(names.has_words(called, word) for called in (subject, *also_called(subject)) for word in words)

    def _read(self, phrase: str, found: list[str], *, is_last: bool) -> None:
        """One word, or several that the vocabulary has as one, and what it has for them."""
        if not found and phrase in SYNONYMS:
            phrase = SYNONYMS[phrase]
            found = [self.known[phrase]] if phrase in self.known else []
        is_alone = not self.words and not self.unknown
        # At the end, "a" is a letter and "on" an arrow; but "a" alone is an article.
        if phrase in FILLER_WORDS and not (found and is_last and phrase != "wearing" and not (is_alone and phrase in _ARTICLES)):
            self.ignored.append(phrase)
            return
        described = [] if found else self._describe(phrase)
        shown = described[:1]
        found = found or _stand_in(phrase, self.known) or _described(described, self.known)
        if not found:
            found, shown = self._guess(phrase)
        if not found:
            self.unknown.append(phrase)
        meant = plain((shown or found)[0]).split()[-1] if phrase in self.guessed else phrase
        if phrase == self.subject:
            self.subject = meant
        elif (feeling := feeling_of(meant)) is not None:
            self.feelings.append(feeling)
        # An emoji is looked for by its name, a word that the prior does not know as it is; both by what stands for them too.
        looked_for = map(plain, [*(shown or [phrase]), *found])
        self.sought[phrase] = [part for each in looked_for for part in each.split() if part not in FILLER_WORDS]
        for word in found:
            self.words[word] = None
            if plain(word) != phrase:
                self.replaced.append((phrase, word))

    def _describe(self, phrase: str) -> list[str]:
        """What an emoji shows that is meant by a phrase: any for the subject, else only one that is called so, not one like it."""
        described = [] if self._names is None else list(self._names.describe(phrase))
        named = described and (phrase in plain(described[0]).split() or phrase == plain(described[0]) or not phrase.isascii())
        return described if named or phrase == self.subject else []

    def _guess(self, phrase: str) -> tuple[list[str], list[str]]:
        """The words of the vocabulary for one that may be misspelt, and the name of the emoji that they describe, if one does."""
        if self._names is not None and self._names.has_words(phrase):
            return [], []
        nearest = nearest_spelling(phrase, self.known)
        found, shown = ([], []) if nearest is None else ([self.known[nearest]], [])
        if not found and (everyday := nearest_spelling(phrase, EVERYDAY)) is not None:
            found = _stand_in(everyday, self.known)
        if not found and self._names is not None and not colors_in([phrase]) and feeling_of(phrase) is None:
            described = list(self._names.describe(phrase, guess=True)) if phrase == self.subject else []
            found, shown = _described(described, self.known), described[:1]
        if found:
            self.guessed.append(phrase)
        return found, shown


def head_of(typed: Sequence[str]) -> Sequence[str]:
    """The words up to what a prompt is about, which is the last of them: "black cat" of "a black cat with a hat"."""
    first = next((i for i, word in enumerate(typed) if word not in FILLER_WORDS and not says_how(word)), len(typed))
    # A blue and yellow fish is one thing, and so is a happy and sad cat.
    joined = [word for i, word in enumerate(typed) if word != "and" or not (colors_in(typed[i - 1 : i]) or 0 < i < first)]
    start = next((i for i, word in enumerate(joined) if word not in FILLER_WORDS), 0)
    stop = next(
        (i for i in range(start + 1, len(joined)) if joined[i] in FILLER_WORDS or _is_doing(joined[start:], i - start)), len(joined)
    )
    return joined[start:stop] if start < len(joined) and joined[start] not in FILLER_WORDS else []


def _is_doing(words: Sequence[str], i: int) -> bool:
    """Whether a word says what the one in front of it does, as in "cat eating pizza"; not as in "crying laughing face"."""
    return words[i].endswith("ing") and i + 1 < len(words) and feeling_of(words[i]) is None and not says_how(words[i - 1])


def subject_of(head: Sequence[str]) -> str | None:
    """The word that a prompt is about: the last of its head, or the last that says more than how it is: "cat, happy", "heart red"."""
    return next((word for word in reversed(head) if not says_how(word)), head[-1] if head else None)


# fmt: off
_ADJECTIVES = frozenset({
    "beautiful", "big", "cold", "cute", "dark", "fat", "fluffy", "funny", "hot", "huge", "large", "light", "little", "long", "new", "old",
    "pretty", "round", "scary", "shiny", "small", "soft", "tall", "thin", "tiny", "ugly", "young",
})
# fmt: on


def is_adjective(word: str) -> bool:
    """Whether a word says how a thing is, and names no other: a colour, a feeling, "big", "fluffy"."""
    return word in _ADJECTIVES or says_how(word)


def says_how(word: str) -> bool:
    """Whether a word is a colour or a feeling."""
    return bool(colors_in([word])) or feeling_of(word) is not None


def split(text: str) -> list[str]:
    """The words of a prompt, in the form of :func:`~emoterm.names.plain`, each emoji one of its own."""
    if not text.isascii():
        import emoji  # not loaded for nothing

        text = emoji.replace_emoji(text, lambda found, _: f" {found} ")
    return plain(text.replace("+", " with ")).split()


def _longest_match(typed: Sequence[str], known: dict[str, str]) -> tuple[str, list[str]]:
    """The longest run at the front of ``typed`` that is known, and the vocabulary's word for it; else the first word and nothing."""
    for length in range(len(typed), 0, -1):
        phrase = " ".join(typed[:length])
        for form in word_forms(phrase) if len(phrase) >= _SHORTEST_INFLECTED else (phrase,):
            if form in known:
                return phrase, [known[form]]
    return typed[0], []


def _stand_in(word: str, known: dict[str, str]) -> list[str]:
    """The word of the vocabulary that means nearly the same; nothing where there is none."""
    return next(([known[form]] for stand_in in stand_ins(word) for form in word_forms(stand_in) if form in known), [])


def _described(phrases: Iterable[str], known: dict[str, str]) -> list[str]:
    """The words of the vocabulary among phrases that describe an emoji, each once."""
    forms = (plain(phrase) for phrase in phrases)
    return list(dict.fromkeys(known[form] for form in forms if form in known))[:_DESCRIBED_BY]
