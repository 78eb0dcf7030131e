"""The prior's weights as they ship: what the torch model holds, folded and rounded for its graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from export.graphs.quantize import block_size, dequantize, quantize
from export.graphs.weights_file import WeightsFile
from trainer.prior import Prior

Storage = Literal["8bit", "half"]
FILE = "prior.safetensors"


def pack_prior(prior: Prior, storage: Storage) -> WeightsFile:
    """Every tensor of the prior's graphs.

    Args:
        prior: the trained model.
        storage: ``8bit``: matrices and embeddings as bytes ``NAME`` (N, K) with ``NAME.scales`` (N, K / block); a matrix whose rows no
            block divides stays float16. ``half``: all of them float16.

    Returns:
        All under their names in the torch model: linear layers (out, in), embeddings (N, C), norms.
    """
    tensors: dict[str, NDArray[Any]] = {}

    def add_matrix(name: str, weight: NDArray[np.float32]) -> None:
        block = block_size(weight.shape[1])
        if storage == "8bit" and block is not None:
            tensors[name], tensors[f"{name}.scales"] = quantize(weight, block)
        else:
            tensors[name] = weight.astype(np.float16)

    for name, module in prior.named_modules():
        if isinstance(module, nn.Linear):
            add_matrix(f"{name}.weight", _array(module.weight))
            if module.bias is not None:
                tensors[f"{name}.bias"] = _array(module.bias)
        elif isinstance(module, nn.LayerNorm):
            tensors[f"{name}.weight"], tensors[f"{name}.bias"] = _array(module.weight), _array(module.bias)
        elif isinstance(module, nn.Embedding):
            if name == "embed":
                add_matrix("embed.weight", _array(module.weight))
            else:  # what marks a place: small, and read by every token
                tensors[f"{name}.weight"] = _array(module.weight).astype(np.float16)
    return WeightsFile(FILE, tensors, {"storage": storage})


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().float().cpu().numpy()
    return array


@torch.no_grad()
def load_packed_(prior: Prior, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Give a torch model, in place, the weights that ship: those of :func:`pack_prior`, read back from its file."""
    for name, parameter in prior.named_parameters():
        value = tensors[name]
        if f"{name}.scales" in tensors:
            value = dequantize(value, tensors[f"{name}.scales"])
        parameter.copy_(torch.from_numpy(value.astype(np.float32)))
