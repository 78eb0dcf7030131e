"""Attention in 8 bits: its steps are measured where torch multiplies, travel with the weights, and cost little."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from safetensors.numpy import load

from emoterm.prior_model import PriorModel
from emoterm.prior_step import Decoding, log_probabilities
from emoterm.sampling import SamplingParams
from emoterm.session import open_session
from export.calibrate import Readings, measure_inputs
from export.graphs.attention import is_rounded
from export.graphs.prior_graph import build_prior_graph
from export.graphs.prior_weights import pack_prior, with_attention_steps
from export.graphs.weights_file import WeightsFile
from export.storage import open_packed, prior_bits
from tests.parity.random_prior import CODES, contexts, make_prior, spec_of
from trainer.networks.transformer import Attention
from trainer.vqvae import GRID


def readings() -> Readings:
    torch.manual_seed(9)
    return Readings(contexts().tile(8, 1), torch.randint(CODES, (24, GRID * GRID)))


def as_before(weights: WeightsFile) -> WeightsFile:
    """The same, without the steps of attention."""
    tensors = load(weights.data)
    steps = [name for name in tensors if name.rsplit(".", 2)[1] in ("keys", "values")]
    assert len(steps) == 4 * len([name for name in tensors if name.endswith("attention.qkv.weight")])
    return WeightsFile(weights.file, {name: value for name, value in tensors.items() if name not in steps})


@pytest.mark.parametrize("recipe", ["tiny", "paper"])
def test_the_range_of_what_attention_multiplies_is_measured(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prior = make_prior(recipe)
    read: list[list[torch.Tensor]] = []
    attend = Attention.attend

    def seen(self: Attention, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        read.append([torch.cat([q, k], 1), v])
        return attend(self, q, k, v, hidden)

    monkeypatch.setattr(Attention, "attend", seen)
    inputs = measure_inputs(prior, readings())
    assert len(read) == prior.config.n_layer
    for layer, values in enumerate(read):
        for part, value in zip(("keys", "values"), values, strict=True):
            found = inputs[f"blocks.{layer}.attention.{part}"]
            low, high = value.flatten(0, -2).aminmax(dim=0)  # (B, heads, T, hd) → (B·heads·T, hd)
            assert np.allclose(found.low_C, low, atol=1e-5)
            assert np.allclose(found.high_C, high, atol=1e-5)


def test_weights_from_before_learn_how_attention_is_rounded() -> None:
    prior = make_prior("tiny")
    inputs = measure_inputs(prior, readings())
    wanted = pack_prior(prior, "8bit", inputs)
    assert is_rounded(wanted)
    before = as_before(wanted)
    assert not is_rounded(before)
    found = with_attention_steps(before, prior, inputs)
    assert load(found.data).keys() == load(wanted.data).keys()
    assert all(np.array_equal(value, load(wanted.data)[name]) for name, value in load(found.data).items())
    assert with_attention_steps(wanted, prior, inputs) is wanted
    half = pack_prior(prior, "half", {})
    assert with_attention_steps(half, prior, inputs) is half


def test_attention_in_8_bits_reads_bytes_and_costs_little() -> None:
    prior = make_prior("tiny")
    read = readings()
    weights = pack_prior(prior, "8bit", measure_inputs(prior, read))
    model = open_packed(prior, weights, spec_of(prior))
    assert model.cache_dtype is np.uint8
    floats = open_packed(prior, as_before(weights), spec_of(prior))
    assert floats.cache_dtype is np.float32
    bits, wanted = (prior_bits(one, read.contexts.numpy(), read.tokens.numpy()) for one in (model, floats))
    assert bits != wanted
    assert bits == pytest.approx(wanted, rel=0.005)


def test_the_shares_of_attention_are_255ths() -> None:
    prior = make_prior("tiny")
    weights = pack_prior(prior, "8bit", measure_inputs(prior, readings()))
    graph = onnx.load_from_string(build_prior_graph(prior.config, weights, CODES, "plain")).graph
    constants = {constant.name: onnx.numpy_helper.to_array(constant) for constant in graph.initializer if not constant.external_data}
    shares = {node.output[0] for node in graph.node if node.op_type == "Softmax"}
    rounded = [node for node in graph.node if node.op_type == "QuantizeLinear" and node.input[0] in shares]
    assert len(rounded) == prior.config.n_layer
    for node in rounded:  # so that nothing that has all of it is cut off
        scale, zero_point = (constants[name] for name in node.input[1:])
        assert scale == np.float32(1 / 255)
        assert zero_point == 0


@pytest.mark.parametrize("begun", [49, 60, 209])
@pytest.mark.parametrize(("recipe", "n_kv_head"), [("tiny", 1), ("paper", 4)])
def test_what_was_read_at_once_is_seen_by_the_steps_behind_it(recipe: str, n_kv_head: int, begun: int) -> None:
    prior = make_prior(recipe, n_kv_head=n_kv_head)
    weights = pack_prior(prior, "8bit", measure_inputs(prior, readings()))
    spec = spec_of(prior, [0], 22)
    graph = build_prior_graph(prior.config, weights, CODES, "plain", [0])
    model = PriorModel(open_session(graph, device="cpu", weights={weights.file: weights.data}), spec, CODES)
    codes = np.random.default_rng(0).integers(0, CODES, (3, GRID * GRID - 1))
    sequence = np.concatenate([contexts().numpy(), codes], axis=1)
    wanted = log_probabilities(model, sequence)[:, begun - 1 :].argmax(axis=2)
    nothing = np.zeros((3, 1))
    greedy = Decoding(model, rows=3, n=3, params=SamplingParams(temperature=0))
    drawn = [greedy.read(sequence[:, :begun], nothing).copy()]
    drawn += [greedy.step(nothing, sequence[:, place]).copy() for place in range(begun, sequence.shape[1])]
    assert np.array_equal(np.stack(drawn, axis=1), wanted)
