"""Galleries of a hundred thousand emojis answer what looking at each of them would."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.large_gallery import make_large_gallery
from emoterm import json_stream
from emoterm.bundle import Bundle, open_bundle
from emoterm.gallery import Gallery
from emoterm.gallery_index import EmojiRecord, read_index
from emoterm.gallery_words import Spellings
from emoterm.names import plain
from emoterm.neighbours import Neighbours
from emoterm.word_forms import word_forms

N = 100_000


@pytest.fixture(scope="module")
def large(default_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    with open_bundle(make_large_gallery(default_bundle, tmp_path_factory.mktemp("large") / "bundle", N)) as bundle:
        yield bundle


@pytest.fixture(scope="module")
def gallery(large: Bundle) -> Gallery:
    """Read once: that takes seconds."""
    return Gallery.from_bundle(large)


@pytest.fixture(scope="module")
def neighbours(gallery: Gallery, large: Bundle) -> Neighbours:
    return Neighbours(gallery, large.codebook())


class OneByOne:
    """The law of the search as plain Python over one emoji after the other."""

    def __init__(self, emojis: Sequence[EmojiRecord]) -> None:
        self.emojis = emojis
        self.names = [set(plain(emoji.name).split()) for emoji in emojis]
        self.phrases = [{plain(keyword) for keyword in emoji.keywords} for emoji in emojis]
        self.keywords = [{word for phrase in phrases for word in phrase.split()} for phrases in self.phrases]
        self.groups = [set(plain(f"{emoji.group} {emoji.subgroup}").split()) for emoji in emojis]

    def search(self, query: str, limit: int) -> list[tuple[str, str]]:
        words = plain(query).split()
        scores = [self.score(i, words) for i in range(len(self.emojis))]
        best = sorted((i for i, score in enumerate(scores) if score > 0), key=lambda i: -scores[i])
        return [(self.emojis[i].emoji, self.emojis[i].name) for i in best[:limit]]

    def score(self, i: int, words: list[str]) -> float:
        worth = [self.worth(i, word) for word in words]
        if min(worth) == 0:
            return 0.0
        total = sum(worth) / len(words) + worth.count(4.0) / len(self.names[i])
        total += 4.0 * (plain(self.emojis[i].name) == " ".join(words))
        total += 0.05 * (self.emojis[i].subgroup.startswith("face-") and min(worth) >= 3.0)
        return total - 0.5 * bool(self.emojis[i].skin_tone)

    def worth(self, i: int, word: str) -> float:
        forms = set(word_forms(word))
        places = [
            (4.0, forms & self.names[i]),
            (3.0, any(each.startswith(word) for each in self.names[i])),
            (2.5, forms & self.phrases[i]),
            (2.0, forms & self.keywords[i]),
            (1.5, any(each.startswith(word) for each in self.keywords[i])),
            (1.0, forms & self.groups[i]),
        ]
        return next((value for value, fits in places if fits), 0.0)


QUERIES = ("cat", "cats", "smiling eyes", "face", "s", "hand dark", "animal", "flag", "red heart", "heart eyes cat", "person walking")


def found_by(gallery: Gallery, query: str, limit: int) -> list[tuple[str, str]]:
    return [(entry.emoji, entry.name) for entry in gallery.search(query, limit=limit)]


def test_search_is_what_looking_at_each_emoji_gives(default_bundle: Bundle) -> None:
    gallery = Gallery.from_bundle(default_bundle)
    one_by_one = OneByOne(gallery._index.emojis)
    for query in QUERIES:
        expected = one_by_one.search(query, 5000)
        assert expected
        assert found_by(gallery, query, 5000) == expected, query


def test_search_of_a_hundred_thousand_is_what_looking_at_them_gives(gallery: Gallery) -> None:
    emojis = gallery._index.emojis
    assert len(emojis) == N
    for query in ("cat", "smiling heart"):
        found = [entry.row for entry in gallery.search(query, limit=None)]
        looked_at = [*found[:300], *range(0, N, 25)]
        one_by_one = OneByOne([emojis[i] for i in looked_at])
        scores = [one_by_one.score(i, query.split()) for i in range(len(looked_at))]
        assert scores[: len(found)][:300] == sorted(scores[: len(found)][:300], reverse=True)
        assert [score > 0 for score in scores] == np.isin(looked_at, found).tolist()
        np.testing.assert_array_equal(gallery._words.scores(query.split())[looked_at], scores)


def test_distances_and_nearest_of_a_hundred_thousand_are_those_of_the_latents(
    neighbours: Neighbours, gallery: Gallery, large: Bundle
) -> None:
    codes = large.codebook()
    query = gallery.tokens(gallery.entry(70_000)).copy()
    query[:60] = gallery.tokens(gallery.entry(123))[:60]
    terms = np.square(codes[None].astype(np.float64) - codes[query][:, None]).sum(axis=2)  # (256, K)
    tokens = np.concatenate([gallery.token_rows(start, start + 4000) for start in range(0, N, 4000)])
    expected = np.sqrt(np.concatenate([terms[np.arange(256), part].sum(axis=1) for part in np.split(tokens, 25)]))
    for i in range(0, N, 1000):
        assert expected[i] == pytest.approx(np.linalg.norm(codes[tokens[i]] - codes[query]), rel=1e-5)
    np.testing.assert_allclose(neighbours.distances(query), expected, rtol=1e-4)
    nearest = np.argsort(expected, kind="stable").tolist()
    eligible = list(islice((i for i in nearest if not gallery.entry(i).skin_tone), 100))  # a hundred thousand entries take long to read
    assert [entry.row for entry in neighbours.nearest(query, 24)] == eligible[:24]
    without = gallery.entry(eligible[0]).emoji or "none"
    rows = [i for i in eligible if gallery.entry(i).emoji != without]
    assert len(rows) >= 24
    assert [entry.row for entry in neighbours.nearest(query, 24, without=without)] == rows[:24]


def test_an_entry_is_found_by_its_number_without_the_others(default_bundle: Bundle) -> None:
    gallery = Gallery.from_bundle(default_bundle)
    numbers = range(0, len(gallery.entries), 97)
    assert [gallery.entry(i) for i in numbers] == [gallery.entries[i] for i in numbers]
    grids = Neighbours(gallery, default_bundle.codebook()).grids
    for i in numbers:
        np.testing.assert_array_equal(grids[i], gallery.tokens(gallery.entries[i]))
    assert gallery.has_skin_tone.tolist() == [bool(entry.skin_tone) for entry in gallery.entries]


def test_the_nearest_spelling_is_that_of_difflib(default_bundle: Bundle) -> None:
    rng = np.random.default_rng(0)
    words = sorted({word for emoji in read_index(_index(default_bundle), where="").emojis for word in plain(emoji.name).split()})
    words = words[::3]
    spellings = Spellings(words)
    for word in rng.choice(words, 40).tolist():
        letters = list(word)
        for _ in range(rng.integers(1, 4)):
            letters[rng.integers(len(letters))] = str(rng.choice(list("abcdefghijklmnopqrstuvwxyzé😊")))
        typed = "".join(letters)
        assert spellings.nearest(typed) == next(iter(difflib.get_close_matches(typed, words, n=1, cutoff=0.75)), None)
    assert Spellings([]).nearest("cat") is None
    long = ["a" * 300, "b" * 20]
    assert Spellings(long).nearest("a" * 310) == long[0]
    assert Spellings(long).nearest("b" * 19 + "x") == long[1]


@pytest.mark.parametrize("window_bytes", [1, 7, 1000, 1 << 20])
def test_json_in_windows_is_json(default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, window_bytes: int) -> None:
    monkeypatch.setattr(json_stream, "WINDOW_BYTES", window_bytes)
    whole = json.loads(_index(default_bundle))
    whole["emojis"] = whole["emojis"][:: 500 if window_bytes < 1000 else 1]
    whole |= {"number": -12.5e3, "more": [1, {"a": None}], "last": 7}
    for indent in (None, 2):
        data = json.dumps(whole, ensure_ascii=False, indent=indent).encode()
        members = list(json_stream.members(data, "emojis"))
        assert [value for key, value in members if key == "emojis"] == whole["emojis"]
        assert {key: value for key, value in members if key != "emojis"} == {key: value for key, value in whole.items() if key != "emojis"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"a"', '{"a" 1}', '{"a": }', '{"a": 1,}', '{"e": [1,]}', '{"e": [1', '{"e": {}}', "{1: 2}", "{} x", '{"a": 1} 2'],
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(json_stream.members(text.encode(), "e"))


def test_the_made_up_gallery_is_the_same_again_and_begins_with_the_known_one(default_bundle: Bundle, tmp_path: Path) -> None:
    paths = [make_large_gallery(default_bundle, tmp_path / name, 4000) for name in ("a", "b")]
    assert (paths[0] / "manifest.json").read_bytes() == (paths[1] / "manifest.json").read_bytes()  # it has the digests of the others
    with open_bundle(paths[0]) as bundle:
        bundle.verify()
        gallery, known = Gallery.from_bundle(bundle), Gallery.from_bundle(default_bundle)
        for entry in known.search("", limit=3):
            np.testing.assert_array_equal(gallery.tokens(gallery.find(entry.name)), known.tokens(entry))
        late = gallery.tokens(gallery.entry(3700))
        assert 0.5 < (late == known.tokens(known.search("", limit=None)[3700 - len(known._index.emojis)])).mean() < 1


def _index(bundle: Bundle) -> bytes:
    return bundle.read(bundle.manifest.gallery["index"])
