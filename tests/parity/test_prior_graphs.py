"""Every variant of the prior's graph does what the torch model does, and the check that says so can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from emoterm.prior_step import log_probabilities
from export.calibrate import Readings, measure_inputs
from export.errors import ParityError
from export.graphs import prior_weights
from export.graphs.prior_graph import Variant, build_prior_graph
from export.graphs.prior_weights import Storage, pack_prior
from export.graphs.quantize import FAR_OFF, LARGEST, Inputs, Range, dequantize, input_scale, outlier_factors, quantize
from export.graphs.weights_file import WeightsFile
from export.prior_parity import check_prior
from export.storage import open_packed
from tests.parity.random_prior import CODES, contexts, make_prior, spec_of
from trainer.positions import BLOCK_SIZE
from trainer.prior import Prior
from trainer.vqvae import GRID


def check(
    prior: Prior,
    variant: Variant,
    storage: Storage,
    spoil: object = None,
    guide: torch.Tensor | None = None,
    local_layers: Sequence[int] = (),
    window: int = 0,
) -> float:
    torch.manual_seed(6)
    tokens = torch.randint(CODES, (24, GRID * GRID))
    readings = [Readings(contexts().tile(8, 1), tokens)]
    if prior.config.reads_source:
        readings.append(replace(readings[0], sources=tokens.roll(1, 0)))
    inputs = measure_inputs(prior, *readings)
    weights = pack_prior(prior, storage, inputs)
    graph = build_prior_graph(prior.config, weights, CODES, variant, local_layers)
    if spoil is not None:
        model = onnx.load_from_string(graph)
        spoil(model)  # type: ignore[operator]
        graph = model.SerializeToString()
    return check_prior(graph, weights, variant, prior, spec_of(prior, local_layers, window), contexts(), guide)


@pytest.mark.parametrize("recipe", ["tiny", "paper"])
@pytest.mark.parametrize(
    ("variant", "storage", "atol"),
    [("cpu", "half", 1e-4), ("standard", "half", 1e-4), ("standard", "8bit", 1e-4), ("cpu", "8bit", 0.7), ("cuda", "8bit", 0.05)],
)
def test_every_variant_agrees_with_torch_token_by_token(recipe: str, variant: Variant, storage: Storage, atol: float) -> None:
    assert check(make_prior(recipe), variant, storage) <= atol


LOCAL = [
    pytest.param("tiny", (1,), 22, id="one layer"),
    pytest.param("tiny", (0,), 38, id="the other layer"),
    pytest.param("tiny", (0,), BLOCK_SIZE, id="a window wider than the picture"),
    pytest.param("paper", (0,), 6, id="several key heads"),
]


@pytest.mark.parametrize(("variant", "storage", "atol"), [("plain", "half", 1e-4), ("standard", "half", 1e-4), ("plain", "8bit", 0.7)])
@pytest.mark.parametrize(("recipe", "layers", "window"), LOCAL)
def test_local_layers_see_what_torch_lets_them_see(
    recipe: str, layers: tuple[int, ...], window: int, variant: Variant, storage: Storage, atol: float
) -> None:
    assert check(make_prior(recipe), variant, storage, local_layers=layers, window=window) <= atol


def test_a_gpu_sees_all_with_every_layer() -> None:
    assert check(make_prior("tiny"), "cuda", "half", local_layers=(1,), window=22) <= 0.05


@pytest.mark.parametrize("wrong", [21, 23])
def test_a_window_of_another_width_is_noticed(monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
    extend = Prior.extend

    def otherwise(self: Prior, *args: Any, windows: Mapping[int, int] | None = None, **kwargs: Any) -> Any:
        return extend(self, *args, windows=dict.fromkeys(windows or (), wrong), **kwargs)

    monkeypatch.setattr(Prior, "extend", otherwise)
    with pytest.raises(ParityError, match="differs by"):
        check(make_prior("tiny"), "cpu", "half", local_layers=(1,), window=22)


@pytest.mark.parametrize(
    ("variant", "storage", "atol"), [("cpu", "half", 1e-4), ("standard", "half", 1e-4), ("cpu", "8bit", 0.4), ("cuda", "8bit", 0.05)]
)
def test_every_variant_draws_after_a_source_as_torch_does(variant: Variant, storage: Storage, atol: float) -> None:
    prior = make_prior("tiny")
    torch.manual_seed(7)
    guide = 0.1 * prior.source(torch.randint(CODES, (3, GRID * GRID)))
    assert guide.abs().mean() > 0.1  # it says something
    assert check(prior, variant, storage, guide=guide) <= atol


def test_a_guide_at_the_wrong_place_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = make_prior("tiny")
    guide = 0.1 * prior.source(torch.randint(CODES, (3, GRID * GRID)))
    extend = Prior.extend

    def one_cell_late(self: Prior, *args: Any, guide: torch.Tensor | None = None, **kwargs: Any) -> Any:
        return extend(self, *args, guide=None if guide is None else guide.roll(1, 1), **kwargs)

    monkeypatch.setattr(Prior, "extend", one_cell_late)
    with pytest.raises(ParityError, match="differs by"):
        check(prior, "cpu", "half", guide=guide)


def _set_attribute(operator: str, name: str, value: float) -> object:
    def spoil(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            for attribute in node.attribute:
                if node.op_type == operator and attribute.name == name:
                    attribute.CopyFrom(onnx.helper.make_attribute(name, value))

    return spoil


def _look_ahead(model: onnx.ModelProto) -> None:
    """Every position sees those after it."""
    masks = {output for node in model.graph.node if node.op_type == "Flatten" for output in node.output}
    for node in model.graph.node:
        if node.op_type == "Attention":
            del node.input[3:]
        elif node.op_type == "Add" and masks & set(node.input):
            node.op_type = "Identity"
            del node.input[1:]


@pytest.mark.parametrize(
    ("variant", "storage", "spoil"),
    [
        ("cpu", "half", _set_attribute("RotaryEmbedding", "interleaved", 1)),
        ("cpu", "8bit", _look_ahead),
        ("cpu", "half", _set_attribute("Attention", "scale", 1.0)),
        ("standard", "half", _set_attribute("Attention", "scale", 0.5)),
        ("cuda", "half", _set_attribute("GroupQueryAttention", "do_rotary", 0)),
    ],
    ids=["other angles", "no mask, 8 bits", "another scale", "another scale, standard", "no angles, half precision"],
)
def test_a_graph_that_computes_something_else_is_refused(variant: Variant, storage: Storage, spoil: object) -> None:
    with pytest.raises(ParityError, match="differs by"):
        check(make_prior("tiny"), variant, storage, spoil)


def test_a_renamed_input_is_refused() -> None:
    def spoil(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            for i, name in enumerate(node.input):
                if name == "guidance":
                    node.input[i] = "heat"
        next(value for value in model.graph.input if value.name == "guidance").name = "heat"

    with pytest.raises(ParityError, match="heat"):
        check(make_prior("tiny"), "cpu", "half", spoil)


def test_weights_lie_where_the_graph_says() -> None:
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.arange(7, dtype=np.uint8), "c": np.ones((2, 2), np.float16)}
    file = WeightsFile("w.safetensors", tensors)
    for name, tensor in tensors.items():
        place = file.place(name)
        stored = np.frombuffer(file.data[place.offset : place.offset + place.length], place.dtype).reshape(place.shape)
        assert np.array_equal(stored, tensor)


def test_eight_bits_are_off_by_at_most_half_a_step() -> None:
    weight = np.random.default_rng(0).normal(size=(6, 128)).astype(np.float32)
    weight[2] = 0
    quantized, scales = quantize(weight)
    assert np.abs(quantized).max() == LARGEST
    assert (quantized[2] == 0).all()
    assert (np.abs(dequantize(quantized, scales) - weight) <= scales[:, None] * 0.5 + 1e-6).all()


def test_channels_that_reach_far_beyond_the_others_are_brought_down_and_the_product_stays() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(500, 300)).astype(np.float32), rng.normal(size=(6, 300)).astype(np.float32)
    assert outlier_factors(Inputs(x.min(0), x.max(0))) is None
    x[:, 7] *= 30
    inputs = Inputs(x.min(0), x.max(0))
    factors = outlier_factors(inputs)
    assert factors is not None
    assert (factors[np.arange(300) != 7] > 0.9).all()
    low, high = inputs.range(factors)
    assert max(-low, high) * FAR_OFF < np.abs(x).max()
    assert np.allclose((x * factors) @ (weight / factors).T, x @ weight.T, atol=1e-3)


def with_outliers() -> Prior:
    """Two hidden units of each block are always at 60, where the others reach 3: what a trained prior has on its first tokens."""
    prior = make_prior("tiny", d_ff=256)
    for block in prior.blocks:
        block.fc.weight[:2], block.fc.bias[:2] = 0, 60
        block.out.weight[:, :2] *= 0.02
    return prior


@pytest.mark.parametrize(("variant", "atol"), [("cpu", 0.4), ("plain", 0.4), ("standard", 1e-4), ("cuda", 0.05)])
def test_every_variant_agrees_with_torch_where_there_are_outliers(variant: Variant, atol: float) -> None:
    assert check(with_outliers(), variant, "8bit") <= atol


def test_outliers_cost_the_other_channels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = with_outliers()
    readings = Readings(contexts().tile(8, 1), torch.randint(CODES, (24, GRID * GRID)))
    inputs = measure_inputs(prior, readings)
    assert all(f"blocks.{i}.out.weight.input_factors" in pack_prior(prior, "8bit", inputs) for i in range(prior.config.n_layer))
    sequence = torch.cat([readings.contexts, readings.tokens[:, :-1]], 1)
    wanted = prior.extend(sequence, torch.arange(BLOCK_SIZE))[0].log_softmax(2).numpy()

    def error() -> float:
        model = open_packed(prior, pack_prior(prior, "8bit", inputs), spec_of(prior))
        return float(np.abs(log_probabilities(model, sequence.numpy()) - wanted).mean())

    brought_down = error()
    monkeypatch.setattr(prior_weights, "outlier_factors", lambda inputs: None)
    assert brought_down < 0.5 * error()


@pytest.mark.parametrize("values", [Range(-1.0, 3.0), Range(0.5, 2.0), Range(-2.0, -1.0), Range(0.0, 0.0)])
def test_inputs_in_their_range_are_off_by_at_most_half_a_step_and_zero_by_nothing(values: Range) -> None:
    scale, zero_point = input_scale(values)
    x = np.append(np.linspace(values.low, values.high, 50), 0.0)
    stored = np.clip(np.rint(x / scale) + zero_point, 0, 255)
    error = np.abs((stored - zero_point) * scale - x)
    assert error.max() <= scale * 1.0001  # half a step, and half of one for the zero point
    assert error[-1] == 0


def test_the_range_of_every_linear_layer_is_measured() -> None:
    prior = make_prior("tiny")
    torch.manual_seed(9)
    tokens = torch.randint(CODES, (60, GRID * GRID))
    seen: list[torch.Tensor] = []
    handle = prior.head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    inputs = measure_inputs(prior, Readings(contexts().tile(20, 1), tokens))
    handle.remove()
    assert {name for name, module in prior.step_modules() if isinstance(module, torch.nn.Linear)} <= set(inputs)
    first, second = (batch.flatten(0, 1) for batch in seen)  # (B, T, C) → (B·T, C)
    for one, other in ((first, second), (second, first)):  # each batch has channels that the other one does not reach
        assert (one.amin(0) < other.amin(0)).any()
        assert (one.amax(0) > other.amax(0)).any()
    values = torch.cat([first, second]).numpy()
    assert np.array_equal(inputs["head"].low_C, values.min(0))
    assert np.array_equal(inputs["head"].high_C, values.max(0))
    assert inputs["head"].range() == (values.min(), values.max())
