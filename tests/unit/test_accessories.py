"""Words for what emojis wear."""

from __future__ import annotations

import pytest

from emoterm.accessories import ACCESSORIES, entry_of, find_accessory, has_accessory, place_on, worn_in
from emoterm.bundle import Bundle
from emoterm.gallery import Gallery
from emoterm.gallery_index import EmojiRecord
from emoterm.prompt import plain


@pytest.fixture(scope="module")
def gallery(default_bundle: Bundle) -> Gallery:
    return Gallery.from_bundle(default_bundle)


def emoji_named(name: str, gallery: Gallery) -> EmojiRecord:
    return next(emoji for emoji in gallery.emojis if emoji.name == name)


@pytest.mark.parametrize(
    ("prompt", "worn"),
    [
        ("cat with sunglasses", ("sunglasses",)),
        ("a dog with a hat", ("top hat",)),
        ("a robot wearing a crown and shades", ("crown", "sunglasses")),
        ("frog in a woman’s hat", ("sun hat",)),
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
        found = [entry_of(name, style, gallery) for name in ACCESSORIES]
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


def test_where_something_goes(gallery: Gallery) -> None:
    assert place_on(emoji_named("cat face", gallery), "crown") == "head"
    assert place_on(emoji_named("cat face", gallery), "glasses") == "eyes"
    assert place_on(emoji_named("pizza", gallery), "glasses") == "middle"
    assert place_on(emoji_named("octopus", gallery), "glasses") is None  # who knows where its eyes are
    assert place_on(emoji_named("woman", gallery), "glasses") == "eyes"
    assert place_on(emoji_named("princess", gallery), "glasses") is None
    assert place_on(emoji_named("nerd face", gallery), "glasses") == "eyes"


def test_what_has_something_is_not_given_it_again(gallery: Gallery) -> None:
    assert has_accessory(emoji_named("smiling face with sunglasses", gallery), "sunglasses")
    assert has_accessory(emoji_named("cowboy hat face", gallery), "top hat")
    assert not has_accessory(emoji_named("sun", gallery), "sun hat")
    assert place_on(emoji_named("smiling face with sunglasses", gallery), "sunglasses") is None
