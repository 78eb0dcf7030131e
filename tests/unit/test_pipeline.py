"""From a request to pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoterm.brief import GUIDANCE, TEMPERATURE
from emoterm.bundle import Bundle
from emoterm.imaging.compose import to_uint8
from emoterm.pipeline import DECODED_AT_ONCE, Pipeline
from emoterm.request import SEARCH_VERSION, Request
from emoterm.sampling import law_of
from emoterm.vocabulary import Condition

SEED = 3


@pytest.fixture(scope="module")
def pipeline(default_bundle: Bundle) -> Pipeline:
    return Pipeline.of(default_bundle, device="cpu")


def test_a_picture_does_not_depend_on_those_made_with_it(pipeline: Pipeline) -> None:
    request = Request.from_prompt(pipeline.parse("happy blue star"))
    whole, last = (pipeline.brief(request, seed=SEED, pictures=pictures) for pictures in (range(3), range(2, 3)))
    params = law_of(pipeline.usual(whole))
    tokens = pipeline.sample(whole, seed=SEED, params=params)
    assert np.array_equal(pipeline.sample(last, seed=SEED, params=params, first_picture=2), tokens[2:])
    assert all(finish.face for finish in whole.finishes)
    drawn = pipeline.prior.generate(whole.conditions, seed=SEED, params=params, sources=whole.sources)
    assert not (tokens == drawn).all(axis=1).any()  # each of them was finished
    assert np.array_equal(pipeline.finish(drawn, whole), tokens)


def test_the_law_suits_what_is_drawn_after_and_what_is_said_goes_before_it(pipeline: Pipeline) -> None:
    usual = pipeline.bundle.manifest.prior.sampling
    free, after = (pipeline.brief(Request(by_chance=by_chance), seed=SEED, pictures=range(1)) for by_chance in (False, True))
    assert pipeline.usual(free) == pipeline.usual() == usual
    assert vars(law_of(usual)) == vars(usual)
    suited = pipeline.usual(after)
    assert (suited.temperature, suited.guidance) == (TEMPERATURE, GUIDANCE)
    said = law_of(suited, temperature=0.0, top_k=7)
    assert (said.temperature, said.top_k, said.top_p, said.min_p, said.guidance) == (0.0, 7, usual.top_p, usual.min_p, GUIDANCE)
    for m in (0.0, 0.3):
        assert law_of(suited, min_p=m) == replace(law_of(suited), min_p=m)


def test_pixels_are_what_the_decoder_gives_however_many_there_are(pipeline: Pipeline) -> None:
    entries = pipeline.gallery.entries[: DECODED_AT_ONCE + 2]
    tokens = np.stack([pipeline.gallery.tokens(entry) for entry in entries])
    pixels = pipeline.pixels(tokens)
    assert pixels.shape == (len(entries), 64, 64, 4)
    for i in (0, DECODED_AT_ONCE - 1, DECODED_AT_ONCE, DECODED_AT_ONCE + 1):
        assert np.array_equal(pixels[i], to_uint8(pipeline.codec.decode_tokens(tokens[[i]]))[0])
    assert pipeline.pixels(tokens[:0]).shape == (0, 64, 64, 4)


def test_a_request_for_words_alone_searches_for_nothing(pipeline: Pipeline) -> None:
    request = Request.from_prompt(pipeline.parse("happy blue star", style="noto"))
    assert (request.color, request.feeling) == ("blue", "happy")
    alone = request.words_alone()
    brief = pipeline.brief(alone, seed=SEED, pictures=range(2))
    assert brief.conditions == [Condition(style="noto", words=request.words)] * 2
    assert (brief.after, brief.sources, brief.finishes) == ((), None, ())
    assert alone.parameters == {"words": request.words, "style": "noto"}
    found_so = {"sought": request.sought, "color": "blue", "feeling": "happy", "search_version": SEARCH_VERSION}
    assert request.parameters == {**alone.parameters, **found_so}
