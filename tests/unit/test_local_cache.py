"""The cache of a local layer: what a token sees is the context and the window, wherever it lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.kv_cache import KeyValueCache
from emoterm.prior_model import LOCAL_MASK, LOCAL_PLACES, MOST_AHEAD, PAST, PRESENT, PriorModel, open_prior
from emoterm.prior_step import Decoding
from emoterm.sampling import SamplingParams

ROWS = 2


@pytest.fixture(scope="module")
def model(tiny_bundle: Bundle) -> PriorModel:
    found = open_prior(tiny_bundle, "cpu", name="prior_standard")  # whose caches are floats, which can hold the number of any position
    assert found.local_caches
    assert found.caches
    return found


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """What is bound, by its name."""
    arrays: dict[str, np.ndarray] = {}

    class Binding:
        def bind_ortvalue_input(self, name: str, value: Any) -> None:
            arrays[name] = value.numpy()

        bind_ortvalue_output = bind_ortvalue_input
        bind_cpu_input = lambda self, name, value: None  # noqa: E731

    monkeypatch.setattr("onnxruntime.InferenceSession.io_binding", lambda self: Binding())
    return arrays


def seen(model: PriorModel, bound: dict[str, np.ndarray], token: int) -> list[set[int]]:
    """The positions that a new token of each row sees, which the test has written into keys and values where the graph would have."""
    visible = (bound[LOCAL_MASK][token] == 0).all(axis=0)  # (g, M) → (M,)
    found = []
    for name in model.local_caches:
        rows = bound[name][..., 0].reshape(ROWS, -1)  # (B, …, M) → (B, M)
        found += [set(row[visible].astype(int).tolist()) for row in rows]
        assert all(len(row[visible]) == len(set(row[visible])) for row in rows), "one of them twice"
    return found


def size(model: PriorModel) -> int:
    """Places of a buffer: the context, the window, and those that several tokens at once need besides."""
    return model.spec.style_slots + model.spec.word_slots + 1 + model.spec.window + MOST_AHEAD - 1


def check(model: PriorModel, bound: dict[str, np.ndarray], cache: KeyValueCache, first: int, new: int) -> None:
    """Read ``new`` tokens from position ``first`` on: each sees the context, the window and itself, and nothing else."""
    spec = model.spec
    context = spec.style_slots + spec.word_slots + 1
    cache.see(first, new)
    for name in model.local_caches:
        # Bound as past and present alike, and written behind the place that is told.
        assert bound[name].ctypes.data == bound[PRESENT + name.removeprefix(PAST)].ctypes.data
        place = int(bound[LOCAL_PLACES][0])
        assert (bound[LOCAL_PLACES] == place).all()
        assert place + new <= bound[name].shape[-2]
        bound[name][..., place : place + new, :] = np.arange(first, first + new)[:, None] + 1
    for token in range(new):
        position = first + token
        near = range(max(context, position - spec.window + 1), position + 1)
        wanted = {place + 1 for place in (*range(min(context, position + 1)), *near)}
        assert all(found == wanted for found in seen(model, bound, token)), position


def new_cache(model: PriorModel) -> KeyValueCache:
    return Decoding(model, rows=ROWS, n=ROWS, params=SamplingParams())._cache


@pytest.mark.parametrize("begun", [1, 10, 47, 48, 49, 53, 70, 200, 264])
def test_a_token_sees_the_context_the_window_and_itself(model: PriorModel, bound: dict[str, np.ndarray], begun: int) -> None:
    cache = new_cache(model)
    for first, new in ((0, begun), *((position, 1) for position in range(begun, min(begun + 120, model.spec.block_size)))):
        check(model, bound, cache, first, new)


@pytest.mark.parametrize("begun", [1, 10, 52, 70])
@pytest.mark.parametrize("seed", [0, 1])
def test_so_it_does_when_several_are_read_at_once_and_some_of_them_again(
    model: PriorModel, bound: dict[str, np.ndarray], begun: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cache, first, sizes = new_cache(model), begun, set()
    check(model, bound, cache, 0, begun)
    while first < model.spec.block_size:
        new = int(rng.integers(1, min(MOST_AHEAD, cache.room(first)) + 1))
        check(model, bound, cache, first, new)
        sizes.add(new)
        first += int(rng.integers(1, new + 1))  # those behind it were wrong, and are read again
    assert MOST_AHEAD in sizes


def test_it_is_no_longer_than_it_has_to_be(model: PriorModel, bound: dict[str, np.ndarray]) -> None:
    cache = new_cache(model)
    for first, new in ((0, 100), (100, 1), (101, 1)):
        cache.see(first, new)
        length = 100 if new == 100 else size(model)
        assert all(bound[name].shape[-2] == length for name in model.local_caches)


@pytest.mark.parametrize("first", [10, 30, 52, 53, 60, 95, 96, 263])
def test_there_is_room_up_to_an_edge_and_no_farther(model: PriorModel, bound: dict[str, np.ndarray], first: int) -> None:
    cache = new_cache(model)
    check(model, bound, cache, 0, first)
    room = cache.room(first)
    assert 1 <= room <= MOST_AHEAD
    check(model, bound, cache, first, room)
    with pytest.raises(AssertionError):
        cache.see(first, room + 1)
