"""What a person should know of how a prompt was read and how its pictures will be finished, a line each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from emoterm.accessories import accessories_in, find_accessory, has_accessory, names_part_of
from emoterm.brief import Brief
from emoterm.colors import colors_in, has_color
from emoterm.feelings import feeling_of, speaks_of, takes_face
from emoterm.gallery_index import EmojiRecord
from emoterm.names import plain
from emoterm.prompt import ParsedPrompt
from emoterm.safe_text import quoted
from emoterm.word_forms import word_forms


def notes_on_prompt(parsed: ParsedPrompt) -> Iterator[str]:
    """Words that were read as others, and words that were left out."""
    if parsed.translation is not None:
        yield f"reading it as {quoted(parsed.translation.text)} ({parsed.translation.language})"
    for typed, pairs in itertools.groupby(parsed.replaced, key=lambda pair: pair[0]):
        yield f"reading {quoted(typed)} as {', '.join(quoted(used) for _, used in pairs)}"
    if parsed.left_out:
        yield f"left out: {', '.join(map(quoted, parsed.left_out))}"
    if parsed.counts:
        yield f"one emoji is drawn, not {', '.join(map(quoted, parsed.counts))}"
    if parsed.lost:
        yield f"not known to the model, left out: {', '.join(map(quoted, parsed.lost))}"
    if parsed.apart:
        yield f"not drawn, as no emoji of {quoted(parsed.sought[0])} has it: {', '.join(map(quoted, parsed.apart))}"
    if parsed.worn_colors:
        yield f"hats and glasses keep their colour, left out: {', '.join(map(quoted, parsed.worn_colors))}"
    if parsed.dropped:
        yield f"more words than the model takes, left out: {', '.join(map(quoted, parsed.dropped))}"


def not_drawn(parsed: ParsedPrompt, brief: Brief) -> list[str]:
    """Everything that a prompt names and that is not drawn, for programs."""
    worn = [*parsed.worn_colors, *(said for said, _ in parsed.unlike)]
    return [*parsed.counts, *parsed.apart, *worn, *_hidden(parsed, brief), *_unfelt(parsed, brief)]


def _hidden(parsed: ParsedPrompt, brief: Brief) -> list[str]:
    """What is known and comes out nowhere: no emoji to draw after has it, the prior is not told, and no picture is finished so."""
    if not brief.after:
        return []
    had = {word for emoji in brief.shortlist for word in _words_of(emoji)}
    had |= {part for condition in brief.conditions for word in condition.words for part in plain(word).split()}

    def is_shown(phrase: str, parts: Iterable[str]) -> bool:
        single = phrase.split()
        is_worn = names_part_of(single, parsed.worn) or find_accessory(phrase) in accessories_in(parsed.worn)
        is_finish = any(map(feeling_of, (phrase, *single))) or is_worn
        is_painted = len(parsed.colors) > 1 or any(finish.color is not None for finish in brief.finishes)
        if phrase in parsed.lost or is_finish or (is_painted and colors_in(single)):
            return True
        return any(form in had for word in (*single, *parts) for form in word_forms(word))

    return [phrase for phrase, parts in parsed.read if not is_shown(phrase, parts)]


def _unfelt(parsed: ParsedPrompt, brief: Brief) -> list[str]:
    """The feelings that are named and that no emoji to draw after has, nor any face."""
    if not brief.after:
        return []
    had = {word for emoji in brief.shortlist for word in _words_of(emoji)}
    named = dict.fromkeys(filter(None, (parsed.feeling, *parsed.feelings)))
    faces = any(finish.face for finish in brief.finishes)
    return [feeling for feeling in named if not (faces and feeling == parsed.feeling) and not speaks_of(had, feeling)]


def _words_of(emoji: EmojiRecord) -> list[str]:
    return plain(" ".join([emoji.name, *emoji.keywords, emoji.group, emoji.subgroup])).split()


def notes_on_finishes(parsed: ParsedPrompt, brief: Brief) -> Iterator[str]:
    """What will be painted, given faces and put on, or why nothing is."""
    if any(finish.color and not finish.unless_near for finish in brief.finishes):
        yield f"painting in {parsed.color}"
    elif not brief.finishes and any(has_color([word], parsed.color) for word in parsed.unknown if parsed.color is not None):
        yield f"nothing to paint in {parsed.color}"
    if len(parsed.colors) > 1 and brief.after:
        yield f"one colour can be painted and {len(parsed.colors)} are named, so none is: {', '.join(parsed.colors)}"
    if any(finish.face for finish in brief.finishes):
        yield f"drawing faces: {parsed.feeling}"
    elif any(feeling_of(word) == parsed.feeling for word in parsed.unknown if parsed.feeling is not None):
        yield f"nothing to give a face: {parsed.feeling}"
    elif parsed.feeling in _unfelt(parsed, brief) and not any(map(takes_face, brief.shortlist)):
        yield f"not drawn, as what is drawn after has a face of its own: {parsed.feeling}"
    if others := [feeling for feeling in _unfelt(parsed, brief) if feeling != parsed.feeling]:
        yield f"one feeling can be drawn, left out: {', '.join(others)}"
    if hidden := _hidden(parsed, brief):
        yield f"not drawn, as nothing that is drawn after has it: {', '.join(map(quoted, hidden))}"
    for accessory in accessories_in(parsed.worn if brief.after else ()):
        unlike = next((said for said, called in parsed.unlike if find_accessory(called) == accessory), None)
        if any(item.emoji.startswith(accessory.emoji) for finish in brief.finishes for item, _ in finish.worn):
            yield f"putting on: {accessory.name}" + (f", as there is no {quoted(unlike)} to put on" if unlike else "")
        elif not any(has_accessory(emoji, accessory) for emoji in brief.shortlist):
            yield f"nothing to wear it: {accessory.name}"
        elif unlike:
            yield f"there is no {quoted(unlike)} to put on"
