"""What a person should know of how a prompt was read and how its pictures will be finished, a line each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from emoterm.accessories import accessories_in, has_accessory
from emoterm.brief import Brief
from emoterm.colors import has_color
from emoterm.feelings import feeling_of
from emoterm.prompt import ParsedPrompt
from emoterm.safe_text import quoted


def notes_on_prompt(parsed: ParsedPrompt) -> Iterator[str]:
    """Words that were read as others, and words that were left out."""
    if parsed.translation is not None:
        yield f"reading it as {quoted(parsed.translation.text)} ({parsed.translation.language})"
    for typed, pairs in itertools.groupby(parsed.replaced, key=lambda pair: pair[0]):
        yield f"reading {quoted(typed)} as {', '.join(quoted(used) for _, used in pairs)}"
    if parsed.lost:
        yield f"not known to the model, left out: {', '.join(map(quoted, parsed.lost))}"
    if parsed.apart:
        yield f"not drawn, as no emoji of {quoted(parsed.sought[0])} has it: {', '.join(map(quoted, parsed.apart))}"
    if parsed.dropped:
        yield f"more words than the model takes, left out: {', '.join(map(quoted, parsed.dropped))}"


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
    for accessory in accessories_in(parsed.worn if brief.after else ()):
        if any(item.emoji.startswith(accessory.emoji) for finish in brief.finishes for item, _ in finish.worn):
            yield f"putting on: {accessory.name}"
        elif not any(has_accessory(emoji, accessory) for emoji in brief.shortlist):
            yield f"nothing to wear it: {accessory.name}"
