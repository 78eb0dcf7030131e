"""The graphs that can do less draw what the whole one draws, to the bit, and are used wherever they will do."""

from __future__ import annotations

import numpy as np
import pytest

import emoterm.prior_graphs
from emoterm.bundle import open_bundle
from emoterm.manifest import GUIDED_GRAPH, PLAIN_GRAPH
from emoterm.prior import Prior
from emoterm.prior_graphs import PriorGraphs
from emoterm.prior_model import Needs, PriorModel
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition

LAW = SamplingParams(temperature=0.9, min_p=0.01)
CAT = Condition(style="noto", words=("cat",))


@pytest.fixture(scope="module")
def prior() -> Prior:
    with open_bundle(None) as bundle:
        assert {PLAIN_GRAPH, GUIDED_GRAPH} <= bundle.manifest.graphs.keys()
        found = Prior(bundle, device="cpu", threads=1)
        for needs in ("plain", "guided", "all"):
            found.graphs.step(needs)
        assert found.source.exists
    return found


def only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Use the graph of this name for everything."""
    monkeypatch.setattr(emoterm.prior_graphs, "graph_for", lambda *_: name)


@pytest.mark.parametrize("others", [GUIDED_GRAPH, "prior"])
@pytest.mark.parametrize("guidance", [1.0, 2.0])
@pytest.mark.parametrize("condition", [Condition(), CAT], ids=["anything", "a cat"])
def test_they_draw_the_same(prior: Prior, monkeypatch: pytest.MonkeyPatch, condition: Condition, guidance: float, others: str) -> None:
    law = SamplingParams(temperature=0.9, min_p=0.01, guidance=guidance)
    short = prior.generate([condition] * 2, seed=5, params=law)
    only(monkeypatch, others)
    assert np.array_equal(prior.generate([condition] * 2, seed=5, params=law), short)


@pytest.mark.parametrize("others", [GUIDED_GRAPH, "prior"])
def test_they_find_the_same_likelihoods(prior: Prior, monkeypatch: pytest.MonkeyPatch, others: str) -> None:
    tokens = prior.generate([Condition()] * 2, seed=6, params=LAW)
    short = prior.token_bits([Condition()] * 2, tokens)
    only(monkeypatch, others)
    assert np.array_equal(prior.token_bits([Condition()] * 2, tokens), short)


@pytest.mark.parametrize(
    ("params", "condition", "needs"),
    [
        (LAW, Condition(), "plain"),
        (LAW, Condition(style="noto"), "guided"),  # told cell by cell
        (SamplingParams(guidance=2.0), Condition(), "plain"),  # away from nothing, towards nothing
        (SamplingParams(guidance=2.0), Condition(style="noto"), "guided"),
        (SamplingParams(top_p=0.9), Condition(), "all"),
        (SamplingParams(top_k=50), Condition(style="noto"), "all"),
    ],
)
def test_each_is_used_where_it_will_do(
    prior: Prior, monkeypatch: pytest.MonkeyPatch, params: SamplingParams, condition: Condition, needs: Needs
) -> None:
    asked: list[Needs] = []
    whole = PriorGraphs.step

    def opening(self: PriorGraphs, needs: Needs) -> PriorModel:
        asked.append(needs)
        return whole(self, needs)

    monkeypatch.setattr(PriorGraphs, "step", opening)
    next(iter(prior.generate_rows([condition], seed=1, params=params)))
    assert asked == [needs]
