"""Words typed by a person → the conditions of a sample.

The prior knows a fixed list of words. A prompt is split into words, and each run of them that the vocabulary has (longest first) becomes
one condition; a phrase brings its single words along, which the prior has seen more often and knows better. A word that is not there is
tried without its ending, then as a word that means nearly the same, then as an emoji that the gallery can describe, then by its nearest
spelling, of the vocabulary or of the gallery; what is still unknown is reported, never silently dropped.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from emoterm.accessories import find_accessory, names_part_of, worn_in
from emoterm.colors import SYNONYMS, colors_in, has_color
from emoterm.emotions import Emotion, known_words
from emoterm.errors import UsageError
from emoterm.everyday import nearest_spelling, stand_ins
from emoterm.feelings import FACES, feeling_of
from emoterm.names import check_name, check_style, plain
from emoterm.vocabulary import Condition, Vocabulary
from emoterm.word_forms import word_forms

# fmt: off
FILLER_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "by", "emoji", "for", "from", "has", "have", "in", "is", "it", "its", "my", "of", "on", "or",
    "some", "that", "the", "this", "to", "very", "wearing", "wears", "with", "your",
})
# fmt: on
"""Words that carry no picture; skipped without a report where the vocabulary does not have them, an article everywhere."""


class Describe(Protocol):
    """Says what an emoji shows, such as :meth:`emoterm.gallery.Gallery.describe`."""

    def __call__(self, word: str, /, *, guess: bool = False) -> Sequence[str]:
        """A word or an emoji → phrases that describe what it shows, the most telling first; empty for what is not known.

        With ``guess``, a word may also be the misspelt name of an emoji.
        """


_MOST_SOUGHT, _LONGEST_SOUGHT = 32, 64

_DESCRIBED_BY = 4
"""Words that stand for an emoji the vocabulary has no word of its own for: its keywords and its subgroup."""


@dataclass(frozen=True)
class ParsedPrompt:
    """What a prompt means to the prior.

    ``words`` go into the context. The rest is for the report: ``unknown`` words have no effect; ``replaced`` holds (typed, used) pairs,
    several of them for a word that others describe; ``dropped`` are known words for which there was no slot; ``ignored`` are filler words.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    style: str | None = None
    sought: tuple[str, ...] = ()
    """Single words to look for among emojis that one could draw after, whether the prior knows them or not; the subject first."""
    color: str | None = None
    """The colour of :data:`emoterm.colors.COLORS` that the subject is said to have."""
    colors: tuple[str, ...] = ()
    """All that are named. Where there are several, no picture can be painted in one of them."""
    feeling: str | None = None
    """The emotion, of :data:`emoterm.faces.FACES`, that something else is said to feel."""

    worn: tuple[str, ...] = ()
    """What the subject is said to wear: of :func:`emoterm.accessories.worn_in`."""

    @property
    def lost(self) -> tuple[str, ...]:
        """The unknown words that do not say how pictures are finished either: the prior need not know what is painted in, or put on."""
        return tuple(
            word
            for word in self.unknown
            if not (self.color is not None and has_color([word], self.color))
            and not (self.feeling and feeling_of(word) == self.feeling)
            and not names_part_of([word], self.worn)
        )

    @property
    def condition(self) -> Condition:
        """The context in front of BOS."""
        return Condition(style=self.style, words=self.words)


