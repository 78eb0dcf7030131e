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
from typing import TYPE_CHECKING

from emoterm.accessories import names_part_of, worn_in
from emoterm.colors import colors_in, has_color
from emoterm.emotions import Emotion, known_words
from emoterm.errors import UsageError
from emoterm.feelings import FACES, feeling_of
from emoterm.names import check_name, check_style, plain
from emoterm.prompt_words import Names, Reading, head_of, split, subject_of
from emoterm.safe_text import quoted
from emoterm.shortcodes import with_emojis
from emoterm.vocabulary import Condition, Vocabulary

if TYPE_CHECKING:
    from emoterm.languages import Translation

_MOST_SOUGHT, _LONGEST_SOUGHT = 32, 64


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
    group: str | None = None
    """The Unicode group that was asked for beside the prompt."""

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
    typed = split(text)
    head = head_of(split(text.partition(":")[0]))
    read = Reading(_by_plain_form(tuple(vocabulary.words)), names, subject=subject_of(head))
    read.all_of(typed)
    worn = worn_in([read.corrected.get(word, word) for word in typed])
    sought, apart = read.looked_for(beside=[word for word in typed if word not in head], worn=worn)
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
    """Ask for a Unicode group too: the words of its name, after those of the prompt. They are not looked for: few foods are called "food".

    Raises:
        UsageError: the group is unknown, or the vocabulary has no word for it.
    """
    group = check_name(group, vocabulary.groups, what="group")
    known = set(vocabulary.words)
    # "Smileys & Emotion" is trained as the words "smileys" and "emotion"; a bundle may list other words for a group.
    named = [word for word in (plain(part) for part in group.split("&")) if word in known]
    words = named or [word for word in vocabulary.groups[group] if word in known]
    told = _with_words(parsed, words, vocabulary, what=f"the group {group}")
    return replace(told, sought=parsed.sought, group=group)


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


def _color_of(head: Sequence[str], typed: Sequence[str]) -> str | None:
    """The colour of the subject: in front of it or at the end, "a robot in pink"; not that of "a cat with blue eyes"; None of several."""
    named = colors_in(typed)
    return named[0] if len(named) == 1 and colors_in([*head, *typed[-1:]]) else None


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, and only as many, and as long ones, as a recipe takes."""
    return tuple(dict.fromkeys(word for word in words if len(word) <= _LONGEST_SOUGHT))[:_MOST_SOUGHT]
