"""Words typed by a person → the conditions of a sample.

The prior knows a fixed list of words. A prompt is split into words, and each run of them that the vocabulary has (longest first) becomes
one condition; a phrase brings its single words along, which the prior has seen more often and knows better. A word that is not there is
tried without its ending, then as a word that means nearly the same, then as an emoji that the gallery can describe, then by its nearest
spelling, of the vocabulary or of the gallery; what is still unknown is reported, never silently dropped. Shortcodes and emojis are words.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from emoterm.accessories import names_part_of, worn_in
from emoterm.colors import SYNONYMS, colors_in, has_color
from emoterm.emotions import Emotion, known_words
from emoterm.errors import UsageError
from emoterm.everyday import also_called, nearest_spelling, stand_ins
from emoterm.feelings import FACES, feeling_of
from emoterm.names import check_name, check_style, plain
from emoterm.safe_text import quoted
from emoterm.shortcodes import with_emojis
from emoterm.vocabulary import Condition, Vocabulary
from emoterm.word_forms import word_forms

if TYPE_CHECKING:
    from emoterm.languages import Translation

# fmt: off
FILLER_WORDS = frozenset({
    "a", "am", "an", "and", "are", "as", "at", "by", "emoji", "for", "from", "has", "have", "i", "in", "is", "it", "its", "me", "my", "of",
    "on", "or", "really", "so", "some", "that", "the", "this", "to", "too", "very", "wearing", "wears", "with", "you", "your",
})
# fmt: on
"""Words that carry no picture; skipped without a report where the vocabulary does not have them, an article everywhere."""


class Names(Protocol):
    """What emojis there are beyond the words of the vocabulary, such as :class:`emoterm.gallery.Gallery`."""

    def describe(self, query: str, /, *, guess: bool = False) -> Sequence[str]:
        """A word or an emoji → phrases that describe what it shows, the most telling first; empty for what is not known.

        With ``guess``, a word may also be the misspelt name of an emoji.
        """

    def has_words(self, *words: str) -> bool:
        """Whether the name, the keywords or the group of some emoji have all these words."""


_MOST_SOUGHT, _LONGEST_SOUGHT = 32, 64

_SHORTEST_INFLECTED = 3
"""Letters of a word that may have another form: so is not sos."""
_DESCRIBED_BY = 4
"""Words that stand for an emoji the vocabulary has no word of its own for: its keywords and its subgroup."""


@dataclass(frozen=True)
class ParsedPrompt:
    """What a prompt means to the prior.

    ``words`` go into the context. The rest is for the report: ``unknown`` words have no effect; ``replaced`` holds (typed, used) pairs,
    several of them for a word that others describe; ``guessed`` are those that were taken for misspelt ones; ``dropped`` are known words
    for which there was no slot; ``ignored`` are filler words.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    only_named: tuple[str, ...] = ()
    """Words that the prior does not know, but names or keywords of emojis to draw after have."""
    apart: tuple[str, ...] = ()
    """What is said beside the subject, "a cat with a pizza", where no emoji has both: it is not looked for."""
    translation: Translation | None = None
    """What was read in the place of a prompt in another language."""
    style: str | None = None
    sought: tuple[str, ...] = ()
    """Single words to look for among emojis that one could draw after, whether the prior knows them or not; the subject first."""
    color: str | None = None
    """The colour of :data:`emoterm.colors.COLORS` that the subject is said to have."""
    colors: tuple[str, ...] = ()
    """All that are named. Where there are several, no picture can be painted in one of them."""
    feeling: str | None = None
    """The emotion, of :data:`emoterm.feelings.FACES`, that something else is said to feel."""

    worn: tuple[str, ...] = ()
    """What the subject is said to wear: of :func:`emoterm.accessories.worn_in`."""

    @property
    def lost(self) -> tuple[str, ...]:
        """The unknown words that do not say how pictures are finished either: the prior need not know what is painted in, or put on."""
        return tuple(
            word
            for word in self.unknown
            if word not in self.only_named
            and not (self.color is not None and has_color([word], self.color))
            and not (self.feeling and feeling_of(word) == self.feeling)
            and not names_part_of([word], self.worn)
        )

    @property
    def condition(self) -> Condition:
        """The context in front of BOS."""
        return Condition(style=self.style, words=self.words)


