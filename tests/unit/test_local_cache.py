"""The cache of a local layer: what a token sees is the context and the window, wherever it lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.manifest import PLAIN_GRAPH
from emoterm.prior_model import LOCAL_MASK, LOCAL_PLACES, PAST, PRESENT, PriorModel, open_prior
from emoterm.prior_step import Decoding
from emoterm.sampling import SamplingParams

ROWS = 2


@pytest.fixture(scope="module")
def model(tiny_bundle: Bundle) -> PriorModel:
    found = open_prior(tiny_bundle, "cpu", name=PLAIN_GRAPH)
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


@pytest.mark.parametrize("begun", [1, 10, 47, 48, 49, 70, 200, 264])
def test_a_token_sees_the_context_the_window_and_itself(model: PriorModel, bound: dict[str, np.ndarray], begun: int) -> None:
    spec = model.spec
    context = spec.style_slots + spec.word_slots + 1
    cache = Decoding(model, rows=ROWS, n=ROWS, params=SamplingParams())._cache
    for first, new in ((0, begun), *((position, 1) for position in range(begun, min(begun + 120, spec.block_size)))):
        cache.see(first, new)
        for name in model.local_caches:
            # Bound as past and present alike, and written behind the place that is told.
            assert bound[name].ctypes.data == bound[PRESENT + name.removeprefix(PAST)].ctypes.data
            place = int(bound[LOCAL_PLACES][0])
            assert (bound[LOCAL_PLACES] == place).all()
            bound[name][..., place : place + new, :] = np.arange(first, first + new)[:, None] + 1
        for token in range(new):
            position = first + token
            near = range(max(context, position - spec.window + 1), position + 1)
            wanted = {place + 1 for place in (*range(min(context, position + 1)), *near)}
            assert all(found == wanted for found in seen(model, bound, token)), position


def test_it_is_no_longer_than_it_has_to_be(model: PriorModel, bound: dict[str, np.ndarray]) -> None:
    spec = model.spec
    cache = Decoding(model, rows=ROWS, n=ROWS, params=SamplingParams())._cache
    for first, new in ((0, 100), (100, 1), (101, 1)):
        cache.see(first, new)
        length = 100 if new == 100 else spec.style_slots + spec.word_slots + 1 + spec.window
        assert all(bound[name].shape[-2] == length for name in model.local_caches)


def test_no_tokens_in_the_middle_at_once(model: PriorModel, bound: dict[str, np.ndarray]) -> None:
    cache = Decoding(model, rows=ROWS, n=ROWS, params=SamplingParams())._cache
    cache.see(0, 5)
    with pytest.raises(AssertionError):
        cache.see(5, 2)
