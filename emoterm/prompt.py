"""Words typed by a person → the conditions of a sample.

The prior knows a fixed list of words. A prompt is split into words, and each run of them that the vocabulary has (longest first) becomes
one condition; a phrase brings its single words along, which the prior has seen more often and knows better. A word that is not there is
tried without its ending, then as a word that means nearly the same, then as an emoji that the gallery can describe, then by its nearest
spelling, of the vocabulary or of the gallery; what is still unknown is reported, never silently dropped. Shortcodes and emojis are words.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from emoterm.accessories import find_accessory, names_part_of
from emoterm.asking import without_asking
from emoterm.colors import colors_in, has_color
from emoterm.countries import with_countries
from emoterm.counts import without_counts
from emoterm.emotions import Emotion, known_words
from emoterm.errors import UsageError
from emoterm.everyday import stand_ins
from emoterm.feelings import FACES, feeling_of
from emoterm.lists import joined, split_with_marks
from emoterm.names import check_name, check_style, plain
from emoterm.negations import without_negations
from emoterm.prompt_outfit import Outfit, outfit_of, worn_in
from emoterm.prompt_words import Names, Reading, head_of, subject_of
from emoterm.safe_text import quoted
from emoterm.shortcodes import with_emojis
from emoterm.vocabulary import Condition, Vocabulary
from emoterm.whole_names import COLON, PART, without_marks

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
    """What the subject is said to wear: of :func:`emoterm.prompt_outfit.worn_in`."""
    group: str | None = None
    """The Unicode group that was asked for beside the prompt."""
    left_out: tuple[str, ...] = ()
    """What there should not be, as it was typed: "without a hat"."""
    counts: tuple[str, ...] = ()
    """How many there should be: a picture shows one emoji."""
    feelings: tuple[str, ...] = ()
    """All that are named. One can be drawn: the first."""
    read: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each phrase that is looked for, as it was typed, and the single words that stand for it."""
    worn_colors: tuple[str, ...] = ()
    """Colours that are said of what is worn, as they were typed."""
    unlike: tuple[tuple[str, str], ...] = ()
    """As in :class:`emoterm.prompt_outfit.Outfit`."""

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


def parse_prompt(
    text: str,
    vocabulary: Vocabulary,
    *,
    style: str | None = None,
    names: Names | None = None,
    is_name: bool = False,
    words_alone: bool = False,
) -> ParsedPrompt:
    """Find the words of a prompt in the vocabulary.

    Args:
        text: what the user typed, such as ``"cats with sunglasses"``.
        vocabulary: the words and styles of the bundle.
        style: a style name, checked; None for any style.
        names: of emojis outside the vocabulary.
        is_name: the text is the name of an emoji, in which nothing is denied, counted or listed.
        words_alone: nothing will be drawn after, so that no hat is put on, and its kind and its colour are left to the prior.

    Raises:
        UsageError: the style is unknown.
    """
    style = None if style is None else check_style(style, vocabulary.styles)
    text = with_emojis(text)
    known = _by_plain_form(tuple(vocabulary.words))
    said = _Said([word for word in split_with_marks(text) if word != PART], [], []) if is_name else _said_in(text, known, names)
    typed = [word for word in said.words if word != COLON]
    head = head_of(said.words[: said.words.index(COLON)] if COLON in said.words else typed)
    outfit = Outfit(typed, [], []) if words_alone else outfit_of(typed, head, names)
    if COLON not in said.words:
        head = head_of(outfit.words)
    typed = outfit.words
    read = Reading(known, names, subject=subject_of(head))
    read.all_of(typed)
    worn = worn_in([read.corrected.get(word, word) for word in typed])
    sought, apart = read.looked_for(beside=[word for word in typed if word not in head], worn=worn)
    not_worn = [phrase for phrase in apart if find_accessory(phrase)]  # somebody else wears it, and its colour is not the subject's
    elsewhere = {before for before, word in pairwise(typed) if colors_in([before]) and word in {phrase.split()[0] for phrase in not_worn}}
    kept = [word for word in read.words if plain(word) not in {*not_worn, *elsewhere}]
    sought = [word for word in sought if word not in elsewhere]
    # In training "red heart" never stood without a chance of "red" and "heart" beside it, and alone it is too rare to mean much.
    parts = [read.known[part] for word in kept for part in plain(word).split() if part in read.known]
    parsed = ParsedPrompt(
        words=tuple(dict.fromkeys([*kept, *parts]))[: vocabulary.word_slots],
        unknown=tuple(read.unknown),
        replaced=(*said.countries, *read.replaced),
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
        left_out=tuple(said.left_out),
        counts=tuple(said.counts),
        worn_colors=(*outfit.colors, *(word for word in typed if word in elsewhere)),
        feelings=tuple(read.feelings),
        read=tuple((phrase, tuple(parts)) for phrase, parts in read.sought.items() if phrase not in {*apart, *elsewhere}),
        unlike=tuple(outfit.unlike),
    )
    felt = known_words().get(" ".join(typed))
    return parsed if felt is None else _read_as_emotion(parsed, felt, vocabulary)


class _Said(NamedTuple):
    """What is left of a prompt when it is clear what it says no to, how much it asks for and what it lists."""

    words: list[str]
    """With marks for colons."""
    left_out: list[str]
    counts: list[str]
    countries: Sequence[tuple[str, str]] = ()


def _said_in(text: str, known: dict[str, str], names: Names | None) -> _Said:
    @functools.cache  # asked of every run of words around each "no" and each comma
    def is_name(phrase: str) -> bool:
        return (" " in phrase and phrase in known) or (names is not None and names.is_name(phrase))

    def stands_in_name(phrase: str) -> bool:
        return phrase in known or (names is not None and names.is_in_name(phrase))

    def is_known(word: str) -> bool:
        forms = [word, *stand_ins(word)]
        return any(form in known or (names is not None and (names.has_words(form) or bool(names.describe(form)))) for form in forms)

    words = split_with_marks(text)
    if is_name(without_marks(words)):
        return _Said([word for word in words if word != PART], [], [])
    words, left_out = without_negations(without_asking(words), is_name)
    words, counts = without_counts(words, stands_in_name=stands_in_name)
    words, countries = with_countries(joined(words, is_name, is_known))
    return _Said(words, left_out, counts, countries)


def check_known(parsed: ParsedPrompt, nearest_names: Callable[[str], str] | None = None) -> None:
    """Refuse a prompt that says nothing.

    Args:
        parsed: the prompt.
        nearest_names: as :meth:`emoterm.gallery.Gallery.nearest_names`, for the fix.

    Raises:
        UsageError: it has words, and neither the model nor the gallery knows one of them that says what to draw.
    """
    if parsed.words or parsed.only_named:
        return
    if parsed.unknown:
        names = ", ".join(map(quoted, parsed.unknown))
        hint = "" if nearest_names is None else nearest_names(" ".join(parsed.unknown))
        fix = f"{hint}Plain words work best: cat, happy, red heart."
        raise UsageError(f"The model knows none of the words of the prompt: {names}.", fix=fix)
    if parsed.left_out:
        names = ", ".join(map(quoted, parsed.left_out))
        raise UsageError(f"The prompt says only what to leave out: {names}.", fix="Name something: a cat, a red heart.")
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