def parse_prompt(text: str, vocabulary: Vocabulary, *, style: str | None = None, names: Names | None = None) -> ParsedPrompt:
    """Find the words of a prompt in the vocabulary.

    Args:
        text: what the user typed, such as ``"cats with sunglasses"``.
        vocabulary: the words and styles of the bundle.
        style: a style name, checked; None for any style.
        names: of emojis outside the vocabulary.

    Raises:
        UsageError: the style is unknown.
    """
    style = None if style is None else check_style(style, vocabulary.styles)
    text = with_emojis(text)
    typed = _split(text)
    head = _head(_split(text.partition(":")[0]))
    read = _Reading(_by_plain_form(tuple(vocabulary.words)), names, subject=_subject(head))
    read.all_of(typed)
    worn = worn_in([read.corrected.get(word, word) for word in typed])
    sought, apart = read.looked_for(beside=typed[len(head) :], worn=worn)
    kept = list(read.words)
    # In training "red heart" never stood without a chance of "red" and "heart" beside it, and alone it is too rare to mean much.
    parts = [read.known[part] for word in kept for part in plain(word).split() if part in read.known]
    parsed = ParsedPrompt(
        words=tuple(dict.fromkeys([*kept, *parts]))[: vocabulary.word_slots],
        unknown=tuple(read.unknown),
        replaced=tuple(read.replaced),
        dropped=tuple(kept[vocabulary.word_slots :]),
        ignored=tuple(read.ignored),
        guessed=tuple(read.guessed),
        only_named=tuple(word for word in read.unknown if names is not None and names.has_words(word)),
        apart=tuple(apart),
        style=style,
        sought=_distinct([*(word for word in sought if word == read.subject), *sought]),
        color=_color_of(head, typed),
        colors=colors_in(typed),
        feeling=next(iter(read.feelings), None),
        worn=worn,
    )
    felt = known_words().get(" ".join(typed))
    return parsed if felt is None else _read_as_emotion(parsed, felt, vocabulary)


class _Reading:
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
            beside: the words behind those that name the subject.
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
        if phrase in FILLER_WORDS and not (found and is_last and phrase != "wearing"):  # at the end, "a" is a letter and "on" an arrow
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
        if not found and self._names is not None and not colors_in([phrase]) and feeling_of(phrase) is None:
            described = list(self._names.describe(phrase, guess=True)) if phrase == self.subject else []
            found, shown = _described(described, self.known), described[:1]
        if found:
            self.guessed.append(phrase)
        return found, shown


def check_known(parsed: ParsedPrompt) -> None:
    """Refuse a prompt that says nothing.

    Raises:
        UsageError: it has words, and neither the model nor the gallery knows one of them that says what to draw.
    """
    if parsed.words or parsed.only_named:
        return
    if parsed.unknown:
        names = ", ".join(map(quoted, parsed.unknown))
        raise UsageError(f"The model knows none of the words of the prompt: {names}.", fix="Plain words work best: cat, happy, red heart.")
    if parsed.ignored:
        raise UsageError(f"The prompt does not say what to draw: {' '.join(parsed.ignored)}", fix="Name something: a cat, a red heart.")


@functools.lru_cache(4)
def _by_plain_form(words: tuple[str, ...]) -> dict[str, str]:
    """The words of a vocabulary by what a person may type; milliseconds for thousands of them, so each bundle pays once."""
    return {plain(word): word for word in words}


def add_group(parsed: ParsedPrompt, group: str, vocabulary: Vocabulary) -> ParsedPrompt:
    """Ask for a Unicode group too: the words of its name, after those of the prompt.

    Raises:
        UsageError: the group is unknown, or the vocabulary has no word for it.
    """
    group = check_name(group, vocabulary.groups, what="group")
    known = set(vocabulary.words)
    # "Smileys & Emotion" is trained as the words "smileys" and "emotion"; a bundle may list other words for a group.
    named = [word for word in (plain(part) for part in group.split("&")) if word in known]
    words = named or [word for word in vocabulary.groups[group] if word in known]
    return _with_words(parsed, words, vocabulary, what=f"the group {group}")


