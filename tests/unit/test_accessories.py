"""Words for what emojis wear."""

from __future__ import annotations

import pytest

from emoterm.accessories import ACCESSORIES, Place, entry_of, find_accessory, has_accessory, place_on
from emoterm.bundle import Bundle
from emoterm.gallery import Gallery
from emoterm.gallery_index import EmojiRecord
from emoterm.names import plain
from emoterm.prompt_outfit import worn_in


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


def emoji_named(name: str, gallery: Gallery) -> EmojiRecord:
    return next(emoji for emoji in gallery.emojis if emoji.name == name)


@pytest.mark.parametrize(
    ("prompt", "worn"),
    [
        ("cat with sunglasses", ("sunglasses",)),
        ("a dog with a hat", ("hat",)),
        ("dogs with hats", ("hat",)),
        ("cat with 👑 and 🕶️", ("crown", "sunglasses")),
        ("a robot wearing a crown and shades", ("crown", "shades")),
        ("frog in a woman’s hat", ("woman’s hat",)),
        ("cat with a bow tie", ()),
        ("archer with a bow and arrow", ()),
        ("milk with glasses of wine", ()),
        ("dog with no hat", ()),
        ("Owl with a Graduation-Cap!", ("graduation cap",)),
        ("cat with a crown with a crown", ("crown",)),
        ("crown", ()),
        ("a crown with jewels", ()),
        ("sunglasses cat", ()),
        ("with a crown", ("crown",)),
        ("cat with whiskers", ()),
        ("", ()),
    ],
)
def test_a_prompt_says_what_is_worn(prompt: str, worn: tuple[str, ...]) -> None:
    found = worn_in(plain(prompt).split())
    assert found == (() if prompt.startswith("with") else worn)  # nobody is there to wear it


def test_everything_has_an_emoji_of_its_own_in_each_style_or_in_another(gallery: Gallery) -> None:
    for style in gallery.styles():
        found = [entry_of(accessory, style, gallery) for accessory in ACCESSORIES.values()]
        assert all(found)
        assert len({entry.emoji for entry in found if entry}) == len(ACCESSORIES)
        assert sum(entry.style == style for entry in found if entry) >= len(ACCESSORIES) - 1


@pytest.mark.parametrize(
    ("text", "name"), [("👑", "crown"), ("🕶️", "sunglasses"), ("🕶", "sunglasses"), ("Top-Hat", "top hat"), ("hat", "top hat")]
)
def test_an_accessory_is_found_by_its_emoji_and_by_what_it_is_called(text: str, name: str) -> None:
    found = find_accessory(text)
    assert found is not None
    assert found.name == name
    assert find_accessory("umbrella") is None


@pytest.mark.parametrize(
    ("emoji", "accessory", "place"),
    [
        ("cat face", "crown", "head"),
        ("cat face", "glasses", "eyes"),
        ("pizza", "glasses", "middle"),
        ("woman", "glasses", "eyes"),
        ("sun", "sun hat", "head"),
        ("person bowing", "bow", "head"),
        ("octopus", "glasses", None),  # who knows where its eyes are
        ("princess", "glasses", None),
        ("nerd face", "glasses", None),  # it has some, though no keyword says so
        ("smiling face with sunglasses", "glasses", None),
        ("woman astronaut", "helmet", None),
        ("construction worker", "hard hat", None),
        ("cowboy hat face", "top hat", None),
        ("heart with ribbon", "bow", None),
    ],
)
def test_where_something_goes(emoji: str, accessory: str, place: Place | None, gallery: Gallery) -> None:
    assert place_on(emoji_named(emoji, gallery), ACCESSORIES[accessory]) == place


def test_names_and_keywords_say_what_an_emoji_is_drawn_with(gallery: Gallery) -> None:
    assert has_accessory(emoji_named("smiling face with sunglasses", gallery), ACCESSORIES["sunglasses"])
    assert has_accessory(emoji_named("heart with ribbon", gallery), ACCESSORIES["bow"])
    assert not has_accessory(emoji_named("person bowing", gallery), ACCESSORIES["bow"])
    assert not has_accessory(emoji_named("sun", gallery), ACCESSORIES["sun hat"])