def parse_prompt(text: str, vocabulary: Vocabulary, *, style: str | None = None, describe: Describe | None = None) -> ParsedPrompt:
    """Find the words of a prompt in the vocabulary.

    Args:
        text: what the user typed, such as ``"cats with sunglasses"``.
        vocabulary: the words and styles of the bundle.
        style: a style name, checked; None for any style.
        describe: says what an emoji or a name outside the vocabulary shows, such as :meth:`emoterm.gallery.Gallery.describe`.

    Raises:
        UsageError: the style is unknown.
    """
    style = None if style is None else check_style(style, vocabulary.styles)
    known = _by_plain_form(tuple(vocabulary.words))
    longest = max((word.count(" ") + 1 for word in known), default=1)
    typed = plain(text).split()

    words: dict[str, None] = {}  # keeps the order, drops repeats
    unknown: list[str] = []
    replaced: list[tuple[str, str]] = []
    ignored: list[str] = []
    sought: list[str] = []
    head = _head(plain(text.partition(":")[0]).split())
    subject = head[-1] if head else None
    feelings: list[str] = []
    position = 0
    while position < len(typed):
        phrase, found = _longest_match(typed[position : position + longest], known)
        position += phrase.count(" ") + 1
        if not found and phrase in SYNONYMS:
            phrase = SYNONYMS[phrase]
            found = [known[phrase]] if phrase in known else []
        is_article = phrase == "a" and position < len(typed)  # at the end it is a letter
        if phrase in FILLER_WORDS and (not found or is_article or phrase == "wearing"):
            ignored.append(phrase)
            continue
        shown = [] if found or describe is None else [plain(each) for each in describe(phrase)[:1]]
        if phrase != subject and (feeling := feeling_of(phrase)) is not None:
            feelings.append(feeling)
        found = found or _otherwise(phrase, known, describe)
        if not found and describe is not None and not colors_in([phrase]) and feeling_of(phrase) is None:
            guessed = describe(phrase, guess=True)
            shown, found = [plain(each) for each in guessed[:1]], _described(guessed, known)
        if not found:
            unknown.append(phrase)
        # An emoji is looked for by its name, a word that the prior does not know as it is; both by what stands for them too.
        sought += [part for each in [*(shown or [phrase]), *map(plain, found)] for part in each.split() if part not in FILLER_WORDS]
        for word in found:
            words[word] = None
            if plain(word) != phrase:
                replaced.append((phrase, word))
    kept = list(words)
    read_as = {word: used for word, used in replaced if find_accessory(used) is not None}  # sunglases
    # In training "red heart" never stood without a chance of "red" and "heart" beside it, and alone it is too rare to mean much.
    parts = [known[part] for word in kept for part in plain(word).split() if part in known]
    parsed = ParsedPrompt(
        words=tuple(dict.fromkeys([*kept, *parts]))[: vocabulary.word_slots],
        unknown=tuple(unknown),
        replaced=tuple(replaced),
        dropped=tuple(kept[vocabulary.word_slots :]),
        ignored=tuple(ignored),
        style=style,
        sought=_distinct([*(word for word in sought if word == subject), *sought]),
        color=_color_of(head, typed),
        colors=colors_in(typed),
        feeling=next(iter(feelings), None),
        worn=worn_in([read_as.get(word, word) for word in typed]),
    )
    felt = known_words().get(" ".join(typed))
    return parsed if felt is None else _read_as_emotion(parsed, felt, vocabulary)


def check_known(parsed: ParsedPrompt) -> None:
    """Refuse a prompt that says nothing to the prior.

    Raises:
        UsageError: it has words, and the model knows not one of them.
    """
    if parsed.unknown and not parsed.words:
        names = ", ".join(map(repr, parsed.unknown))
        raise UsageError(f"The model knows none of the words of the prompt: {names}.", fix="Plain words work best: cat, happy, red heart.")


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
    stop = next((i for i in range(start, len(joined)) if joined[i] in FILLER_WORDS), len(joined))
    return joined[start:stop]


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
        for form in word_forms(phrase):
            if form in known:
                return phrase, [known[form]]
    return typed[0], []


def _otherwise(word: str, known: dict[str, str], describe: Describe | None) -> list[str]:
    """Words of the vocabulary for one that is not in it: a near synonym, a description, the word it is misspelt from; else nothing."""
    for stand_in in stand_ins(word):
        for form in word_forms(stand_in):
            if form in known:
                return [known[form]]
    described = [] if describe is None else _described(describe(word), known)
    if described:
        return described
    nearest = nearest_spelling(word, known)
    return [] if nearest is None else [known[nearest]]


def _described(phrases: Iterable[str], known: dict[str, str]) -> list[str]:
    """The words of the vocabulary among phrases that describe an emoji, each once."""
    forms = (plain(phrase) for phrase in phrases)
    return list(dict.fromkeys(known[form] for form in forms if form in known))[:_DESCRIBED_BY]
