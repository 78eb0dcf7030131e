"""The emojis of the gallery that come near to a prompt, to draw its pictures after.

The prior follows a picture far better than it follows words. So a prompt is answered in two steps: the gallery is searched for emojis
that come near to its words, and each picture is drawn after one of them, in another style than that one has, told the words as well.
Retrieval-augmented generation: Blattmann et al. 2022, https://arxiv.org/abs/2204.11824, with words in place of an embedding to search by.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from emoterm.accessories import Accessory, accessories_in, entry_of, has_accessory, has_front_face, is_one_of, names_part_of, place_on
from emoterm.brief import Brief, Finish, Subject, Uniforms, drawn_after, other_styles, pick, uniforms_for
from emoterm.colors import has_color
from emoterm.errors import UsageError
from emoterm.feelings import faces_for, feeling_of, speaks_of, takes_face
from emoterm.gallery import Gallery
from emoterm.gallery_index import EmojiRecord, GalleryEntry
from emoterm.names import plain
from emoterm.prior import Prior
from emoterm.request import SEARCH_VERSION, Request
from emoterm.safe_text import quoted
from emoterm.word_forms import word_forms

LEAST = 0.25
"""An emoji that comes less near to the words has only a word in common with them."""
AS_NEAR = 0.75
"""What comes less near than this share of the nearest is left to those that come nearer."""
AT_MOST = 8
"""Emojis to choose from."""
TELLING = 0.5
"""The prior is told words only if they meant an emoji of the shortlist in this share of the pictures that it learned them from."""
_PEOPLE = "People & Body"
_TRAINED = "train"
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_TONED = "skin"
"""Variants of skin tone are drawn after only where the words name one: "waving hand: dark skin tone"."""


def brief_by_words(request: Request, *, gallery: Gallery, prior: Prior, seed: int, pictures: range, split: str | None = None) -> Brief:
    """Choose an emoji to draw after for each picture, by chance among those that come near.

    What is chosen for a picture depends on the seed and its index, not on the others.

    Args:
        request: what all pictures should be. Where it has no style, each that is drawn after an emoji is in one of the others.
        gallery: of the bundle.
        prior: of the bundle.
        seed: of the pictures.
        pictures: their indices among all of this seed.
        split: only emojis of this split; None for all.

    Returns:
        Without sources where no emoji comes near, or the bundle has no gallery, or its prior reads no source.

    Raises:
        BundleError: the gallery is damaged.
        UsageError: no emoji of the group that is asked for comes near.
    """
    found: tuple[EmojiRecord, ...] = ()
    if request.sought and gallery.exists and prior.source.exists:
        search = functools.partial(
            shortlist, request.sought, style=request.style, gallery=gallery, split=split, version=request.search_version
        )
        found = search(group=request.group)
        if not found and request.group is not None and (elsewhere := search()):
            raise UsageError(
                f"No emoji of the group {quoted(request.group)} comes near to that.",
                fix=f"Leave out --group, or ask for {quoted(elsewhere[0].group)}.",
            )
        if request.color is not None or request.feeling is not None or request.worn:
            found = _of_subject(found, request, gallery=gallery, split=split)
    if not found:
        return Brief([request.condition] * len(pictures))
    numbers = [uniforms_for(picture, seed=seed, prior=prior) for picture in pictures]
    emojis = [pick(found, mine.of_emoji) for mine in numbers]
    words = {emoji: _words_for(emoji, request, found, gallery) for emoji in dict.fromkeys(emojis)}
    subjects = [Subject(emoji, words[emoji]) for emoji in emojis]
    brief = drawn_after(subjects, numbers, style=request.style, gallery=gallery, prior=prior, shortlist=found)
    finishes = _finishes(emojis, numbers, brief, request, gallery)
    return replace(brief, finishes=finishes) if any(finish != Finish() for finish in finishes) else brief


def _finishes(
    emojis: Sequence[EmojiRecord], numbers: Sequence[Uniforms], brief: Brief, request: Request, gallery: Gallery
) -> tuple[Finish, ...]:
    """What is done to each picture of a brief, for the emojis that they are drawn after."""
    faces_in: dict[str | None, list[GalleryEntry]] = {}  # asked for once a style: a gallery may have a million emojis
    if request.feeling is not None and any(map(takes_face, dict.fromkeys(emojis))):
        styles = dict.fromkeys(each.style for each in brief.conditions)
        faces_in = {style: faces_for(request.feeling, style, gallery) for style in styles}
    worn = accessories_in(request.worn)
    items_in: dict[tuple[Accessory, str | None], GalleryEntry | None] = {}  # likewise
    finishes = []
    for emoji, condition, mine in zip(emojis, brief.conditions, numbers, strict=True):
        faces = faces_in.get(condition.style) if takes_face(emoji) else None
        painted = request.color if emoji.group != _PEOPLE else None  # what colour a person has is said by the skin tones of Unicode
        has_it = painted is not None and has_color(_words(emoji), painted)
        items = []
        for accessory in worn:
            if (accessory, condition.style) not in items_in:
                items_in[accessory, condition.style] = entry_of(accessory, condition.style, gallery)
            item, place = items_in[accessory, condition.style], place_on(emoji, accessory)
            if item is not None and place is not None:
                items.append((item, place))
        face = pick(faces, mine.of_face) if faces else None
        in_front = request.glasses_in_front and len(items) > 1
        finishes.append(Finish(painted, unless_near=has_it, face=face, worn=tuple(items), glasses_in_front=in_front))
    return tuple(finishes)


def _words_for(emoji: EmojiRecord, request: Request, found: Sequence[EmojiRecord], gallery: Gallery) -> tuple[str, ...]:
    """The words that the prior is told where it draws after an emoji.

    What is done to the picture afterwards is not said: told of pink, of anger or of a hat, the prior makes little of an elephant or a tree.
    """
    own = set(_words(emoji))
    words: Sequence[str] = [
        word for word in request.words if own.issuperset(plain(word).split()) or not names_part_of(plain(word).split(), request.worn)
    ]
    color, feeling = request.color, request.feeling
    if feeling is not None and takes_face(emoji):
        words = [word for word in words if not speaks_of(plain(word).split(), feeling, groups=True)]
    if not words_tell(words, found, gallery):
        return ()
    if color is not None and emoji.group != _PEOPLE and not has_color(_words(emoji), color):
        words = [word for word in words if not has_color(plain(word).split(), color)]
    return tuple(words)


def _of_subject(found: tuple[EmojiRecord, ...], request: Request, *, gallery: Gallery, split: str | None) -> tuple[EmojiRecord, ...]:
    """Those of a shortlist that have more of the words than say how it will be finished, or else the shortlist of the other words.

    With a feeling, only those that can be given a face if the nearest can, else only those that have the feeling, as far as there are any;
    with glasses, only those whose eyes can be found, unless they are put on a thing; only those that wear all of it already, if any do.
    If no emoji has any of the other words, all stay.
    """
    color, feeling = request.color, request.feeling
    others = [
        word
        for place, word in enumerate(request.sought)
        if not (color is not None and has_color([word], color))
        and not (feeling is not None and place > 0 and speaks_of([word], feeling, groups=True))  # in front is what the prompt is about
        and not (place > 0 and names_part_of([word], request.worn))
    ]
    if not others or len(others) == len(request.sought):
        return found
    nearness = dict(gallery.near(others))
    meant = tuple(emoji for emoji in found if nearness.get(emoji, 0) > 0 and not is_one_of(emoji, request.worn))
    worn = accessories_in(request.worn)
    if worn:  # "person with a crown": by the name, as keywords say "sun" of sunglasses
        named = (emoji for emoji in meant if others[0] in plain(emoji.name).split())
        if dressed := tuple(emoji for emoji in named if all(has_accessory(emoji, accessory) for accessory in worn)):
            return dressed
    has_glasses = any(accessory.place == "eyes" for accessory in worn)
    near = functools.partial(
        shortlist, others, style=request.style, gallery=gallery, split=split, group=request.group, version=request.search_version
    )
    if feeling is not None or has_glasses:
        nearest = near()
        is_thing = bool(nearest) and takes_face(nearest[0])

        def fits(emoji: EmojiRecord) -> bool:
            if is_one_of(emoji, request.worn):
                return False
            if is_thing:
                return takes_face(emoji)
            return (feeling is None or speaks_of(_words(emoji), feeling)) and (not has_glasses or has_front_face(emoji))

        fitting = tuple(filter(fits, dict.fromkeys((*meant, *nearest))))[:AT_MOST]
        if not fitting and feeling is not None and not is_thing and request.search_version >= 2:
            # "cat in love": one that is, however long its name; else none that feels something else.
            called = near(least=0, at_most=None)
            fitting = tuple(filter(fits, called))[:AT_MOST] or tuple(emoji for emoji in meant if not _feels(emoji))
        meant = fitting or meant
    return meant or near() or found


def _feels(emoji: EmojiRecord) -> bool:
    """Whether the name of an emoji says what it feels."""
    return any(feeling_of(word) is not None for word in plain(emoji.name).split())


def _words(emoji: EmojiRecord) -> list[str]:
    """The single words of its name and keywords."""
    return plain(" ".join([emoji.name, *emoji.keywords])).split()


def shortlist(
    sought: Sequence[str],
    *,
    style: str | None,
    gallery: Gallery,
    split: str | None = None,
    group: str | None = None,
    version: int = SEARCH_VERSION,
    least: float = LEAST,
    at_most: int | None = AT_MOST,
) -> tuple[EmojiRecord, ...]:
    """The emojis that come near to some words, nearest first.

    Args:
        sought: single words, the subject first.
        style: that the pictures will have; an emoji that has no other would only be copied, and is left out.
        gallery: of a bundle that has one.
        split: only emojis of this split; None for all.
        group: only emojis of this Unicode group; None for all.
        version: of :data:`emoterm.request.SEARCH_VERSION`.
        least: what comes less near is left out; above 0, so is what comes less near than :data:`AS_NEAR` of the nearest.
        at_most: emojis; None for all.
    """
    possible = [
        (emoji, nearness)
        for emoji, nearness in gallery.near(sought)
        if (split is None or emoji.split == split)
        and emoji.is_of(group)
        and (not emoji.skin_tone or _TONED in sought)
        and other_styles(emoji.styles, style)
    ]
    if version >= 2 and possible:
        nearest = [emoji for emoji, nearness in possible if nearness == possible[0][1]]
        kind = next((emoji for emoji in nearest if _is_keyword(sought[0], emoji)), nearest[0]).group  # a new moon, no moon cake
        possible = [(emoji, nearness) for emoji, nearness in possible if emoji.group == kind or _is_keyword(sought[0], emoji)]
    needed = max(least, AS_NEAR * possible[0][1]) if possible and least > 0 else 0
    return tuple(emoji for emoji, nearness in possible if nearness >= needed)[:at_most]


def _is_keyword(word: str, emoji: EmojiRecord) -> bool:
    """Whether a word is a keyword by itself: "cat" is one of a grinning cat, but "dog" none of a hot dog."""
    return not set(word_forms(word)).isdisjoint(map(plain, emoji.keywords))


def words_tell(words: Sequence[str], found: Sequence[EmojiRecord], gallery: Gallery) -> bool:
    """Whether words say of the emojis found what the prior takes them to say: it knows "rocket" from many astronauts and one rocket."""
    single = dict.fromkeys(part for word in words for part in plain(word).split())
    if not any(emoji.split == _TRAINED for emoji in found):
        return False
    meant, all_of_them = 0, 0
    same = {without_tone(emoji) for emoji in found}
    for emoji in gallery.with_words(list(single)):
        if emoji.split == _TRAINED:
            all_of_them += len(emoji.styles)
            meant += len(emoji.styles) * (without_tone(emoji) in same)
    return meant >= TELLING * all_of_them


def without_tone(emoji: EmojiRecord) -> str:
    """The same for all skin tones of an emoji."""
    return _SKIN_TONES.sub("", emoji.emoji) or emoji.name
