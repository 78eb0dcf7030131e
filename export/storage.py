"""How the weights of each model are stored: the smallest form that costs next to nothing, decided by measuring it on held-out pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoterm.manifest import PriorSpec
from emoterm.parallel import in_order, split_evenly, thread_count
from emoterm.prior_model import PriorModel
from emoterm.prior_step import log_probabilities
from emoterm.session import open_session
from export.graphs.prior_graph import build_prior_graph
from export.graphs.prior_weights import Storage, pack_prior
from export.graphs.quantize import Inputs
from export.graphs.weights_file import WeightsFile
from export.static_quantize import quantize_convolutions
from export.to_onnx import stored_half
from trainer import metrics
from trainer.conditions import CONTEXT
from trainer.prior import Prior

MAX_LOSS_DB = 0.05
"""Mean PSNR over white, in dB, that 8-bit convolutions may cost."""
MAX_RISE = 0.005
"""Share by which 8-bit weights may raise the bits per emoji."""
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Stored:
    """A model as it ships, and why."""

    data: bytes
    facts: dict[str, Any]
    """``stored``: ``8bit`` or ``half``, and the figures of both."""


def store_decoder(half: bytes, rounded: bytes, z_q: F32, pictures: Tensor) -> Stored:
    """The decoder with 8-bit convolutions if they cost at most :data:`MAX_LOSS_DB`, else with weights in half precision.

    Args:
        half: its graph with weights in half precision.
        rounded: its graph with 8-bit convolutions.
        z_q: latents of held-out pictures (M, D, 16, 16).
        pictures: those pictures (M, C, 64, 64).
    """
    candidates = {"half": half, "8bit": rounded}
    psnr = {name: _psnr(_run(data, "z_q", z_q, "image"), pictures) for name, data in candidates.items()}
    good = psnr["half"] - psnr["8bit"] <= MAX_LOSS_DB
    return _choose(candidates, good, {f"psnr_{name}": value for name, value in psnr.items()})


def store_encoder(
    model: onnx.ModelProto, calibration: F32, pictures: Tensor, codebook: F32, decoder: bytes, prior: PriorModel, contexts: I64
) -> Stored:
    """The same for the encoder, measured through the decoder and the prior as they ship.

    A rounded encoder picks other codes here and there. The picture may hardly change while its tokens become less likely ones, which
    matters to everything that starts from a picture; so the bits per emoji may not rise by more than :data:`MAX_RISE` either.

    Args:
        model: the exported encoder.
        calibration: training pictures (N, C, 64, 64).
        pictures: held-out pictures (M, C, 64, 64).
        codebook: (K, D).
        decoder: its graph, as it ships.
        prior: the opened graph, with its weights as they ship.
        contexts: conditions of the held-out pictures (M, CONTEXT).
    """
    candidates = {"half": stored_half(model), "8bit": stored_half(quantize_convolutions(model, calibration))}
    psnr, bits = {}, {}
    for name, data in candidates.items():
        indices = _run(data, "image", pictures.numpy(), "indices").astype(np.int64)
        z_q = np.ascontiguousarray(codebook[indices].transpose(0, 3, 1, 2))  # (M, 16, 16, D) → (M, D, 16, 16)
        psnr[name] = _psnr(_run(decoder, "z_q", z_q, "image"), pictures)
        bits[name] = prior_bits(prior, contexts, indices.reshape(len(indices), -1))  # (M, 16, 16) → (M, 256)
    good = psnr["half"] - psnr["8bit"] <= MAX_LOSS_DB and bits["8bit"] <= bits["half"] * (1 + MAX_RISE)
    figures = {f"psnr_{name}": value for name, value in psnr.items()} | {f"bits_{name}": value for name, value in bits.items()}
    return _choose(candidates, good, figures)


def store_prior(
    prior: Prior, spec: PriorSpec, inputs: Mapping[str, Inputs], contexts: I64, tokens: I64
) -> tuple[WeightsFile, dict[str, Any]]:
    """The prior's weights in 8 bits if they raise the bits per emoji by at most :data:`MAX_RISE`, else in half precision.

    Args:
        prior: the trained model.
        spec: its shape.
        inputs: what goes into each of its matrix products.
        contexts: conditions of held-out pictures (M, CONTEXT).
        tokens: those pictures (M, 256).
    """
    packed: dict[Storage, WeightsFile] = {"half": pack_prior(prior, "half", {}), "8bit": pack_prior(prior, "8bit", inputs)}
    bits = {name: prior_bits(open_packed(prior, weights, spec), contexts, tokens) for name, weights in packed.items()}
    chosen: Storage = "8bit" if bits["8bit"] <= bits["half"] * (1 + MAX_RISE) else "half"
    return packed[chosen], {"stored": chosen, "bits_half": bits["half"], "bits_8bit": bits["8bit"]}


def _choose(candidates: dict[str, bytes], small_is_good: bool, figures: dict[str, float]) -> Stored:
    chosen = "8bit" if small_is_good else "half"
    return Stored(candidates[chosen], {"stored": chosen, **figures})


def open_packed(prior: Prior, weights: WeightsFile, spec: PriorSpec) -> PriorModel:
    """The CPU graph with these weights, before there is a bundle."""
    graph = build_prior_graph(prior.config, weights, prior.codebook_size, "guided", spec.local_layers)
    return PriorModel(open_session(graph, device="cpu", weights={weights.file: weights.data}), spec, prior.codebook_size)


def prior_bits(model: PriorModel, contexts: I64, tokens: I64) -> float:
    """Mean bits per emoji of pictures (M, 256) under conditions (M, CONTEXT)."""
    threads = thread_count(None)

    def read(part: slice) -> float:
        log_p = log_probabilities(model, np.concatenate([contexts[part], tokens[part, :-1]], axis=1))[:, CONTEXT - 1 :]
        return -float(np.take_along_axis(log_p, tokens[part, :, None], axis=2).sum()) / float(np.log(2))

    return sum(in_order(read, split_evenly(len(tokens), most=8, threads=threads), threads=threads)) / len(tokens)


def _run(graph: bytes, source: str, values: F32, output: str) -> NDArray[Any]:
    session = open_session(graph, device="cpu")
    parts = in_order(lambda i: session.run([output], {source: values[i : i + 1]})[0], range(len(values)), threads=thread_count(None))
    return np.concatenate(parts)


def _psnr(found: NDArray[Any], pictures: Tensor) -> float:
    images = torch.from_numpy(found).clamp(0, 1)
    if images.shape[1] == 4:
        images, pictures = metrics.over_white(images), metrics.over_white(pictures)
    return float(metrics.psnr(images, pictures).mean())
