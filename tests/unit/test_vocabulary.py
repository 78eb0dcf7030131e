"""Styles and words ↔ tokens."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.errors import BundleError, UsageError
from emoterm.manifest import Manifest
from emoterm.vocabulary import Condition, Vocabulary

CONTENT = {"styles": ["noto", "blob"], "words": ["cat", "heart eyes", "red"], "groups": {"animals": ["cat"]}, "added_later": 1}
K = 16


@pytest.fixture
def manifest(tiny_bundle: Bundle) -> Manifest:
    """The tiny bundle's, with sizes that fit CONTENT."""
    whole = tiny_bundle.manifest
    codebook = dataclasses.replace(whole.codebook, size=K)
    prior = dataclasses.replace(whole.prior, vocab_size=K + 2 + 5, bos_token=K, null_token=K + 1, style_slots=1, word_slots=8)
    return dataclasses.replace(whole, codebook=codebook, prior=prior)


@pytest.fixture
def vocabulary(manifest: Manifest) -> Vocabulary:
    return Vocabulary.from_json(json.dumps(CONTENT), manifest)


def test_tokens_are_codes_then_bos_null_styles_words(vocabulary: Vocabulary) -> None:
    assert (vocabulary.bos_token, vocabulary.null_token) == (K, K + 1)
    assert [vocabulary.style_token(name) for name in vocabulary.styles] == [K + 2, K + 3]
    assert [vocabulary.word_token(word) for word in vocabulary.words] == [K + 4, K + 5, K + 6]
    assert vocabulary.n_tokens == K + 7
    assert vocabulary.groups == {"animals": ["cat"]}


def test_a_context_is_style_words_and_bos_with_null_where_nothing_is_asked(vocabulary: Vocabulary) -> None:
    bos, null = vocabulary.bos_token, vocabulary.null_token
    context = vocabulary.context([Condition(), Condition("blob", ("red", "cat")), Condition(words=("cat",) * 8)])
    assert context.dtype == np.int64
    assert context.tolist() == [
        [null] * 9 + [bos],
        [K + 3, K + 6, K + 4] + [null] * 6 + [bos],
        [null] + [K + 4] * 8 + [bos],
    ]
    assert vocabulary.context([]).shape == (0, 10)


def test_an_unknown_style_names_the_nearest_and_all(vocabulary: Vocabulary) -> None:
    with pytest.raises(UsageError, match=r"'Blobb' is not a style.*'blob'\?\nStyles: noto, blob"):
        vocabulary.style_token("Blobb")


def test_an_unknown_word_names_the_nearest(vocabulary: Vocabulary) -> None:
    with pytest.raises(UsageError, match=r"'hart eyes' is not a word.*'heart eyes'\?"):
        vocabulary.context([Condition(words=("hart eyes",))])
    with pytest.raises(UsageError, match=r"'zzz' is not a word of this bundle\.$"):
        vocabulary.word_token("zzz")


def test_more_words_than_slots_are_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(UsageError, match="at most 8 words, there are 9"):
        vocabulary.context([Condition(words=("cat",) * 9)])


def test_a_prior_without_a_style_slot_takes_no_style(manifest: Manifest) -> None:
    bare = dataclasses.replace(manifest, prior=dataclasses.replace(manifest.prior, style_slots=0, word_slots=2))
    vocabulary = Vocabulary.from_json(json.dumps(CONTENT), bare)
    assert vocabulary.context([Condition(words=("cat",))]).tolist() == [[K + 4, K + 1, K]]
    with pytest.raises(UsageError, match="takes no style"):
        vocabulary.context([Condition("noto")])


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"words": ["cat"]}, "vocab_size"),
        ({"styles": "noto"}, "styles should be a list"),
        ({"styles": None}, "styles should be a list"),
        ({"words": ["cat", "Dog", "red"]}, "words should be a list of lower-case"),
        ({"words": ["cat", "", "red"]}, "words should be a list"),
        ({"words": ["cat", "cat", "red"]}, "twice"),
        ({"groups": ["cat"]}, "groups should be an object"),
        ({"groups": {"animals": 3}}, "groups.animals should be a list"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(manifest: Manifest, changed: dict[str, object], complaint: str) -> None:
    with pytest.raises(BundleError, match=complaint):
        Vocabulary.from_json(json.dumps(CONTENT | changed), manifest)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", b"\xff\xfe\x00"])
def test_a_file_that_is_no_json_object_is_refused(manifest: Manifest, text: str | bytes) -> None:
    with pytest.raises(BundleError, match=manifest.vocabulary.file):
        Vocabulary.from_json(text, manifest)


def test_the_vocabulary_of_a_real_bundle_fits_its_manifest(tiny_bundle: Bundle) -> None:
    vocabulary = Vocabulary.from_json(tiny_bundle.read(tiny_bundle.manifest.vocabulary), tiny_bundle.manifest)
    tokens = [vocabulary.style_token(name) for name in vocabulary.styles] + [vocabulary.word_token(word) for word in vocabulary.words]
    assert tokens == list(range(tiny_bundle.manifest.codebook.size + 2, tiny_bundle.manifest.prior.vocab_size))
