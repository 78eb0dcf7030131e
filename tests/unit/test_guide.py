"""What the prior is told of each cell: by words, by a picture, by both, and nothing where nothing is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emoterm.prior
from emoterm.bundle import open_bundle
from emoterm.guide import GuideReader
from emoterm.prior import Prior
from emoterm.prior_step import Decoding
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition

PLAIN, GUIDED = SamplingParams(guidance=1.0), SamplingParams(guidance=3.0)


@pytest.fixture
def prior(tiny_bundle_path: Path) -> Iterator[Prior]:
    with open_bundle(tiny_bundle_path) as bundle:
        yield Prior(bundle, device="cpu", threads=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The guide of each batch that is begun, None where it has none."""
    seen: list[Any] = []

    class Watched(Decoding):
        def __init__(self, *args: Any, guide: Any = None, **options: Any) -> None:
            seen.append(guide)
            super().__init__(*args, guide=guide, **options)

    monkeypatch.setattr(emoterm.prior, "Decoding", Watched)
    return seen


def asked(prior: Prior, *, words: int = 1) -> Condition:
    return Condition(style=prior.vocabulary.styles[0], words=tuple(prior.vocabulary.words[:words]))


def by_words(prior: Prior, condition: Condition) -> np.ndarray:
    return prior.words.read(prior.vocabulary.context([condition])[:, :-1]).rows(slice(None))


def test_style_and_words_are_read_and_nothing_is_not(prior: Prior, told: list[Any]) -> None:
    condition = asked(prior)
    prior.generate([condition], seed=1, params=PLAIN)
    alone = Condition(style=condition.style)
    prior.generate([alone], seed=1, params=PLAIN)
    prior.generate([Condition()], seed=1, params=GUIDED)
    for guide, asked_for in zip(told, (condition, alone), strict=False):
        assert np.array_equal(guide, by_words(prior, asked_for))
        assert np.abs(guide).max() > 0
    assert told[2] is None


def test_the_half_that_is_asked_for_nothing_is_told_nothing(prior: Prior, told: list[Any]) -> None:
    condition = asked(prior)
    prior.generate([condition, asked(prior, words=2)], seed=1, params=GUIDED)
    assert told[0].shape[0] == 2  # of four rows
    assert np.array_equal(told[0][:1], by_words(prior, condition))


def test_the_rows_that_are_told_nothing_read_zeros(prior: Prior, told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    condition = asked(prior)
    as_it_is = prior.generate([condition], seed=1, params=GUIDED)
    write = Prior._write

    def padded(self: Prior, model: Any, context: Any, known: Any, numbers: Any, params: Any, guide: Any) -> Any:
        return write(self, model, context, known, numbers, params, np.concatenate([guide, np.zeros_like(guide)]))

    monkeypatch.setattr(Prior, "_write", padded)
    assert np.array_equal(prior.generate([condition], seed=1, params=GUIDED), as_it_is)


def test_guidance_leads_away_from_a_style(prior: Prior, told: list[Any]) -> None:
    wanted, unwanted = prior.vocabulary.styles[:2]
    away = Condition(style=wanted, unlike=unwanted)
    drawn = prior.generate([away] * 4, seed=1, params=GUIDED)
    assert np.array_equal(told[0][4:5], by_words(prior, Condition(style=unwanted)))
    assert (drawn != prior.generate([Condition(style=wanted)] * 4, seed=1, params=GUIDED)).any()
    # Guidance 1 takes what is asked for as it is.
    assert np.array_equal(prior.generate([away], seed=1, params=PLAIN), prior.generate([Condition(style=wanted)], seed=1, params=PLAIN))


def test_pictures_without_words_beside_others_are_told_nothing(prior: Prior, told: list[Any]) -> None:
    prior.generate([asked(prior), Condition()], seed=1, params=PLAIN)
    assert told[0][0].any()
    assert not told[0][1].any()


def test_words_and_a_picture_add_up(prior: Prior, told: list[Any]) -> None:
    condition = asked(prior)
    source = np.arange(256)[None] % prior.vocabulary.codebook_size
    prior.generate([condition], seed=1, params=PLAIN, sources=source)
    assert np.allclose(told[0], by_words(prior, condition) + prior.source.read(source).rows(slice(None)))


def test_a_prompt_is_likelier_with_what_the_words_say(prior: Prior, monkeypatch: pytest.MonkeyPatch) -> None:
    condition = asked(prior)
    tokens = prior.generate([condition] * 4, seed=1, params=PLAIN)
    with_words = prior.bits([condition] * 4, tokens)
    monkeypatch.setattr(GuideReader, "exists", property(lambda self: False))
    assert not np.allclose(prior.bits([condition] * 4, tokens), with_words)


def test_each_condition_is_read_once(prior: Prior, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    read = GuideReader.read
    monkeypatch.setattr(GuideReader, "read", lambda self, values: (seen.append(len(np.unique(values, axis=0))), read(self, values))[1])
    prior.generate([asked(prior)] * 3, seed=1, params=PLAIN)
    assert seen == [1]


def test_pictures_that_are_told_the_same_share_it(prior: Prior) -> None:
    context = prior.vocabulary.context([asked(prior), Condition(), asked(prior)] * 100)[:, :-1]
    guide = prior.words.read(context)
    first, nothing, last = guide.rows(slice(0, 3))
    assert np.array_equal(first, last)
    assert not np.array_equal(first, nothing)
    assert prior.words.said_of(context[0]) is prior.words.said_of(context[2])  # read once, half a megabyte
    assert np.array_equal((guide + guide).rows(slice(0, 1)), 2 * guide.rows(slice(0, 1)))


def test_what_was_said_of_a_row_cannot_be_changed(prior: Prior) -> None:
    said = prior.words.said_of(prior.vocabulary.context([asked(prior)])[0, :-1])
    with pytest.raises(ValueError, match="read-only"):
        said += 1
