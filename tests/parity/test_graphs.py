"""Exported graphs do what the torch models do, and the checks that say so can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from emoterm.session import open_session
from export import parity
from export.errors import NameParityError, ShapeParityError, ValueParityError
from export.static_quantize import quantize_convolutions
from export.to_onnx import export_decoder, export_encoder, round_to_half_, stored_half
from trainer.recipes import load_recipe
from trainer.vqvae import VQVAE

RECIPE = load_recipe("tiny")


@pytest.fixture(scope="module")
def vqvae() -> VQVAE:
    torch.manual_seed(1)
    model = VQVAE(RECIPE.vqvae, RECIPE.data.channels)
    randomise(model)
    return model


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    torch.manual_seed(3)
    alpha = torch.rand(2, 1, 64, 64)
    return torch.cat([torch.rand(2, 3, 64, 64) * alpha, alpha], 1)


@pytest.fixture(scope="module")
def encoder(vqvae: VQVAE) -> bytes:
    return stored_half(export_encoder(vqvae))


@pytest.fixture(scope="module")
def paper() -> VQVAE:
    """The network whose decoder torch exports; tests/parity/test_decoder_graph.py is about ours."""
    torch.manual_seed(1)
    model = VQVAE(replace(RECIPE.vqvae, network="paper"), RECIPE.data.channels)
    randomise(model, std=0.03)
    return model


@pytest.fixture(scope="module")
def decoder(paper: VQVAE) -> onnx.ModelProto:
    return export_decoder(paper)


def randomise(model: torch.nn.Module, std: float = 0.1) -> None:
    """Blocks start as the identity; only with other weights does a comparison say something about them."""
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=std)
    round_to_half_(model)
    parity.no_grad_eval(model)


def test_encoder_agrees_with_torch(encoder: bytes, vqvae: VQVAE, pictures: torch.Tensor) -> None:
    assert parity.check_encoder(encoder, vqvae, pictures) <= 1e-4


def test_decoder_agrees_with_torch(decoder: onnx.ModelProto, paper: VQVAE, pictures: torch.Tensor) -> None:
    assert parity.check_decoder(stored_half(decoder), paper, pictures) <= 1e-4


def test_weights_are_stored_in_half_precision(encoder: bytes) -> None:
    types = {t.data_type for t in onnx.load_from_string(encoder).graph.initializer if np.prod(t.dims) >= 1024}
    assert types == {onnx.TensorProto.FLOAT16}


def test_a_changed_weight_fails_parity(encoder: bytes, vqvae: VQVAE, pictures: torch.Tensor) -> None:
    model = onnx.load_from_string(encoder)
    weight = max(model.graph.initializer, key=lambda t: np.prod(t.dims))
    array = numpy_helper.to_array(weight).copy()
    array.flat[:64] += 1
    weight.CopyFrom(numpy_helper.from_array(array, weight.name))
    with pytest.raises(ValueParityError, match="z_e differs by"):
        parity.check_encoder(model.SerializeToString(), vqvae, pictures)


def test_a_renamed_output_fails_parity(encoder: bytes, vqvae: VQVAE, pictures: torch.Tensor) -> None:
    model = onnx.load_from_string(encoder)
    old = model.graph.output[0].name
    for node in model.graph.node:
        for i, name in enumerate(node.output):
            if name == old:
                node.output[i] = "latent"
        for i, name in enumerate(node.input):
            if name == old:
                node.input[i] = "latent"
    model.graph.output[0].name = "latent"
    with pytest.raises(NameParityError, match="latent"):
        parity.check_encoder(model.SerializeToString(), vqvae, pictures)


def test_a_fixed_batch_fails_parity(encoder: bytes, vqvae: VQVAE, pictures: torch.Tensor) -> None:
    model = onnx.load_from_string(encoder)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2
    with pytest.raises(ShapeParityError, match="fixed to 2"):
        parity.check_encoder(model.SerializeToString(), vqvae, pictures)


def test_eight_bit_convolutions_stay_close_and_every_picture_stays_what_it_is_in_any_batch(
    decoder: onnx.ModelProto, paper: VQVAE, pictures: torch.Tensor
) -> None:
    z_q = paper.codebook.lookup(paper.encode(pictures.repeat(4, 1, 1, 1))[1]).numpy()
    plain, small = (open_session(stored_half(model), device="cpu") for model in (decoder, quantize_convolutions(decoder, z_q)))
    expected, found = (session.run(None, {"z_q": z_q})[0] for session in (plain, small))
    assert 0 < np.abs(found - expected).mean() < 0.1 * np.abs(expected).std()
    assert np.array_equal(small.run(None, {"z_q": z_q[1:2]})[0], found[1:2])
    assert len(stored_half(quantize_convolutions(decoder, z_q))) < len(stored_half(decoder))
