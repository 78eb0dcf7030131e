"""A residual decoder in 8 bits: weights that round better, the ranges of what is rounded, and the graph."""

from __future__ import annotations

import copy

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emoterm.session import open_session
from export.graphs.decoder_graph import build_decoder_graph
from export.graphs.quantize import LEVELS, Range, input_scale
from trainer.networks.residual import AttentionBlock, ResidualDecoder

F32 = NDArray[np.float32]
_BATCH = 16
_EVERY = 37
"""Of the values that are watched one in so many is looked at, which is plenty."""
_SHARES = np.linspace(0.3, 1, 36, dtype=np.float32)[::-1].tolist()
"""Shares of the whole range that are tried: what lies beyond is clipped, which makes the steps of all others finer."""
_REACH = 0.9999
"""Share of the values of a channel that its reach covers."""


def round_decoder(decoder: ResidualDecoder, calibration: F32) -> onnx.ModelProto:
    """The graph in 8 bits.

    Args:
        decoder: in eval mode.
        calibration: latents (N, D, 16, 16) of training pictures.
    """
    ready = equalized(without_affine(decoder), calibration)
    return build_decoder_graph(ready, measure_ranges(ready, calibration))


@torch.no_grad()
def without_affine(decoder: ResidualDecoder) -> ResidualDecoder:
    """The same decoder, whose attention has the factors and offsets of its norm in the layer that reads it: one pass less for each."""
    decoder = copy.deepcopy(decoder)
    for block in decoder:
        if isinstance(block, AttentionBlock):
            block.qkv.bias.add_(block.qkv.weight @ block.norm.bias)
            block.qkv.weight.mul_(block.norm.weight)
            nn.init.ones_(block.norm.weight)
            nn.init.zeros_(block.norm.bias)
    return decoder


@torch.no_grad()
def equalized(decoder: ResidualDecoder, calibration: F32) -> ResidualDecoder:
    """The same decoder, whose channels at 32×32 reach more equally far, as bytes have one step for all of them.

    What is written to a channel is divided by what those who read it multiply with, which a ReLU does not mind; a norm would. Cross-layer
    equalization (Nagel et al. 2019, https://arxiv.org/abs/1906.04721, section 4.1), half way, as the last convolution is not rounded and
    the steps of weights matter too; by powers of two, so that no weight loses a digit.
    """
    decoder = copy.deepcopy(decoder)
    _, _, unfold, block, conv_out = decoder.parts()
    if not isinstance(block.norm1, nn.Identity):
        return decoder
    layers = list(decoder)
    before, behind = (nn.Sequential(*layers[: layers.index(block) + more]) for more in (0, 1))
    reach_C = torch.maximum(_reach(before, calibration), _reach(behind, calibration))
    factor_C = torch.exp2((reach_C / reach_C.median()).log2().div(2).round())
    _divide_outputs_(unfold, factor_C.repeat_interleave(4))  # (C,) → (C·2·2,): a pixel shuffle takes four for each channel
    _divide_outputs_(block.conv2, factor_C)
    for reader in (block.conv1, conv_out):
        reader.weight.mul_(factor_C[:, None, None])
    return decoder


def _divide_outputs_(layer: nn.Conv2d, factor_C: Tensor) -> None:
    assert layer.bias is not None
    layer.weight.div_(factor_C[:, None, None, None])
    layer.bias.div_(factor_C)


def _reach(layers: nn.Sequential, calibration: F32) -> Tensor:
    """How far from zero each channel (C,) of what these layers write gets."""
    values = torch.cat([layers(part)[:, :, ::3, ::3] for part in torch.from_numpy(calibration).split(_BATCH)])  # a ninth is enough
    values_CM = values.abs().transpose(0, 1).flatten(1)  # (N, C, S, S) → (C, N·S·S)
    kept = values_CM.sort(dim=1).values[:, int(_REACH * (values_CM.shape[1] - 1))]
    return kept.clamp(min=1e-6)


def measure_ranges(decoder: ResidualDecoder, calibration: F32) -> dict[str, Range]:
    """Between what bounds each of the values that the graph rounds should be rounded: those with the least mean squared error.

    Args:
        decoder: in eval mode.
        calibration: latents (N, D, 16, 16) of training pictures.
    """
    session = open_session(build_decoder_graph(decoder, watched=True).SerializeToString(), device="cpu")
    names = [output.name for output in session.get_outputs() if output.name.endswith(".value")]
    seen: dict[str, list[F32]] = {name: [] for name in names}
    bounds: dict[str, Range] = {name: Range(0, 0) for name in names}
    for start in range(0, len(calibration), _BATCH):
        for name, values in zip(names, session.run(names, {"z_q": calibration[start : start + _BATCH]}), strict=True):
            seen[name].append(values.ravel()[::_EVERY].copy())
            low, high = bounds[name]
            bounds[name] = Range(min(low, float(values.min())), max(high, float(values.max())))
    return {name.removesuffix(".value"): _best_range(np.concatenate(seen[name]), bounds[name]) for name in names}


def _best_range(values: F32, whole: Range) -> Range:
    """The share of the whole range that rounds these values best."""

    def error(found: Range) -> float:
        scale, zero_point = input_scale(found)
        zero = float(zero_point)
        rounded = ((np.rint(values / scale) + zero).clip(0, LEVELS) - zero) * scale
        return float(np.square(rounded - values).mean())

    return min((Range(whole.low * share, whole.high * share) for share in _SHARES), key=error)
