"""Words typed by a person → the conditions of a sample.

The prior knows a fixed list of words. A prompt is split into words, and each run of them that the vocabulary has (longest first) becomes
one condition. A word that it does not have is tried without its ending, then by its nearest spelling; what is still unknown is reported,
never silently dropped.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from emoterm.errors import UsageError
from emoterm.vocabulary import Condition, Vocabulary

# fmt: off
FILLER_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "by", "emoji", "for", "from", "has", "have", "in", "is", "it", "its", "my", "of", "on", "or",
    "some", "that", "the", "this", "to", "very", "with", "your",
})
# fmt: on
"""Words that carry no picture; skipped without a report where the vocabulary does not have them."""

_NEAREST_CUTOFF = 0.8  # difflib ratio: "sunglases" finds "sunglasses" (0.95), "unicycle" does not become "bicycle" (0.67)
_NEAREST_MIN_CHARS = 4  # below that one letter is another word: "cat", "bat", "hat"


@dataclass(frozen=True)
class ParsedPrompt:
    """What a prompt means to the prior.

    ``words`` go into the context. The rest is for the report: ``unknown`` words have no effect, ``replaced`` holds (typed, used) pairs,
    ``dropped`` are known words for which there was no slot, ``ignored`` are filler words.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    style: str | None = None

    @property
    def condition(self) -> Condition:
        """The context in front of BOS."""
        return Condition(style=self.style, words=self.words)


def parse_prompt(text: str, vocabulary: Vocabulary, *, style: str | None = None) -> ParsedPrompt:
    """Find the words of a prompt in the vocabulary.

    Args:
        text: what the user typed, such as ``"cats with sunglasses"``.
        vocabulary: the words and styles of the bundle.
        style: a style name, checked; None for any style.

    Raises:
        UsageError: the style is unknown.
    """
    style = None if style is None else check_style(style, vocabulary.styles)
    known = {plain(word): word for word in vocabulary.words}
    longest = max((word.count(" ") + 1 for word in known), default=1)
    typed = plain(text).split()

    words: dict[str, None] = {}  # keeps the order, drops repeats
    unknown: list[str] = []
    replaced: list[tuple[str, str]] = []
    ignored: list[str] = []
    position = 0
    while position < len(typed):
        phrase, found = _longest_match(typed[position : position + longest], known)
        position += phrase.count(" ") + 1
        if found is None and phrase in FILLER_WORDS:
            ignored.append(phrase)
        elif found is None:
            unknown.append(phrase)
        else:
            words[found] = None
            if plain(found) != phrase:
                replaced.append((phrase, found))
    kept = list(words)
    return ParsedPrompt(
        words=tuple(kept[: vocabulary.word_slots]),
        unknown=tuple(unknown),
        replaced=tuple(replaced),
        dropped=tuple(kept[vocabulary.word_slots :]),
        ignored=tuple(ignored),
        style=style,
    )


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
    if not words:
        raise UsageError(f"The model of this bundle knows no word for the group {group}.", fix="Say it with --prompt instead.")
    kept = list(dict.fromkeys([*parsed.words, *words]))
    slots = vocabulary.word_slots
    return replace(parsed, words=tuple(kept[:slots]), dropped=(*parsed.dropped, *kept[slots:]))


def _longest_match(typed: Sequence[str], known: dict[str, str]) -> tuple[str, str | None]:
    """The longest run at the front of ``typed`` that is known, and the vocabulary's word for it; else the first word and None."""
    for length in range(len(typed), 0, -1):
        phrase = " ".join(typed[:length])
        for form in word_forms(phrase):
            if form in known:
                return phrase, known[form]
    word = typed[0]
    if len(word) >= _NEAREST_MIN_CHARS and word not in FILLER_WORDS:
        nearest = difflib.get_close_matches(word, known, n=1, cutoff=_NEAREST_CUTOFF)
        if nearest:
            return word, known[nearest[0]]
    return word, None


def word_forms(phrase: str) -> Iterator[str]:
    """The phrase, then the forms it may have in a list of names: singular, plural, verb without its ending.

    A handful of English suffix rules on the last word (Porter 1980, steps 1a and 1b, without the measure): wrong candidates do no harm,
    because only those that are in the vocabulary count.
    """
    yield phrase
    stem = re.sub(r"['’]s?$", "", phrase)
    if stem != phrase:
        yield stem
    if stem.endswith("ies"):
        yield stem[:-3] + "y"
    if stem.endswith("ves"):
        yield stem[:-3] + "f"
    if stem.endswith("es"):
        yield stem[:-2]
    if stem.endswith("s"):
        yield stem[:-1]
    else:
        yield stem + "s"
        yield stem + "es"
    if stem.endswith("y"):
        yield stem[:-1]  # sleepy → sleep
        yield stem[:-1] + "ies"
    for suffix in ("ing", "ed"):
        base = stem.removesuffix(suffix)
        if base != stem and len(base) >= 3:
            yield base
            yield base + "e"  # smiling → smile
            if base[-1] == base[-2]:
                yield base[:-1]  # winning → win
    yield stem + "ing"
    yield stem.removesuffix("e") + "ing"


def plain(text: str) -> str:
    """Text as it is compared: folded case, hyphens and punctuation as spaces, single spaces. Symbols such as emojis stay."""
    return " ".join(re.sub(r"[\s_\-‐‑–—.,;:!?\"“”()\[\]/]+", " ", text.casefold()).split())


def check_style(name: str, styles: Iterable[str]) -> str:
    """The style's own spelling.

    Raises:
        UsageError: unknown; the message has the list and the nearest name.
    """
    return check_name(name, styles, what="style")


def check_name(name: str, known: Iterable[str], *, what: str) -> str:
    """The one of ``known`` that ``name`` means, whatever its case.

    Raises:
        UsageError: none; the message has the list and the nearest name.
    """
    names = list(known)
    by_plain = {plain(each): each for each in names}
    found = by_plain.get(plain(name))
    if found is not None:
        return found
    starts = [each for key, each in by_plain.items() if plain(name) and key.startswith(plain(name))]
    nearest = starts or [by_plain[key] for key in difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=0.5)]
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    listed = ", ".join(names) if names else "none, this bundle has no such list"
    raise UsageError(f"Unknown {what} {name!r:.60}.{hint}", fix=f"Known {what}s: {listed}")
