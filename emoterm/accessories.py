"""What emojis can wear: "cat with sunglasses", "frog with a crown", "robot in a top hat".

The prior knows hats and glasses as emojis of their own, and told of a dog with a hat it draws neither. So the dog is drawn as it comes, and
then the hat of the gallery, in its own style, is put on it (:mod:`emoterm.wearing`).
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emoterm.feelings import takes_face

if TYPE_CHECKING:
    from emoterm.gallery import Gallery
    from emoterm.gallery_index import EmojiRecord, GalleryEntry

Place = Literal["head", "eyes", "middle"]
"""Where something is put on; in the middle of what has no eyes."""


@dataclass(frozen=True)
class Accessory:
    """One row of the table."""

    name: str
    emoji: str
    """Without a variation selector."""
    place: Place
    synonyms: tuple[str, ...] = ()
    """What else a person may call it, and what Unicode does."""


_TABLE = (
    Accessory("crown", "👑", "head", ("tiara", "diadem")),
    Accessory("top hat", "🎩", "head", ("hat", "tophat", "silk hat")),
    Accessory("sun hat", "👒", "head", ("woman's hat", "woman’s hat", "straw hat", "summer hat")),
    Accessory("cap", "🧢", "head", ("billed cap", "baseball cap", "baseball hat")),
    Accessory("graduation cap", "🎓", "head", ("graduation hat", "mortarboard", "doctoral cap")),
    Accessory("helmet", "🪖", "head", ("military helmet", "army helmet", "combat helmet")),
    Accessory("hard hat", "⛑", "head", ("rescue helmet", "rescue worker's helmet", "rescue worker’s helmet", "safety helmet")),
    Accessory("bow", "🎀", "head", ("ribbon", "hair bow")),
    Accessory("sunglasses", "🕶", "eyes", ("shades", "dark glasses", "sun glasses")),
    Accessory("glasses", "👓", "eyes", ("eyeglasses", "spectacles", "specs", "eye glasses")),
)
ACCESSORIES = {accessory.name: accessory for accessory in _TABLE}
"""By their names."""

_INTRODUCED_BY = frozenset({"with", "wearing", "wears", "in", "has"})
_VARIATION_SELECTOR_16 = "\N{VARIATION SELECTOR-16}"


def worn_in(typed: Sequence[str]) -> tuple[str, ...]:
    """The accessories that a prompt says its subject wears: of those behind a "with", "wearing" or "in", each once.

    Args:
        typed: the single words of the prompt, in the form of :func:`emoterm.prompt.plain`.
    """
    start = next((place for place, word in enumerate(typed) if place > 0 and word in _INTRODUCED_BY), len(typed))
    worn, place = [], start
    while place < len(typed):
        phrase, name = _longest(typed[place:])
        worn += [name] if name is not None else []
        place += len(phrase)
    return tuple(dict.fromkeys(worn))


def _longest(typed: Sequence[str]) -> tuple[Sequence[str], str | None]:
    names = _names()
    for length in range(min(len(typed), max(name.count(" ") + 1 for name in names)), 0, -1):
        if (name := names.get(" ".join(typed[:length]))) is not None:
            return typed[:length], name
    return typed[:1], None


@functools.cache
def _names() -> dict[str, str]:
    """What people call accessories → the name."""
    return {called: accessory.name for accessory in _TABLE for called in (accessory.name, *accessory.synonyms)}


def find_accessory(text: str) -> Accessory | None:
    """The accessory that a person names or shows, None if none.

    Args:
        text: an emoji, or words in any case.
    """
    called = " ".join(text.casefold().replace("-", " ").split()).removesuffix(_VARIATION_SELECTOR_16)
    by_emoji = {accessory.emoji: accessory for accessory in _TABLE}
    return by_emoji.get(called) or ACCESSORIES.get(_names().get(called, ""))


def nearest_name(text: str) -> str | None:
    """What people call an accessory that is written much like a text."""
    return next(iter(difflib.get_close_matches(text.casefold(), _names(), n=1)), None)


def accessory_of(entry: GalleryEntry) -> Accessory | None:
    """The accessory that an emoji of a gallery is, None if it is none."""
    return find_accessory(entry.emoji)


def names_part_of(words: Iterable[str], worn: Iterable[str]) -> bool:
    """Whether one of the words belongs to one of these accessories.

    Args:
        words: single ones, in the form of :func:`emoterm.prompt.plain`.
        worn: names of :data:`ACCESSORIES`.
    """
    return any(not _single_words(name).isdisjoint(words) for name in worn)


@functools.cache
def _single_words(name: str) -> frozenset[str]:
    return frozenset(part for called in (name, *ACCESSORIES[name].synonyms) for part in called.split())


def entry_of(name: str, style: str | None, gallery: Gallery) -> GalleryEntry | None:
    """The emoji of an accessory in a style, or, where a gallery has it in others only, in one of these; None if it has none."""
    wanted = ACCESSORIES[name].emoji
    found = next((emoji for emoji in gallery.emojis if emoji.emoji.removesuffix(_VARIATION_SELECTOR_16) == wanted), None)
    return None if found is None else found.entry(style if style in found.styles else found.styles[0])


def has_front_face(emoji: EmojiRecord) -> bool:
    """Whether an emoji shows a face from the front, so that its eyes are where eyes are."""
    if emoji.group == "People & Body":
        return emoji.subgroup == "person"  # the others are small, or several
    return emoji.subgroup.startswith(("face-", "cat-face", "monkey-face")) or "face" in (*emoji.name.split(), *emoji.keywords)


def place_on(emoji: EmojiRecord, name: str) -> Place | None:
    """Where an emoji can wear an accessory of :data:`ACCESSORIES`; None if it has one, or its eyes cannot be found."""
    accessory = ACCESSORIES[name]
    if has_accessory(emoji, name):
        return None
    if accessory.place != "eyes" or has_front_face(emoji):
        return accessory.place
    return "middle" if takes_face(emoji) else None


def has_accessory(emoji: EmojiRecord, name: str) -> bool:
    """Whether an emoji is drawn with an accessory of :data:`ACCESSORIES`, by its name and keywords."""
    phrases = [emoji.name.casefold(), *(keyword.casefold() for keyword in emoji.keywords)]
    words = {word for phrase in phrases for word in phrase.split()}
    return any(called in words or called in phrases for called in (name, *ACCESSORIES[name].synonyms))
