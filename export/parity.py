"""Does each graph do what the torch model does? A bundle is not written unless it does.

Four checks a graph, in this order: names, free batch, shapes and types, values; on random inputs and on real pictures. Then the whole
chain, token by token: greedy sampling through the ONNX step with its cache against the torch model without one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from export.contract import DECODER, ENCODER, GraphContract, prior_contract
from export.errors import NameParityError, ShapeParityError, ValueParityError
from export.wrappers import DecoderGraph, EncoderGraph, PriorStepGraph
from trainer.conditions import CONTEXT
from trainer.prior import Prior
from trainer.vqvae import GRID, VQVAE

ATOL = 1e-3
"""Largest allowed absolute difference: a quarter of one of the 255 steps of a colour, and far below any gap between logits that matters."""
TIE = 1e-4
"""Two codes whose distances to a latent differ by less than this may be swapped by rounding."""


def check_encoder(graph: bytes, vqvae: VQVAE, pictures: Tensor) -> float:
    """Largest absolute difference of z_e; indices must agree except where two codes are equally near.

    Args:
        graph: the exported encoder.
        vqvae: in eval mode, with the rounded weights.
        pictures: (N, C, 64, 64) real pictures in [0, 1].

    Raises:
        ParityError: which check failed, for which output, by how much.
    """
    session = _open(graph, "encoder", ENCODER)
    worst = 0.0
    for image in (torch.rand(3, *pictures.shape[1:]), pictures, pictures[:1]):
        found = _run(session, {"image": image})
        wanted = EncoderGraph(vqvae)(image)
        worst = max(worst, _compare("encoder", "z_e", found[0], wanted[0]))
        _same_shape("encoder", "indices", found[1], wanted[1])
        z_MD = wanted[0].permute(0, 2, 3, 1).reshape(-1, wanted[0].shape[1])  # (N, D, 16, 16) → (M, D)
        distance_MK = torch.cdist(z_MD, vqvae.codebook.codes).square()
        chosen_M = torch.from_numpy(found[1]).flatten()
        loss_M = distance_MK.gather(1, chosen_M[:, None])[:, 0] - distance_MK.min(1).values
        if (gap := float(loss_M.max())) > TIE:
            raise ValueParityError(f"encoder: an index is not the nearest code, it is farther by {gap:.3g} (tolerance {TIE}).")
    return worst


def check_decoder(graph: bytes, vqvae: VQVAE, pictures: Tensor) -> float:
    """Largest absolute difference of decoded pictures, from random latents and from real codes. Raises as :func:`check_encoder`."""
    session = _open(graph, "decoder", DECODER)
    _, indices = vqvae.encode(pictures)
    z_q = vqvae.codebook.lookup(indices)
    worst = 0.0
    for z in (torch.randn(3, *z_q.shape[1:]), z_q, z_q[:1]):
        worst = max(worst, _compare("decoder", "image", _run(session, {"z_q": z})[0], DecoderGraph(vqvae)(z)))
    return worst


def check_prior(graph: bytes, prior: Prior, contexts: Tensor) -> float:
    """Largest absolute difference of logits and cache, for a random prefix and along whole greedy samples.

    Args:
        graph: the exported step.
        prior: in eval mode, with the rounded weights.
        contexts: (N, CONTEXT) int64, real ones and the unconditional one.

    Raises:
        ParityError: which check failed, for which output, by how much.
    """
    config = prior.config
    contract = prior_contract(config.n_layer)
    session = _open(graph, "prior", contract)
    past_names = contract.inputs[2:]

    def step(tokens: Tensor, positions: Tensor, past: Sequence[Tensor]) -> list[NDArray[np.generic]]:
        return _run(session, {"tokens": tokens, "positions": positions, **dict(zip(past_names, past, strict=True))})

    empty = [torch.zeros(len(contexts), config.n_kv_head, 0, config.head_dim)] * len(past_names)
    random = [torch.randn(len(contexts), config.n_kv_head, CONTEXT + 4, config.head_dim) for _ in past_names]
    worst = 0.0
    for tokens, first, past in ((contexts, 0, empty), (torch.randint(0, prior.codebook_size, (len(contexts), 3)), CONTEXT + 4, random)):
        positions = torch.arange(first, first + tokens.shape[1])
        wanted = PriorStepGraph(prior)(tokens, positions, *past)
        for name, a, b in zip(contract.outputs, step(tokens, positions, past), wanted, strict=True):
            worst = max(worst, _compare("prior", name, a, b))

    # The chain: what ONNX Runtime drew greedily, read back by torch in one uncached pass, must be what torch would have drawn.
    outputs = step(contexts, torch.arange(CONTEXT), empty)
    logits, codes = [outputs[0]], [outputs[0].argmax(-1)]
    for position in range(CONTEXT, CONTEXT + GRID * GRID - 1):
        past = [torch.from_numpy(value) for value in outputs[1:]]
        outputs = step(torch.from_numpy(codes[-1])[:, None], torch.tensor([position]), past)
        logits.append(outputs[0])
        codes.append(outputs[0].argmax(-1))
    read = torch.cat([contexts, torch.from_numpy(np.stack(codes, 1))[:, :-1]], 1)
    uncached, _ = prior.extend(read, torch.arange(read.shape[1]))
    return max(worst, _compare("prior", "logits of a whole sample", np.stack(logits, 1), uncached[:, CONTEXT - 1 :]))


def _open(graph: bytes, name: str, contract: GraphContract) -> ort.InferenceSession:
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for kind, found, wanted in (
        ("inputs", [i.name for i in session.get_inputs()], list(contract.inputs)),
        ("outputs", [o.name for o in session.get_outputs()], list(contract.outputs)),
    ):
        if found != wanted:
            raise NameParityError(f"{name}: {kind} are {found}, the contract says {wanted}.")
    for tensor in (*session.get_inputs(), *session.get_outputs()):
        if tensor.name != "positions" and not isinstance(tensor.shape[0], str):
            raise ShapeParityError(f"{name}: the batch of {tensor.name} is fixed to {tensor.shape[0]}.")
    return session


def _run(session: ort.InferenceSession, feeds: dict[str, Tensor]) -> list[NDArray[np.generic]]:
    found: list[NDArray[np.generic]] = session.run(None, {name: value.numpy() for name, value in feeds.items()})
    return found


def _same_shape(graph: str, output: str, found: NDArray[np.generic], wanted: Tensor) -> None:
    expected = wanted.detach().numpy()
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise ShapeParityError(f"{graph}: {output} is {found.dtype}{found.shape}, torch gives {expected.dtype}{expected.shape}.")


def _compare(graph: str, output: str, found: NDArray[np.generic], wanted: Tensor) -> float:
    _same_shape(graph, output, found, wanted)
    difference = np.abs(found - wanted.detach().numpy()).max(initial=0.0)
    if not difference <= ATOL:  # also catches NaN
        raise ValueParityError(f"{graph}: {output} differs by {difference:.3g}, allowed is {ATOL}.")
    return float(difference)


def no_grad_eval(*models: nn.Module) -> None:
    """Eval mode and no gradients, as deployed."""
    for model in models:
        model.eval().requires_grad_(False)
