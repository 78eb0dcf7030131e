"""Feelings of things: "happy star", "angry tree", "cool pizza".

The prior knows feelings from people and smileys, and told of a happy star it draws somebody who waves. So the star is drawn as it comes,
and then given the face of a smiley of the gallery in its own style (:mod:`emoterm.faces`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from emoterm.emotions import EMOTIONS, known_words

if TYPE_CHECKING:
    from emoterm.gallery import Gallery
    from emoterm.gallery_index import EmojiRecord, GalleryEntry

FACES: dict[str, tuple[str, ...]] = {
    "happy": ("😊", "😃", "🙂", "😄", "😁"),
    "laughing": ("😂", "😆"),
    "love": ("😍",),
    "playful": ("😜", "😛", "😋", "😝"),
    "bored": ("😒", "😐", "😑", "🙄"),
    "embarrassed": ("😳",),
    "tired": ("😪", "😫", "😩"),
    "calm": ("😌",),
    "sad": ("😢", "😞", "🙁", "🥺", "😭"),
    "worried": ("😟", "😧"),
    "afraid": ("😧",),
    "surprised": ("😮", "😲", "😯"),
    "confused": ("😕", "😖"),
    "angry": ("😠",),
    "mischievous": ("😏",),
    "cool": ("😎",),
}
"""Emotions of :data:`emoterm.emotions.EMOTIONS` → smileys with a plain head. Those that are missing take a hat, a hand or green skin."""

_NOT_OF_THINGS = frozenset({"affection", "cross", "joy", "love", "rage", "romantic", "scary"})
"""Words of that table that say something else beside the name of a thing: a love letter, a scary pumpkin."""
_HEADS = ("face-smiling", "face-affection", "face-tongue", "face-neutral-skeptical", "face-sleepy", "face-concerned")
"""The Unicode subgroups of smileys on a plain head."""
ENOUGH, PLENTY = 8, 48
"""Smileys of a style that it takes to know their head, and that are looked at."""


def feeling_of(word: str) -> str | None:
    """The emotion of :data:`FACES` that a word in front of the name of a thing asks for, None if none.

    Args:
        word: in the form of :func:`emoterm.names.plain`.
    """
    emotion = None if word in _NOT_OF_THINGS else known_words().get(word)
    return emotion.name if emotion is not None and emotion.name in FACES else None


def speaks_of(words: Iterable[str], feeling: str, *, groups: bool = False) -> bool:
    """Whether one of the words, in the form of :func:`emoterm.names.plain`, belongs to that emotion.

    Args:
        words: single ones.
        feeling: of :data:`FACES`.
        groups: whether the words of its Unicode subgroups count too, such as "face", which is not said of this emotion alone.
    """
    return not _words_for(feeling, groups).isdisjoint(words)


@functools.cache
def _words_for(feeling: str, groups: bool) -> frozenset[str]:
    (emotion,) = (each for each in EMOTIONS if each.name == feeling)
    said = [emotion.name, *emotion.synonyms, *emotion.keywords, *(emotion.subgroups if groups else ())]
    return frozenset(part for phrase in said for part in phrase.replace("-", " ").split())


def takes_face(emoji: EmojiRecord | GalleryEntry) -> bool:
    """Whether an emoji shows a thing without a face: no smiley, person or animal, nor the sun or a train with a face."""
    if "face" in emoji.name.casefold().split() or "face" in emoji.keywords:
        return False
    if emoji.group == "Smileys & Emotion":
        return emoji.subgroup == "heart"
    if emoji.group == "Animals & Nature":
        return emoji.subgroup.startswith("plant")
    return emoji.group not in ("People & Body", "Component", "")


def faces_for(feeling: str, style: str | None, gallery: Gallery) -> list[GalleryEntry]:
    """The emojis of a gallery whose face says a feeling, in a style; none where the gallery cannot tell a face from its head."""
    if style is None or len(smileys_of(style, gallery)) < ENOUGH:
        return []
    wanted = FACES[feeling]
    found = {emoji.emoji: emoji.entry(style) for emoji in gallery.emojis if emoji.emoji in wanted and style in emoji.styles}
    return [found[emoji] for emoji in wanted if emoji in found]


def is_face(entry: GalleryEntry, gallery: Gallery) -> bool:
    """Whether an emoji of a gallery is one of :func:`faces_for` some feeling."""
    return any(entry in faces_for(feeling, entry.style, gallery) for feeling, emojis in FACES.items() if entry.emoji in emojis)


def smileys_of(style: str, gallery: Gallery) -> list[EmojiRecord]:
    """Smileys on a plain head that a gallery has in a style, :data:`PLENTY` at most."""
    return [emoji for emoji in gallery.emojis if emoji.subgroup in _HEADS and style in emoji.styles][:PLENTY]
