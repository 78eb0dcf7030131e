"""What a picture should wear, as a person types it: ``crown sunglasses``, ``crown,sunglasses``, ``top hat``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emoterm.accessories import ACCESSORIES, Accessory, entry_of, find_accessory, nearest_accessory
from emoterm.errors import UsageError
from emoterm.gallery_index import default_style
from emoterm.names import check_style
from emoterm.safe_text import quoted

if TYPE_CHECKING:
    from emoterm.gallery import Gallery
    from emoterm.gallery_index import GalleryEntry

_LONGEST = max(len(called.split()) for accessory in ACCESSORIES.values() for called in (accessory.name, *accessory.synonyms))
"""Words of a name."""


def choose_items(texts: Sequence[str], style: str | None, gallery: Gallery) -> list[GalleryEntry]:
    """The emojis of the accessories that a person names, each once.

    Args:
        texts: names, synonyms or emojis; several in one text, or one over several texts, as a shell splits what nobody quotes.
        style: of all of them; None: that which an emoji has when nobody names one.
        gallery: that has them.

    Raises:
        UsageError: an unknown accessory or style, none at all, two that go to the same place, or a gallery without it.
    """
    chosen = default_style(gallery.styles()) if style is None else check_style(style, gallery.styles())
    accessories = dict.fromkeys(each for part in " ".join(texts).split(",") for each in _named_in(part.split()))
    if not accessories:
        raise UsageError("There is nothing to wear.", fix=f"Name one or several of: {', '.join(ACCESSORIES)}")
    by_place: dict[str, Accessory] = {}
    entries = []
    for accessory in accessories:
        other = by_place.setdefault(accessory.place, accessory)
        if other is not accessory:
            what = f"{other.name} and {accessory.name} both go on the {accessory.place}, where there is room for one."
            raise UsageError(what, fix=f"Name one of them: {other.name} or {accessory.name}")
        entry = entry_of(accessory, chosen, gallery)
        if entry is None:
            raise UsageError(f"The gallery of this bundle has no {accessory.name}.", fix="Use the one that ships: leave out --bundle.")
        entries.append(entry)
    return entries


def _named_in(words: Sequence[str]) -> Iterator[Accessory]:
    """The accessories that words name one after the other; of several names that begin alike the longest counts.

    Raises:
        UsageError: words that name none.
    """
    place, unknown = 0, 0
    while place < len(words):
        length, accessory = _first_of(words[place:])
        if accessory is None:
            place, unknown = place + 1, unknown + 1
            continue
        if unknown:
            break
        yield accessory
        place += length
    if unknown:
        text = " ".join(words[place - unknown : place])
        near = nearest_accessory(text) or nearest_accessory(" ".join(words))
        known = f"What can be worn: {', '.join(ACCESSORIES)}"
        raise UsageError(f"{quoted(text, 40)} is nothing to wear.", fix=known if near is None else f"Did you mean {near}? {known}")


def _first_of(words: Sequence[str]) -> tuple[int, Accessory | None]:
    """How many of the words in front name an accessory, and which; 0 and None where none do."""
    for length in range(min(len(words), _LONGEST), 0, -1):
        if (found := find_accessory(" ".join(words[:length]))) is not None:
            return length, found
    return 0, None
