"""Does each graph do what the torch model does? A bundle is not written unless it does.

Four checks a graph, in this order: names, free batch, shapes and types, values; on random inputs and on real pictures. The prior has
checks of its own in prior_parity.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emoterm.session import open_session
from export.contract import DECODER, ENCODER, SOURCE, WITHOUT_BATCH, WORDS, GraphContract
from export.errors import NameParityError, ShapeParityError, ValueParityError
from export.wrappers import DecoderGraph, EncoderGraph, SourceGraph, WordsGraph
from trainer.networks.source import SourceReader
from trainer.networks.words import WordReader
from trainer.vqvae import VQVAE

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
    session = open_checked(graph, "encoder", ENCODER)
    worst = 0.0
    for image in (torch.rand(3, *pictures.shape[1:]), pictures, pictures[:1]):
        found = _run(session, {"image": image})
        wanted = EncoderGraph(vqvae)(image)
        worst = max(worst, compare("encoder", "z_e", found[0], wanted[0]))
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
    session = open_checked(graph, "decoder", DECODER)
    _, indices = vqvae.encode(pictures)
    z_q = vqvae.codebook.lookup(indices)
    worst = 0.0
    for z in (torch.randn(3, *z_q.shape[1:]), z_q, z_q[:1]):
        worst = max(worst, compare("decoder", "image", _run(session, {"z_q": z})[0], DecoderGraph(vqvae)(z)))
    return worst


def check_source(graph: bytes, source: SourceReader, tokens: Tensor) -> float:
    """Largest absolute difference of the guide, from random tokens and from those of pictures (N, 256). Raises as :func:`check_encoder`."""
    session = open_checked(graph, "source", SOURCE)
    worst = 0.0
    for read in (torch.randint(source.embed.num_embeddings, (3, tokens.shape[1])), tokens, tokens[:1]):
        worst = max(worst, compare("source", "guide", _run(session, {"tokens": read})[0], SourceGraph(source)(read)))
    return worst


def check_words(graph: bytes, words: WordReader, conditions: Tensor) -> float:
    """Largest absolute difference of the guide, from random conditions and real ones (N, slots). Raises as :func:`check_encoder`."""
    session = open_checked(graph, "words", WORDS)
    worst = 0.0
    anything = words.null + torch.randint(words.embed.num_embeddings, (3, conditions.shape[1]))
    for read in (anything, conditions, conditions[:1]):
        worst = max(worst, compare("words", "guide", _run(session, {"conditions": read})[0], WordsGraph(words)(read)))
    return worst


def open_checked(graph: bytes, name: str, contract: GraphContract, weights: Mapping[str, bytes] | None = None) -> ort.InferenceSession:
    """A CPU session of a graph whose inputs and outputs are those of the contract.

    Raises:
        ParityError: a name differs, or a batch is fixed.
    """
    session = open_session(graph, device="cpu", weights=weights)
    for kind, found, wanted in (
        ("inputs", [i.name for i in session.get_inputs()], list(contract.inputs)),
        ("outputs", [o.name for o in session.get_outputs()], list(contract.outputs)),
    ):
        if found != wanted:
            raise NameParityError(f"{name}: {kind} are {found}, the contract says {wanted}.")
    for tensor in (*session.get_inputs(), *session.get_outputs()):
        if tensor.name not in WITHOUT_BATCH and not isinstance(tensor.shape[0], str):
            raise ShapeParityError(f"{name}: the batch of {tensor.name} is fixed to {tensor.shape[0]}.")
    return session


def _run(session: ort.InferenceSession, feeds: dict[str, Tensor]) -> list[NDArray[np.generic]]:
    found: list[NDArray[np.generic]] = session.run(None, {name: value.numpy() for name, value in feeds.items()})
    return found


def _same_shape(graph: str, output: str, found: NDArray[np.generic], wanted: Tensor) -> None:
    expected = wanted.detach().numpy()
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise ShapeParityError(f"{graph}: {output} is {found.dtype}{found.shape}, torch gives {expected.dtype}{expected.shape}.")


def compare(graph: str, output: str, found: NDArray[np.generic], wanted: Tensor, *, atol: float = ATOL) -> float:
    """Largest absolute difference of one output.

    Raises:
        ParityError: another shape or type, or a difference above ``atol``.
    """
    _same_shape(graph, output, found, wanted)
    difference = np.abs(found - wanted.detach().numpy()).max(initial=0.0)
    if not difference <= atol:  # also catches NaN
        raise ValueParityError(f"{graph}: {output} differs by {difference:.3g}, allowed is {atol:.3g}.")
    return float(difference)


def no_grad_eval(*models: nn.Module) -> None:
    """Eval mode and no gradients, as deployed."""
    for model in models:
        model.eval().requires_grad_(False)
