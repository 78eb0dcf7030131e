"""A single picture is written several tokens a step, and comes out as it does one by one, to the bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from emoterm.bundle import Bundle
from emoterm.manifest import GUIDED_GRAPH, PLAIN_GRAPH
from emoterm.pace import FINAL, Pace
from emoterm.prior import Prior
from emoterm.prior_model import GUIDE, MOST_AHEAD, PriorModel, open_prior
from emoterm.prior_step import Decoding
from emoterm.sampling import SamplingParams
from emoterm.session import open_session
from emoterm.token_writing import write_tokens
from emoterm.vocabulary import Condition
from export.graphs.prior_graph import build_prior_graph
from export.graphs.prior_weights import pack_prior
from tests.parity.test_prior_graphs import CODES, make_prior, spec_of

SEED = 3


def model_of(bundle: Bundle, name: str) -> PriorModel:
    if name != "prior_standard":
        return open_prior(bundle, "cpu", name=name)
    spec = bundle.manifest.prior
    weights = {spec.weights.file: bundle.read(spec.weights)}
    return PriorModel(open_session(bundle.graph(name), device="cpu", weights=weights), spec, bundle.manifest.codebook.size)


def written(
    model: PriorModel, uniforms: np.ndarray, *, rows: int = 1, known: np.ndarray | None = None, **law: float
) -> tuple[np.ndarray, list[int]]:
    """A picture (n_tokens,), and how many of its tokens were final after each step; where the graph can be, it is told something of each
    cell."""
    spec = model.spec
    params = SamplingParams(**({"temperature": 0.9, "min_p": 0.001, "guidance": 2.0 if rows == 2 else 1.0} | law))
    guide = None
    if GUIDE in model.inputs:
        guide = np.random.default_rng(5).normal(0, 0.1, (1, len(uniforms), spec.guide_width)).astype(np.float32)
    context = np.tile([spec.null_token] * (spec.style_slots + spec.word_slots) + [spec.bos_token], (rows, 1))
    context[0, 0] = spec.bos_token + 2 if spec.style_slots and rows == 2 else context[0, 0]  # so that there is something to be guided to
    known = np.full((1, len(uniforms)), -1) if known is None else known[None]
    tokens = known.copy()
    begun = np.concatenate([context, np.tile(known[:, : int((known[0] < 0).argmax())], (rows, 1))], axis=1)
    decoding = Decoding(model, rows=rows, n=1, params=params, guide=guide)
    final = list(write_tokens(decoding, begun, tokens, known, uniforms[None]))
    return tokens[0], final


def at_the_pace_of(monkeypatch: pytest.MonkeyPatch, *sizes: int) -> None:
    """Read so many tokens in each step, again and again."""
    turns = itertools.cycle(sizes)
    monkeypatch.setattr(Pace, "size", lambda self: next(turns))


def random_numbers(n: int = 256) -> np.ndarray:
    return np.random.default_rng(SEED).random(n)


SOME = {place: place % 7 for place in (0, 17, 18, 19, 100, 255)}
BEGINNING = {place: place % 5 for place in range(60)}


@pytest.mark.parametrize(
    ("name", "rows", "law"),
    [
        (PLAIN_GRAPH, 1, {}),
        (GUIDED_GRAPH, 1, {}),
        (GUIDED_GRAPH, 2, {}),
        ("prior", 2, {"top_k": 50, "top_p": 0.95}),
        ("prior_standard", 1, {"top_p": 0.9}),
    ],
)
@pytest.mark.parametrize("given", [{}, SOME, BEGINNING], ids=["nothing given", "some", "the beginning"])
def test_the_picture_is_the_same_in_fewer_steps(
    default_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, name: str, rows: int, law: dict[str, float], given: dict[int, int]
) -> None:
    model, uniforms = model_of(default_bundle, name), random_numbers()
    at_the_pace_of(monkeypatch, MOST_AHEAD)
    known = np.full(256, -1)
    known[[*given]] = [*given.values()]
    begun = len(given) if given is BEGINNING else 0 if not given else 1
    ahead, final = written(model, uniforms, rows=rows, known=known, **law)
    assert final[0] == begun + 1
    assert final[-1] == 256
    assert all(1 <= more <= MOST_AHEAD for more in np.diff(final))
    assert len(final) < 0.75 * (256 - begun)
    monkeypatch.setattr(model, "draws_ahead", False)
    wanted, steps = written(model, uniforms, rows=rows, known=known, **law)
    assert len(steps) == 256 - begun
    assert np.array_equal(ahead, wanted)
    assert np.array_equal(ahead[known >= 0], known[known >= 0])


@pytest.mark.parametrize("sizes", [(1,), (2, 5, 1, 3), (6, 1, 4)])
def test_it_does_not_depend_on_the_pace(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...]) -> None:
    model, uniforms = model_of(tiny_bundle, PLAIN_GRAPH), random_numbers()
    assert model.draws_ahead
    at_the_pace_of(monkeypatch, *sizes)
    ahead, _ = written(model, uniforms)
    monkeypatch.setattr(model, "draws_ahead", False)
    assert np.array_equal(ahead, written(model, uniforms)[0])


@pytest.mark.parametrize(("recipe", "is_ahead"), [("tiny", True), ("paper", False)])
@pytest.mark.parametrize("local_layers", [(), (0,)])
def test_so_it_is_in_full_precision_and_not_tried_where_it_may_not_be(
    monkeypatch: pytest.MonkeyPatch, recipe: str, is_ahead: bool, local_layers: tuple[int, ...]
) -> None:
    prior = make_prior(recipe)
    weights = pack_prior(prior, "half", {})
    graph = build_prior_graph(prior.config, weights, CODES, "plain", local_layers)
    model = PriorModel(open_session(graph, device="cpu", weights={weights.file: weights.data}), spec_of(prior, local_layers, 12), CODES)
    assert model.draws_ahead == is_ahead  # a key for each query head, so products of a single row
    uniforms = random_numbers()
    ahead, final = written(model, uniforms)
    assert (len(final) < 256) == is_ahead
    monkeypatch.setattr(model, "draws_ahead", False)
    assert np.array_equal(ahead, written(model, uniforms)[0])


def test_one_picture_is_what_it_is_beside_others_and_comes_row_by_row(default_bundle: Bundle) -> None:
    prior = Prior(default_bundle, device="cpu", threads=1)
    params = SamplingParams(min_p=0.0005)
    together = prior.generate([Condition()] * 3, seed=SEED, params=params)
    rows = list(prior.generate_rows([Condition()], seed=SEED, params=params, first_picture=1))
    assert [so_far.shape[1] for _, so_far in rows] == list(range(16, 257, 16))
    for _, so_far in rows:
        assert np.array_equal(so_far[0], together[1, : so_far.shape[1]])


@pytest.mark.parametrize("each_ms", [0.0, 0.09, 1.0])
@pytest.mark.parametrize("slow_steps", [0, 12])
def test_the_pace_becomes_the_one_at_which_most_become_final(each_ms: float, slow_steps: int) -> None:
    pace, tried = Pace(), []
    cost = {size: 0.4 + each_ms * size for size in FINAL}
    best = max(FINAL, key=lambda size: FINAL[size] / cost[size])
    for step in range(1000):
        size = pace.size()
        tried.append(size)
        pace.took(size, cost[size] * (30 if step < slow_steps else 1))  # first a model is loading beside it
    assert set(tried[: len(FINAL)]) == set(FINAL)
    assert np.mean([size == best for size in tried[60:300]]) > 0.8
    assert np.mean([size == best for size in tried[600:]]) > 0.9


def test_it_is_so_on_a_machine_that_is_now_fast_now_slow() -> None:
    pace, random, tried = Pace(), np.random.default_rng(SEED), []
    cost = {size: 0.4 + 0.02 * size for size in FINAL}
    for step in range(3000):
        size = pace.size()
        tried.append(size)
        slower = 1.5 + 0.5 * np.sin(step / 40)  # by more than the sizes differ
        pace.took(size, cost[size] * slower * random.lognormal(0, 0.1))
    assert np.mean([size == max(FINAL) for size in tried[200:]]) > 0.85


def test_where_steps_become_long_later_on_another_pace_is_found() -> None:
    pace = Pace()
    for step in range(2000):
        size = pace.size()
        pace.took(size, 0.4 if step < 300 else 0.4 * size)
    assert [pace.size() for _ in range(5)].count(1) >= 4
