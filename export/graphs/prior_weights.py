"""The prior's weights as they ship: what the torch model holds, laid out and rounded for its graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load
from torch import nn

from export.graphs.attention import is_rounded
from export.graphs.quantize import Inputs, dequantize, input_scale, outlier_factors, quantize, step_names
from export.graphs.weights_file import WeightsFile
from trainer.networks.transformer import Attention
from trainer.prior import Prior, is_extra

Storage = Literal["8bit", "half"]
FILE = "prior.safetensors"


def pack_prior(prior: Prior, storage: Storage, inputs: Mapping[str, Inputs]) -> WeightsFile:
    """Every tensor of the prior's graphs.

    Args:
        prior: the trained model.
        storage: ``8bit``: matrices and the embedding of tokens as bytes ``NAME``, with ``NAME.scales``; for matrices also
            ``NAME.input_scale`` and ``NAME.input_zero_point``, and ``NAME.input_factors`` where inputs have outliers; for each attention
            the scales and zero points of its keys and values. ``half``: all of them float16.
        inputs: what goes into each matrix product (:func:`export.calibrate.measure_inputs`); not needed for ``half``.

    Returns:
        All under their names in the torch model: linear layers (in, out), as a product reads them; embeddings (N, C); norms.
    """
    tensors: dict[str, NDArray[Any]] = {}
    for name, module in prior.step_modules():
        if isinstance(module, nn.Linear):
            weight = f"{name}.weight"
            if storage == "8bit":
                matrix, factors = _array(module.weight), outlier_factors(inputs[name])
                if factors is not None:
                    tensors[f"{weight}.input_factors"] = factors
                    matrix = matrix / factors  # a column for each input
                rows, tensors[f"{weight}.scales"] = quantize(matrix)
                tensors[weight] = rows.T  # (out, in) → (in, out)
                scale, zero_point = input_scale(inputs[name].range(factors))
                tensors[f"{weight}.input_scale"], tensors[f"{weight}.input_zero_point"] = np.array(scale), np.array(zero_point)
            else:
                tensors[weight] = _array(module.weight).T.astype(np.float16)  # (out, in) → (in, out)
            if module.bias is not None:
                tensors[f"{name}.bias"] = _array(module.bias)
        elif isinstance(module, Attention) and storage == "8bit":
            tensors |= _attention_steps(name, inputs)
        elif isinstance(module, nn.LayerNorm):
            tensors[f"{name}.weight"], tensors[f"{name}.bias"] = _array(module.weight), _array(module.bias)
        elif isinstance(module, nn.Embedding):
            if name == "embed" and storage == "8bit":
                tensors["embed.weight"], tensors["embed.weight.scales"] = quantize(_array(module.weight))
            else:  # what marks a place is small, and read by every token
                tensors[f"{name}.weight"] = _array(module.weight).astype(np.float16)
    return WeightsFile(FILE, tensors, {"storage": storage})


def with_attention_steps(weights: WeightsFile, prior: Prior, inputs: Mapping[str, Inputs]) -> WeightsFile:
    """8-bit weights that were packed when attention was not yet rounded, and by what steps it should be; the same weights else."""
    if is_rounded(weights) or "embed.weight.scales" not in weights:
        return weights
    tensors = load(weights.data)
    for name, module in prior.step_modules():
        if isinstance(module, Attention):
            tensors |= _attention_steps(name, inputs)
    return WeightsFile(weights.file, tensors, {"storage": "8bit"})


def _attention_steps(name: str, inputs: Mapping[str, Inputs]) -> dict[str, NDArray[Any]]:
    """By what steps the attention of this name rounds queries and keys, and values."""
    steps: dict[str, NDArray[Any]] = {}
    for rounded in (f"{name}.keys", f"{name}.values"):
        for where, value in zip(step_names(rounded), input_scale(inputs[rounded].range()), strict=True):
            steps[where] = np.array(value)
    return steps


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().float().cpu().numpy()
    return array


@torch.no_grad()
def load_packed_(prior: Prior, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Give a torch model, in place, the weights that ship: those of :func:`pack_prior`, read back from its file."""
    linear = {f"{name}.weight" for name, module in prior.step_modules() if isinstance(module, nn.Linear)}
    for name, parameter in prior.named_parameters():
        if is_extra(name):  # has a file of its own, or none
            continue
        value = tensors[name].T if name in linear else tensors[name]  # (in, out) → (out, in)
        if f"{name}.scales" in tensors:
            value = dequantize(value, tensors[f"{name}.scales"])
        if f"{name}.input_factors" in tensors:
            value = value * tensors[f"{name}.input_factors"]
        parameter.copy_(torch.from_numpy(value.astype(np.float32)))