def add_emotion(parsed: ParsedPrompt, emotion: Emotion, vocabulary: Vocabulary) -> ParsedPrompt:
    """Ask for an emotion too: two of its keywords, then the names of its subgroups, after the words of the prompt, which feel it.

    Raises:
        UsageError: the vocabulary has none of these words.
    """
    known = _by_plain_form(tuple(vocabulary.words))
    if parsed.sought and emotion.name in FACES:
        parsed = replace(parsed, feeling=emotion.name)
    keywords = [known[plain(word)] for word in emotion.keywords if plain(word) in known][:2]
    subgroups = [known[plain(name)] for name in emotion.subgroups if plain(name) in known]
    parts = [known[part] for name in emotion.subgroups for part in plain(name).split() if part in known]
    return _with_words(parsed, [*keywords, *subgroups, *parts], vocabulary, what=f"the emotion {emotion.name}")


def _read_as_emotion(parsed: ParsedPrompt, emotion: Emotion, vocabulary: Vocabulary) -> ParsedPrompt:
    """A prompt that is nothing but the word for an emotion: as if that had been asked for. Few emojis have such a word themselves."""
    try:
        felt = add_emotion(parsed, emotion, vocabulary)
    except UsageError:  # this model has no words for it
        return parsed
    read = tuple((emotion.name, word) for word in felt.words if word not in parsed.words)
    return replace(felt, replaced=(*parsed.replaced, *read), feeling=None)


def _with_words(parsed: ParsedPrompt, words: Sequence[str], vocabulary: Vocabulary, *, what: str) -> ParsedPrompt:
    if not words:
        raise UsageError(f"The model of this bundle knows no word for {what}.", fix="Say it with --prompt instead.")
    kept = list(dict.fromkeys([*parsed.words, *words]))
    slots = vocabulary.word_slots
    sought = _distinct([*parsed.sought, *(part for word in words for part in plain(word).split())])
    return replace(parsed, words=tuple(kept[:slots]), dropped=(*parsed.dropped, *kept[slots:]), sought=sought)


def _head(typed: Sequence[str]) -> Sequence[str]:
    """The words up to what a prompt is about, which is the last of them: "black cat" of "a black cat with a hat"."""
    joined = [word for i, word in enumerate(typed) if not (word == "and" and colors_in(typed[i - 1 : i]))]  # blue and yellow fish
    start = next((i for i, word in enumerate(joined) if word not in FILLER_WORDS), 0)
    stop = next(
        (i for i in range(start + 1, len(joined)) if joined[i] in FILLER_WORDS or _is_doing(joined[start:], i - start)), len(joined)
    )
    return joined[start:stop] if start < len(joined) and joined[start] not in FILLER_WORDS else []


def _is_doing(words: Sequence[str], i: int) -> bool:
    """Whether a word says what the one in front of it does, as in "cat eating pizza"; not as in "crying laughing face"."""
    return words[i].endswith("ing") and i + 1 < len(words) and feeling_of(words[i]) is None and not _says_how(words[i - 1])


def _subject(head: Sequence[str]) -> str | None:
    """The word that a prompt is about: the last of its head, or the last that says more than how it is: "cat, happy", "heart red"."""
    return next((word for word in reversed(head) if not _says_how(word)), head[-1] if head else None)


def _says_how(word: str) -> bool:
    """Whether a word is a colour or a feeling."""
    return bool(colors_in([word])) or feeling_of(word) is not None


def _split(text: str) -> list[str]:
    """The words of a prompt, in the form of :func:`~emoterm.names.plain`, each emoji one of its own."""
    if not text.isascii():
        import emoji  # not loaded for nothing

        text = emoji.replace_emoji(text, lambda found, _: f" {found} ")
    return plain(text.replace("+", " with ")).split()


def _color_of(head: Sequence[str], typed: Sequence[str]) -> str | None:
    """The colour of the subject: in front of it or at the end, "a robot in pink"; not that of "a cat with blue eyes"; None of several."""
    named = colors_in(typed)
    return named[0] if len(named) == 1 and colors_in([*head, *typed[-1:]]) else None


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, and only as many, and as long ones, as a recipe takes."""
    return tuple(dict.fromkeys(word for word in words if len(word) <= _LONGEST_SOUGHT))[:_MOST_SOUGHT]


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
