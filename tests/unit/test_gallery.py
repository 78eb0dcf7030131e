"""Finding emojis by what people type, and their token grids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emoterm.bundle import open_bundle
from emoterm.errors import BundleError, UsageError
from emoterm.gallery import Gallery, token_bits
from emoterm.gallery_index import EmojiRecord, read_index
from emoterm.gallery_words import WordIndex
from tests.gallery_bundle import EMOJIS, ROWS, grids, make_gallery_bundle


@pytest.fixture(scope="module")
def bundle_path(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("gallery") / "bundle")


@pytest.fixture(scope="module")
def gallery(bundle_path: Path) -> Iterator[Gallery]:
    with open_bundle(bundle_path) as bundle:
        yield Gallery.from_bundle(bundle)


@pytest.mark.parametrize(
    ("query", "emoji"),
    [
        ("😍", "😍"),
        ("❤", "❤️"),
        ("❤️", "❤️"),
        ("red heart", "❤️"),
        ("Red-Heart ", "❤️"),
        ("cat", "🐈"),
        ("1f60a", "😊"),
        ("U+1F60A", "😊"),
        ("1f469-200d-1f4bb", "👩‍💻"),
        ("U+1F469 U+200D U+1F4BB", "👩‍💻"),
        ("2764", "❤️"),
        ("coder", "👩‍💻"),
        ("blush", "😊"),
        ("heart eyes", "😍"),
        ("cat heart eyes", "😻"),
        ("wave", "👋"),
        ("waving hand medium skin tone", "👋🏽"),
        ("octo", "🐙"),
    ],
)
def test_an_emoji_is_found_by(gallery: Gallery, query: str, emoji: str) -> None:
    assert gallery.find(query).emoji == emoji


def test_every_emoji_is_found_by_itself_its_name_and_its_codepoints(gallery: Gallery) -> None:
    for entry in gallery.entries:
        assert gallery.find(entry.emoji, entry.style) == entry
        assert gallery.find(entry.name, entry.style) == entry
        assert gallery.find(entry.codepoints, entry.style) == entry


def test_without_a_style_the_first_of_the_default_order_is_taken(gallery: Gallery) -> None:
    assert gallery.styles() == ["noto", "fluent3d", "twemoji", "fluentflat", "blob"]
    assert gallery.find("😊").style == "noto"
    assert gallery.find("coder").style == "blob"


def test_a_style_that_the_emoji_does_not_have_is_an_error_that_lists_those_it_has(gallery: Gallery) -> None:
    with pytest.raises(UsageError, match="no picture in style blob") as caught:
        gallery.find("red heart", "blob")
    assert "noto, twemoji" in str(caught.value.fix)


def test_an_unknown_style_is_answered_with_the_nearest(gallery: Gallery) -> None:
    with pytest.raises(UsageError, match="Did you mean twemoji"):
        gallery.find("cat", "twemojy")


def test_several_equally_good_hits_are_named_instead_of_guessed(gallery: Gallery) -> None:
    with pytest.raises(UsageError, match="fits several emojis") as caught:
        gallery.find("love")
    assert "😍" in caught.value.what
    assert "😻" in caught.value.what


@pytest.mark.parametrize("query", ["octopis", "catt", "zzzz", "", "  ", "110000", "ffffff", "\x1b[2J", "🦄"])
def test_what_is_not_there_is_an_error(gallery: Gallery, query: str) -> None:
    with pytest.raises(UsageError, match="No emoji is called"):
        gallery.find(query)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("\U0001fae9", "'\U0001fae9'"),  # a face of Unicode 16, which Python 3.11 does not know
        ("\N{MAN}\u200d\N{OCTOPUS}", "'\N{MAN}\u200d\N{OCTOPUS}'"),
        ("no\x1b[1m\n", "'no\\x1b[1m\\n'"),
        ("y" * 100, f"'{'y' * 59}…'"),
    ],
)
def test_what_is_not_there_is_shown_as_it_was_typed(gallery: Gallery, query: str, shown: str) -> None:
    with pytest.raises(UsageError) as caught:
        gallery.find(query)
    assert caught.value.what == f"No emoji is called {shown}."


def test_a_misspelt_name_is_answered_with_the_nearest(gallery: Gallery) -> None:
    with pytest.raises(UsageError) as caught:
        gallery.find("octopis")
    assert "octopus" in str(caught.value.fix)


def test_search_ranks_names_before_keywords_and_short_names_first(gallery: Gallery) -> None:
    assert [entry.emoji for entry in gallery.search("cat")] == ["🐈", "🐱", "😻"]


def test_search_wants_every_word(gallery: Gallery) -> None:
    assert {entry.emoji for entry in gallery.search("smiling eyes")} == {"😊", "😍", "😻"}
    assert gallery.search("cat octopus") == []


def test_search_puts_skin_tones_after_their_base(gallery: Gallery) -> None:
    assert [entry.emoji for entry in gallery.search("waving")] == ["👋", "👋🏽"]
    assert gallery.search("waving medium")[0].emoji == "👋🏽"


def test_search_tries_the_nearest_spelling_when_nothing_fits(gallery: Gallery) -> None:
    assert gallery.search("octopis")[0].emoji == "🐙"


def test_search_takes_filters_and_a_limit(gallery: Gallery) -> None:
    assert {entry.style for entry in gallery.search("cat", style="blob")} == {"blob"}
    assert [entry.emoji for entry in gallery.search("cat", group="animals & nature")] == ["🐈", "🐱"]
    assert len(gallery.search("", limit=3)) == 3
    with pytest.raises(UsageError, match="Unknown group"):
        gallery.search("cat", group="cars")


def test_an_empty_search_lists_every_emoji_once_in_unicode_order(gallery: Gallery) -> None:
    assert [entry.emoji for entry in gallery.search("", limit=None)] == [emoji for emoji, *_ in EMOJIS]


def test_groups_are_in_unicode_order(gallery: Gallery) -> None:
    assert gallery.groups() == ["Smileys & Emotion", "People & Body", "Animals & Nature"]


def test_each_entry_gets_its_own_row_of_tokens(gallery: Gallery, bundle_path: Path) -> None:
    size = json.loads((bundle_path / "manifest.json").read_text())["codebook"]["size"]
    expected = grids(size)
    assert len(gallery.entries) == len(ROWS)
    for entry in gallery.entries:
        tokens = gallery.tokens(entry)
        assert tokens.dtype == np.int64
        np.testing.assert_array_equal(tokens, expected[ROWS.index((entry.emoji, entry.style))])


def test_nine_bits_hold_the_default_codebook() -> None:
    assert token_bits(512) == 9


def test_a_bundle_without_a_gallery_says_so(bundle_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    manifest = json.loads((bundle_path / "manifest.json").read_text())
    manifest["gallery"] = {}
    for file in bundle_path.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with open_bundle(folder) as bundle, pytest.raises(BundleError, match="no gallery"):
        Gallery.from_bundle(bundle).find("cat")


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"styles": [], "emojis": [{}]}', b'{"styles": 1, "emojis": []}'])
def test_a_damaged_index_is_a_bundle_error(data: bytes) -> None:
    with pytest.raises(BundleError, match="damaged"):
        read_index(data, where="bundle")


def test_an_emoji_is_described_by_its_names_keywords_and_subgroup(gallery: Gallery) -> None:
    assert gallery.describe("😻") == ("smiling cat with heart-eyes", "smiling", "cat", "with", "heart", "eyes", "eye", "love", "cat-face")
    assert gallery.describe("octopus") == ("octopus", "animal-marine")
    assert gallery.describe("coder")[0] == "woman technologist"
    assert gallery.describe("love") == gallery.describe("zzz") == ()


def test_a_name_of_more_words_than_a_byte_counts_is_scored_as_any_other() -> None:
    names = [" ".join(f"w{i}" for i in range(n)) for n in (255, 256, 257, 512)]
    index = WordIndex([EmojiRecord("x", name, "Symbols", "other", (), "", "train", ("noto",), (0,)) for name in names])
    for scores in (index.scores(["w7"]), index.nearness(["w7"])):
        assert np.isfinite(scores).all()
        assert (np.diff(scores) < 0).all()  # the shorter the name, the more of it is said
