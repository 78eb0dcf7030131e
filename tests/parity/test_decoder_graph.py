"""The hand-written graph of a residual decoder does what torch does, in 8 bits nearly so, and stays in the layout that has fast kernels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from emoterm.session import open_session
from export import parity
from export.graphs.decoder_graph import build_decoder_graph, unfolded_first, unfolded_last
from export.graphs.quantize import Range
from export.round_decoder import _best_range, equalized, measure_ranges, round_decoder, without_affine
from export.to_onnx import stored_half
from trainer.networks.residual import AttentionBlock, ResidualBlock, ResidualDecoder
from trainer.overrides import override, parse_changes
from trainer.recipes import load_recipe
from trainer.vqvae import GRID, VQVAE

VARIANTS = {
    "as it is trained": ["vqvae.decoder_norm=false", "vqvae.decoder_heads=1"],
    "with norms": ["vqvae.decoder_norm=true", "vqvae.decoder_heads=1"],
    "two heads": ["vqvae.decoder_norm=false", "vqvae.decoder_heads=2"],
    "no attention": ["vqvae.decoder_norm=false", "vqvae.decoder_heads=0"],
    "no alpha": ["vqvae.decoder_norm=false", "data.channels=3"],
}


def made(changes: list[str]) -> VQVAE:
    """A network of random weights, where nothing is the identity or of one size."""
    recipe = override(load_recipe("tiny"), parse_changes(changes))
    torch.manual_seed(5)
    model = VQVAE(recipe.vqvae, recipe.data.channels)
    for parameter in model.decoder.parameters():
        nn.init.normal_(parameter, mean=0.3 if parameter.dim() == 1 else 0, std=0.06)
    parity.no_grad_eval(model)
    decoder_of(model).parts().unfold.weight[:8] *= 8  # two channels that reach farther than the others
    return model


def decoder_of(model: VQVAE) -> ResidualDecoder:
    assert isinstance(model.decoder, ResidualDecoder)
    return model.decoder


def latents(model: VQVAE, n: int) -> NDArray[np.float32]:
    generator = torch.Generator().manual_seed(6)
    found: NDArray[np.float32] = torch.randn(n, model.codebook.config.dim, GRID, GRID, generator=generator).numpy()
    return found


def run(graph: onnx.ModelProto, z_q: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = open_session(graph.SerializeToString(), device="cpu").run(["image"], {"z_q": z_q})[0]
    return found


@pytest.fixture(scope="module", params=VARIANTS)
def model(request: pytest.FixtureRequest) -> VQVAE:
    return made(VARIANTS[request.param])


def test_without_rounding_it_is_torch(model: VQVAE) -> None:
    pictures = torch.rand(2, model.channels, 64, 64)
    assert parity.check_decoder(build_decoder_graph(decoder_of(model)).SerializeToString(), model, pictures) < 1e-5


def test_what_is_made_ready_for_rounding_is_the_same_decoder(model: VQVAE) -> None:
    z_q = latents(model, 20)
    ready = equalized(without_affine(decoder_of(model)), z_q)
    changed = [not torch.equal(new, old) for new, old in zip(ready.parameters(), model.decoder.parameters(), strict=True)]
    assert any(changed) or model.config.decoder_norm
    assert np.allclose(ready(torch.from_numpy(z_q)).numpy(), model.decoder(torch.from_numpy(z_q)).numpy(), atol=1e-5)


def test_in_eight_bits_it_stays_close_and_every_picture_stays_what_it_is_in_any_batch(model: VQVAE) -> None:
    z_q = latents(model, 20)
    rounded = round_decoder(decoder_of(model), z_q)
    found, wanted = run(rounded, z_q), model.decode(torch.from_numpy(z_q)).numpy()
    assert 0 < np.abs(found - wanted).mean() < 0.05 * wanted.std()
    assert np.array_equal(run(rounded, z_q[3:4]), found[3:4])
    assert np.array_equal(run(rounded, z_q[3:10]), found[3:10])
    assert len(stored_half(rounded)) < 0.75 * len(stored_half(build_decoder_graph(decoder_of(model))))


def test_all_but_the_last_convolution_run_in_bytes_and_channels_stay_last(tmp_path: Path) -> None:
    model = made(VARIANTS["as it is trained"])
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    rounded = round_decoder(decoder_of(model), latents(model, 20)).SerializeToString()
    ort.InferenceSession(rounded, options, providers=["CPUExecutionProvider"])
    count = Counter(node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node)
    convolutions = sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.decoder.modules())
    assert count["QLinearConv"] == convolutions - 1
    assert count["Conv"] == 1
    # On the way in, two in the norm of attention, one that unfolds; processors without blocked layouts have one before the last, too.
    assert count["Transpose"] <= 5


def test_channels_that_reach_equally_far_round_better() -> None:
    model = made(VARIANTS["as it is trained"])
    z_q = latents(model, 40)
    wanted = model.decode(torch.from_numpy(z_q)).numpy()
    plain, ready = decoder_of(model), equalized(decoder_of(model), z_q)
    losses = [np.square(run(build_decoder_graph(it, measure_ranges(it, z_q)), z_q) - wanted).mean() for it in (plain, ready)]
    assert losses[1] < 0.8 * losses[0]
    assert np.square(run(round_decoder(plain, z_q), z_q) - wanted).mean() < 0.9 * losses[0]
    factors = (plain.parts().unfold.weight / ready.parts().unfold.weight).log2()
    assert torch.equal(factors, factors.round())


def test_channels_that_do_nothing_stay_what_they_are() -> None:
    model = made(VARIANTS["as it is trained"])
    _, _, unfold, block, _ = decoder_of(model).parts()
    for layer, rows in ((unfold, slice(8, 12)), (block.conv2, slice(2, 3))):  # the third channel, before the block and behind
        assert layer.bias is not None
        layer.weight[rows] = layer.bias[rows] = 0
    z_q = latents(model, 20)
    ready = equalized(decoder_of(model), z_q)
    assert all(parameter.isfinite().all() for parameter in ready.parameters())
    assert np.abs(run(round_decoder(decoder_of(model), z_q), z_q) - model.decode(torch.from_numpy(z_q)).numpy()).mean() < 0.02


def test_a_value_far_off_is_cut_for_the_sake_of_all_others() -> None:
    values = np.linspace(-1, 1, 100_000, dtype=np.float32)
    assert _best_range(values, Range(-1, 1)) == Range(-1, 1)
    found = _best_range(np.append(values, np.float32(1.3)), Range(-1.3, 1.3))
    assert found.high < 1.1


def test_the_norm_of_attention_costs_no_pass_of_its_own() -> None:
    model = made(VARIANTS["as it is trained"])
    operators = [node.op_type for node in round_decoder(decoder_of(model), latents(model, 8)).graph.node]
    assert operators.count("Mul") == 1  # of the scores
    assert operators.count("Add") == sum(isinstance(part, ResidualBlock | AttentionBlock) for part in model.decoder)


def test_a_wide_decoder_keeps_the_scales_of_its_bytes() -> None:
    model = made(["vqvae.decoder_norm=false", "vqvae.decoder_width_32=256"])
    rounded = round_decoder(decoder_of(model), latents(model, 4))
    kept = {tensor.name: tensor.data_type for tensor in onnx.load_from_string(stored_half(rounded)).graph.initializer}
    scales = [kept[tensor.name] for tensor in rounded.graph.initializer if tensor.name.endswith("_scale") and np.prod(tensor.dims) >= 1024]
    assert scales
    assert set(scales) == {onnx.TensorProto.FLOAT}


def test_a_relu_is_the_lower_end_of_its_bytes() -> None:
    model = made(VARIANTS["as it is trained"])
    ranges = measure_ranges(decoder_of(model), latents(model, 20))
    rectified = {name for name, found in ranges.items() if found.low == 0}
    assert {name for name in ranges if name.endswith(".inner")} <= rectified
    assert all(found.high > 0 for found in ranges.values())
    assert {"z_q", "0.output"}.isdisjoint(rectified)


def test_rows_of_next_to_no_weight_keep_their_biases() -> None:
    model = made(VARIANTS["no attention"])
    conv_in = decoder_of(model).parts().conv_in
    assert conv_in.bias is not None
    with torch.no_grad():
        conv_in.weight[:4] = 0
        conv_in.weight[4:8] = 1e-20
        conv_in.bias[:8] = torch.linspace(-3, 3, 8)
    rounded = round_decoder(decoder_of(model), latents(model, 8))
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in rounded.graph.initializer}
    assert np.allclose(held["0.bias_quantized"] * held["0.bias_scale"], conv_in.bias.numpy(), atol=1e-4)


def test_rows_are_put_where_a_pixel_shuffle_takes_them_from_and_back() -> None:
    weight = torch.arange(12 * 5).reshape(12, 5)
    moved: Tensor = unfolded_last(weight)
    assert np.array_equal(unfolded_first(moved.numpy()), weight.numpy())
    shuffled = nn.functional.pixel_shuffle(weight.T.reshape(5, 12, 1, 1), 2)  # (5, 3, 2, 2)
    assert torch.equal(moved.T.reshape(5, 2, 2, 3).permute(0, 3, 1, 2), shuffled)
