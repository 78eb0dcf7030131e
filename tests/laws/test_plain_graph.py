"""The graph without guidance, source and nucleus draws what the whole one draws, to the bit, and is used wherever it will do."""

from __future__ import annotations

import numpy as np
import pytest

import emoterm.prior
from emoterm.bundle import open_bundle
from emoterm.manifest import PLAIN_GRAPH
from emoterm.prior import Prior
from emoterm.prior_model import PriorModel
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition

PLAIN = SamplingParams(temperature=0.9, top_k=50, top_p=1.0, guidance=1.0)


@pytest.fixture(scope="module")
def prior() -> Prior:
    with open_bundle(None) as bundle:
        assert PLAIN_GRAPH in bundle.manifest.graphs
        found = Prior(bundle, device="cpu", threads=1)
        for plain in (False, True):
            found._open(plain=plain)
        assert found.source.exists
    return found


@pytest.mark.parametrize("condition", [Condition(), Condition(style="noto", words=("cat",))], ids=["anything", "a cat"])
@pytest.mark.parametrize("n", [1, 3])
def test_it_draws_the_same(prior: Prior, monkeypatch: pytest.MonkeyPatch, condition: Condition, n: int) -> None:
    short = prior.generate([condition] * n, seed=5, params=PLAIN)
    monkeypatch.setattr(emoterm.prior, "has_plain", lambda *_: False)
    assert np.array_equal(prior.generate([condition] * n, seed=5, params=PLAIN), short)


def test_it_finds_the_same_likelihoods(prior: Prior, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = prior.generate([Condition()] * 2, seed=6, params=PLAIN)
    short = prior.token_bits([Condition()] * 2, tokens)
    monkeypatch.setattr(emoterm.prior, "has_plain", lambda *_: False)
    assert np.array_equal(prior.token_bits([Condition()] * 2, tokens), short)


@pytest.mark.parametrize(
    ("params", "condition", "plain"),
    [
        (PLAIN, Condition(), True),
        (PLAIN, Condition(style="noto"), False),  # told cell by cell
        (SamplingParams(guidance=2.0), Condition(), True),  # away from nothing, towards nothing
        (SamplingParams(guidance=2.0), Condition(style="noto"), False),
        (SamplingParams(top_p=0.9), Condition(), False),
    ],
)
def test_it_is_used_where_it_will_do(
    prior: Prior, monkeypatch: pytest.MonkeyPatch, params: SamplingParams, condition: Condition, plain: bool
) -> None:
    asked: list[bool] = []
    whole = Prior._open

    def opening(self: Prior, *, plain: bool) -> PriorModel:
        asked.append(plain)
        return whole(self, plain=plain)

    monkeypatch.setattr(Prior, "_open", opening)
    next(iter(prior.generate_rows([condition], seed=1, params=params)))
    assert asked == [plain]
