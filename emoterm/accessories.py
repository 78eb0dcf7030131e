"""What emojis can wear: "cat with sunglasses", "frog with a crown", "robot in a top hat".

The prior knows hats and glasses as emojis of their own, and told of a dog with a hat it draws neither. So the dog is drawn as it comes, and
then the hat of the gallery, in its own style, is put on it (:mod:`emoterm.wearing`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emoterm.feelings import takes_face
from emoterm.names import nearest_name, plain

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
    marks: tuple[str, ...] = ()
    """Words of the names and keywords of emojis that are drawn with it, where these are not its name and synonyms."""


_TABLE = (
    Accessory("crown", "👑", "head", ("tiara", "diadem")),
    Accessory("top hat", "🎩", "head", ("hat", "tophat", "silk hat")),
    Accessory("sun hat", "👒", "head", ("woman's hat", "woman’s hat", "straw hat", "summer hat")),
    Accessory("cap", "🧢", "head", ("billed cap", "baseball cap", "baseball hat")),
    Accessory("graduation cap", "🎓", "head", ("graduation hat", "mortarboard", "doctoral cap")),
    Accessory("helmet", "🪖", "head", ("military helmet", "army helmet", "combat helmet")),
    Accessory("hard hat", "⛑", "head", ("rescue helmet", "rescue worker's helmet", "rescue worker’s helmet", "safety helmet")),
    Accessory("bow", "🎀", "head", ("ribbon", "hair bow"), marks=("ribbon",)),  # bowing persons and archers have a bow as well
    Accessory("sunglasses", "🕶", "eyes", ("shades", "dark glasses", "sun glasses")),
    Accessory("glasses", "👓", "eyes", ("eyeglasses", "spectacles", "specs", "eye glasses")),
)
ACCESSORIES = {accessory.name: accessory for accessory in _TABLE}
"""By their names."""

_NOTHING_TO_WEAR = frozenset({"bow tie", "bow and arrow", "bow and arrows", "glasses of", "shades of"})
"""Phrases that begin as something to wear."""
_VARIATION_SELECTOR_16 = "\N{VARIATION SELECTOR-16}"
_WEAR_HATS = tuple("👸🤴🫅🎅🤶🧙🕵👷💂🤠👮👲👳🧕👰🥳😇🚀🚒✈🍳🎓")
"""Of emojis that have something on their head, whatever their keywords say; the last ones as parts of people, such as an astronaut."""
_WEAR_GLASSES = tuple("😎🤓🥸")


def accessory_at(typed: Sequence[str]) -> tuple[int, str | None]:
    """Length of the longest run of words at the front that is the name of an accessory, and that name; else 1 and None."""
    for length in range(min(len(typed), 3), 0, -1):
        phrase = " ".join(typed[:length]).removesuffix(_VARIATION_SELECTOR_16)
        if phrase in _NOTHING_TO_WEAR:
            return length, None
        for called in (phrase, phrase.removesuffix("s")):
            if (found := _names().get(called)) is not None:
                return length, found.name if called == found.emoji else called
    return 1, None


@functools.cache
def _names() -> dict[str, Accessory]:
    """What people call accessories, and their emojis → the accessory."""
    return {called: accessory for accessory in _TABLE for called in (accessory.name, accessory.emoji, *accessory.synonyms)}


def find_accessory(text: str) -> Accessory | None:
    """The accessory that a person names or shows, None if none.

    Args:
        text: an emoji, or words in any case.
    """
    called = plain(text).removesuffix(_VARIATION_SELECTOR_16)
    return _names().get(called) or _names().get(called.removesuffix("s"))


def accessories_in(worn: Iterable[str]) -> list[Accessory]:
    """The accessories that are called so, as :func:`emoterm.prompt_outfit.worn_in` gives them; what is none is left out."""
    return [accessory for called in worn if (accessory := find_accessory(called)) is not None]


def can_hide_glasses(accessories: Iterable[Accessory]) -> bool:
    """Whether there is a hat among them, and glasses that it could come to lie on."""
    return {"head", "eyes"} <= {accessory.place for accessory in accessories}


def nearest_accessory(text: str) -> str | None:
    """What people call an accessory that is written much like a text."""
    return nearest_name(text.casefold(), _names())


def accessory_of(entry: GalleryEntry) -> Accessory | None:
    """The accessory that an emoji of a gallery is, None if it is none."""
    return find_accessory(entry.emoji)


def names_part_of(words: Iterable[str], worn: Iterable[str]) -> bool:
    """Whether one of the words is part of what is worn.

    Args:
        words: single ones, in the form of :func:`emoterm.names.plain`.
        worn: of :func:`emoterm.prompt_outfit.worn_in`.
    """
    parts = {part for called in worn for part in called.split()}
    return any(word in parts or word.removesuffix("s") in parts for word in words)


def is_one_of(emoji: EmojiRecord, worn: Iterable[str]) -> bool:
    """Whether an emoji is itself what is worn, of :func:`emoterm.prompt_outfit.worn_in`."""
    return find_accessory(emoji.emoji) in accessories_in(worn)


def entry_of(accessory: Accessory, style: str | None, gallery: Gallery) -> GalleryEntry | None:
    """The emoji of an accessory in a style, or, where a gallery has it in others only, in one of these; None if it has none."""
    found = next((emoji for emoji in gallery.emojis if emoji.emoji.removesuffix(_VARIATION_SELECTOR_16) == accessory.emoji), None)
    return None if found is None else found.entry(style if style in found.styles else found.styles[0])


def has_front_face(emoji: EmojiRecord | GalleryEntry) -> bool:
    """Whether an emoji shows a face from the front, so that its eyes are where eyes are."""
    if emoji.group == "People & Body":
        return emoji.subgroup == "person"  # the others are small, or several
    return emoji.subgroup.startswith(("face-", "cat-face", "monkey-face")) or "face" in (*emoji.name.split(), *emoji.keywords)


def may_look_sideways(emoji: EmojiRecord | GalleryEntry) -> bool:
    """Whether an emoji is an animal of which it is not said that it shows its face, so that its eyes may be anywhere."""
    return emoji.group == "Animals & Nature" and not has_front_face(emoji) and not takes_face(emoji)


def place_on(emoji: EmojiRecord, accessory: Accessory) -> Place | None:
    """Where an emoji can wear an accessory; None if something is there already, or its eyes cannot be found."""
    if has_accessory(emoji, accessory) or any(part in emoji.emoji for part in (_WEAR_HATS if accessory.place == "head" else _WEAR_GLASSES)):
        return None
    if accessory.place != "eyes" or has_front_face(emoji):
        return accessory.place
    return "middle" if takes_face(emoji) else None


def has_accessory(emoji: EmojiRecord, accessory: Accessory) -> bool:
    """Whether an emoji is drawn with an accessory, by its name and keywords."""
    phrases = [emoji.name.casefold(), *(keyword.casefold() for keyword in emoji.keywords)]
    words = {word for phrase in phrases for word in phrase.split()}
    return any(mark in words or mark in phrases for mark in accessory.marks or (accessory.name, *accessory.synonyms))
