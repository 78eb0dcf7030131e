"""The cache of the prior: what is in it does not depend on how it grows."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from emoterm import kv_cache
from emoterm.bundle import Bundle
from emoterm.manifest import PLAIN_GRAPH
from emoterm.prior_model import PriorModel, open_prior
from emoterm.prior_step import Decoding
from emoterm.sampling import SamplingParams

ROWS, STEPS = 3, 60


@pytest.fixture(scope="module")
def model(tiny_bundle: Bundle) -> PriorModel:
    return open_prior(tiny_bundle, "cpu", name=PLAIN_GRAPH)


def written(model: PriorModel, rows: int = ROWS) -> np.ndarray:
    """Tokens (rows, 1 + STEPS) of pictures that are asked for nothing."""
    spec = model.spec
    context = np.tile([spec.null_token] * (spec.style_slots + spec.word_slots) + [spec.bos_token], (rows, 1))
    numbers = np.random.default_rng(0).random((STEPS + 1, ROWS, 1))[:, :rows]
    decoding = Decoding(model, rows=rows, n=rows, params=SamplingParams())
    tokens = [decoding.read(context, numbers[0]).copy()]
    tokens += [decoding.step(uniforms).copy() for uniforms in numbers[1:]]
    return np.stack(tokens, 1)


@pytest.mark.parametrize("growth", [1, 7, 1000])
def test_tokens_do_not_depend_on_how_the_cache_grows(model: PriorModel, monkeypatch: pytest.MonkeyPatch, growth: int) -> None:
    wanted = written(model)
    monkeypatch.setattr(kv_cache, "GROWTH", growth)
    assert np.array_equal(written(model), wanted)


@pytest.mark.parametrize("rows", [1, 2])
def test_a_picture_does_not_depend_on_those_beside_it(model: PriorModel, rows: int) -> None:
    assert np.array_equal(written(model, rows), written(model)[:rows])


def test_what_was_read_stays_where_it_belongs_when_there_is_more_room(model: PriorModel) -> None:
    spec = model.spec
    decoding = Decoding(model, rows=2, n=2, params=SamplingParams())
    cache = decoding._cache
    cache.see(0, 5)

    def views() -> list[np.ndarray]:
        return [cache._bound.view(name, memory, cache._length) for name, memory in zip(model.caches, cache._memory, strict=True)]

    for number, view in enumerate(views()):
        view[:, :5] = (np.arange(2 * 5 * spec.head_dim).reshape(2, 5, spec.head_dim) + number) % 251
    before = [view[:, :5].copy() for view in views()]
    for position in range(5, 5 + kv_cache.GROWTH):
        cache.see(position, 1)
    for view, old in zip(views(), before, strict=True):
        assert np.array_equal(view[:, :5], old)
        assert (view[:, 5:] == 0).all()  # what lies there now would else be mixed in with a weight of nearly nothing


def test_a_new_token_sees_those_before_it_and_itself(model: PriorModel) -> None:
    cache = Decoding(model, rows=1, n=1, params=SamplingParams())._cache
    for first, new in ((0, 4), *((position, 1) for position in range(4, 6 + kv_cache.GROWTH))):
        cache.see(first, new)
        mask = cache._mask
        assert mask is not None
        assert mask.shape[0] == new
        seen = (mask == 0).all(axis=1)  # (T, g, L) → (T, L)
        assert np.array_equal(seen, np.arange(mask.shape[2]) <= np.arange(first, first + new)[:, None])
        assert np.isneginf(mask[~np.repeat(seen[:, None], mask.shape[1], axis=1)]).all()


def test_the_memory_of_a_batch_is_free_as_soon_as_it_is_done(model: PriorModel) -> None:
    decoding = Decoding(model, rows=ROWS, n=ROWS, params=SamplingParams())
    decoding.read(np.full((ROWS, 3), model.spec.bos_token), np.zeros((ROWS, 1)))
    decoding.step(np.zeros((ROWS, 1)))
    memory = weakref.ref(decoding._cache)
    gc.disable()  # which would come too late: it counts objects, not bytes
    try:
        del decoding
        assert memory() is None
    finally:
        gc.enable()
