"""What decodes bytes of strangers raises nothing but EmotermError: over the corpus, over damaged copies of it, and over made-up values."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoterm.errors import InputError
from emoterm.recipe import MAX_TOKEN_BITS, Recipe, RecipeInput
from emoterm.safe_text import is_safe, safe, safe_json
from emoterm.tokenfile import pack, picture_bytes, unpack
from tests.hostile import make_corpus
from tests.hostile.make_corpus import RECIPE
from tests.hostile.mutate import mutate
from tests.hostile.targets import CORPUS, TARGETS, gallery, manifest, seeds, tiny_files, try_input

SEEDS = [(name, path) for name in TARGETS for path in seeds(name)]
QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def test_every_target_has_a_corpus() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert all(len(seeds(name)) >= 3 for name in TARGETS)


def test_the_corpus_can_be_made_anew() -> None:
    for name in TARGETS:
        assert getattr(make_corpus, f"{name}_seeds")().keys() == {path.name for path in seeds(name)}


@pytest.mark.parametrize(("name", "path"), SEEDS, ids=[f"{name}-{path.name}" for name, path in SEEDS])
def test_a_seed_is_read_or_refused(name: str, path: Any) -> None:
    accepted = try_input(TARGETS[name], path.read_bytes())
    if path.stem in ("whole", "one", "two", "recipe", "column-major", "four") or name == "image":
        assert accepted
    elif name not in ("config", "metadata"):  # infinity is left to the command, and a file with a bad recipe can still lose it
        assert not accepted


@pytest.mark.parametrize("name", TARGETS)
@QUICK
@given(number=st.integers(0, 2**64))
def test_damaged_bytes_are_read_or_refused(name: str, number: int) -> None:
    data = [path.read_bytes() for path in seeds(name)]
    rng = random.Random(number)
    try_input(TARGETS[name], mutate(rng.choice(data), data, rng))


@pytest.mark.parametrize("name", TARGETS)
@QUICK
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    try_input(TARGETS[name], data)


def test_a_target_that_lets_something_through_is_found_out() -> None:
    """The tests above can fail."""

    def careless(data: bytes) -> None:
        json.loads(data)

    with pytest.raises(ValueError, match="Expecting"):
        try_input(careless, b"{")


@settings(QUICK, max_examples=120)
@given(data=st.data())
def test_any_json_value_in_a_manifest_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads(tiny_files()["manifest.json"])
    _replace_somewhere(document, data.draw(json_values), data.draw)
    try_input(manifest, json.dumps(document).encode("utf-8", "surrogatepass"))


@settings(QUICK, max_examples=60)
@given(data=st.data())
def test_any_json_value_in_a_gallery_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads((CORPUS / "gallery" / "two.json").read_bytes())
    _replace_somewhere(document, data.draw(json_values), data.draw)
    try_input(gallery, json.dumps(document).encode("utf-8", "surrogatepass"))


def _replace_somewhere(document: Any, value: Any, draw: Callable[..., Any]) -> None:
    """Put a value in place of another one, at any depth."""
    while True:
        key = draw(st.sampled_from(sorted(document) if isinstance(document, dict) else range(len(document))))
        if not document[key] or not isinstance(document[key], dict | list) or draw(st.booleans()):
            document[key] = value
            return
        document = document[key]


@QUICK
@given(bits=st.integers(1, 16), n=st.integers(1, 4), number=st.integers(0, 2**32))
def test_tokens_come_back_from_their_bytes(bits: int, n: int, number: int) -> None:
    rows = np.random.default_rng(number).integers(0, 2**bits, (n, 256))
    data = pack(rows, bits)
    assert len(data) == n * picture_bytes(bits=bits)
    np.testing.assert_array_equal(unpack(data, bits=bits), rows)


@QUICK
@given(bits=st.integers(1, 16), extra=st.integers(1, 31))
def test_a_token_file_of_another_length_is_refused(bits: int, extra: int) -> None:
    with pytest.raises(InputError, match="bytes each"):
        unpack(bytes(picture_bytes(bits=bits) + extra), bits=bits)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64) + 1, 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
)
recipes = st.builds(
    Recipe,
    st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), scalars | st.lists(scalars, max_size=4).map(tuple), max_size=5),
    st.text(max_size=20),
    st.text(max_size=20),
    st.just("0123456789abcdef" * 4),
    tokens=st.integers(0, 3).map(lambda n: bytes(288 * n)),
    inputs=st.lists(st.builds(RecipeInput, st.text(max_size=20), picture=st.binary(max_size=50)), max_size=3).map(tuple),
    source=st.none() | st.just(RECIPE),
)


@settings(QUICK, max_examples=100)
@given(recipe=recipes)
def test_any_recipe_comes_back_from_its_text(recipe: Recipe) -> None:
    assert 1 <= recipe.token_bits <= MAX_TOKEN_BITS
    assert Recipe.from_json(recipe.to_json()) == recipe


@settings(QUICK, max_examples=200)
@given(text=st.text(st.characters(), max_size=40))
def test_a_text_made_safe_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = safe(text)
    assert is_safe(shown)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    assert (shown == text) == is_safe(text)
    document = json.dumps(text, ensure_ascii=False)
    assert json.loads(safe_json(document)) == text
    assert is_safe(safe_json(document))
