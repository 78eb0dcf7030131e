"""The graphs of a bundle: each exported, held against the torch model, stored in the smallest form that is good enough, and written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from emoterm.manifest import GUIDED_GRAPH, PLAIN_GRAPH, SOURCE_GRAPH, WORDS_GRAPH, FileSpec, GraphSpec, PriorSpec, SamplingDefaults
from emoterm.prior_model import PriorModel
from export import parity
from export.calibrate import Readings, measure_inputs
from export.contract import DECODER, ENCODER, OPSET, SOURCE, WORDS, GraphContract, prior_contract
from export.graphs.decoder_graph import build_decoder_graph
from export.graphs.prior_graph import Variant, build_prior_graph, opset_of
from export.graphs.weights_file import WeightsFile
from export.local_layers import WINDOW, choose_local_layers
from export.material import Material, gather
from export.prior_parity import check_prior
from export.round_decoder import round_decoder
from export.static_quantize import quantize_convolutions
from export.storage import open_packed, store_decoder, store_encoder, store_prior
from export.to_onnx import export_decoder, export_encoder, export_source, export_words, round_to_half_, stored_half
from trainer.conditions import STYLE_SLOTS, WORD_SLOTS, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.networks.residual import ResidualDecoder
from trainer.positions import BLOCK_SIZE
from trainer.prior import Prior
from trainer.vqvae import VQVAE

REAL_PICTURES = 8
"""Held-out pictures that the parity check runs on beside random inputs."""
WINDOW_PICTURES = 64
"""Readings of each kind, of training pictures, that show which layers need no more than a window."""
PRIOR_VARIANTS: dict[Variant, str] = {
    "cpu": "prior",
    "guided": GUIDED_GRAPH,
    "plain": PLAIN_GRAPH,
    "cuda": "prior_cuda",
    "standard": "prior_standard",
}
"""The variants of the prior's graph by their names in the bundle."""


@dataclass
class BundleModels:
    """The graphs that are written so far, and what the manifest says of them; keys are their names."""

    folder: Path
    prior: PriorSpec
    graphs: dict[str, GraphSpec] = field(default_factory=dict)
    differences: dict[str, float] = field(default_factory=dict)
    """From torch: the largest absolute one, see parity.py."""
    storage: dict[str, Any] = field(default_factory=dict)
    """How the weights are stored, and what was measured to choose it; the graphs of the prior share theirs."""

    def write(self, name: str, graph: bytes, contract: GraphContract, difference: float, *, opset: int = OPSET) -> None:
        """Write a graph that has passed its parity check."""
        spec = write_file(self.folder, f"{name}.onnx", graph)
        self.graphs[name] = GraphSpec(spec.file, spec.sha256, opset, list(contract.inputs), list(contract.outputs))
        self.differences[name] = difference


@torch.no_grad()
def write_models(
    folder: Path, recipe: Recipe, vqvae: VQVAE, prior: Prior, space: TokenSpace, train: EmojiSet, held_out: EmojiSet
) -> BundleModels:
    """Write every graph, and the weights that those of the prior share.

    Parity is a matter of structure, so it is checked before anything is rounded to 8 bits; what that costs is measured.

    Args:
        folder: of the bundle.
        recipe: of the run.
        vqvae: trained; its weights are rounded to half precision, in place.
        prior: trained; so are its.
        space: the tokens of the prior.
        train: pictures whose activations give the steps of 8-bit numbers.
        held_out: pictures that parity is checked on and the cost of 8 bits measured.

    Raises:
        ParityError: a graph does not do what the torch model does.
    """
    for model in (vqvae, prior):
        round_to_half_(model)
        parity.no_grad_eval(model)
    models = BundleModels(folder, _prior_spec(recipe, space))
    material = gather(recipe, vqvae, space, train, held_out)

    encoder = export_encoder(vqvae)
    shipped_decoder = write_decoder(models, vqvae, material)
    if recipe.prior.word_reader:
        _write_words(models, prior, material.contexts)
    if material.sources is not None:
        _write_source(models, prior, material.sources)

    choose_windows(models, prior, material.readings)
    weights = _write_prior_weights(models, prior, material)
    shipped_prior = open_packed(prior, weights, models.prior)
    _write_encoder(models, encoder, vqvae, material, shipped_decoder, shipped_prior)
    write_prior(models, prior, weights, material)
    return models


def write_decoder(models: BundleModels, vqvae: VQVAE, material: Material) -> bytes:
    """The decoder, in the form that is returned.

    Raises:
        ParityError: the graph does not do what the torch model does.
    """
    calibration = material.calibration.z_q
    if isinstance(vqvae.decoder, ResidualDecoder):
        exact, rounded = build_decoder_graph(vqvae.decoder), round_decoder(vqvae.decoder, calibration)
    else:
        exact = export_decoder(vqvae)
        rounded = quantize_convolutions(exact, calibration)
    half = stored_half(exact)
    difference = parity.check_decoder(half, vqvae, material.unseen.images[:REAL_PICTURES])
    stored = store_decoder(half, stored_half(rounded), material.unseen.z_q, material.unseen.images)
    models.write("decoder", stored.data, DECODER, difference)
    models.storage["decoder"] = stored.facts
    return stored.data


def _write_words(models: BundleModels, prior: Prior, contexts: Tensor) -> None:
    """The reader of style and words; contexts (N, CONTEXT) end with BOS, which it is not told."""
    graph = stored_half(export_words(prior.words))
    models.write(WORDS_GRAPH, graph, WORDS, parity.check_words(graph, prior.words, contexts[:, :-1]))
    models.storage[WORDS_GRAPH] = {"stored": "half"}


def _write_source(models: BundleModels, prior: Prior, sources: Tensor) -> None:
    """The reader of a picture to draw after; sources are the tokens of such pictures (N, 256)."""
    graph = stored_half(export_source(prior.source))
    models.write(SOURCE_GRAPH, graph, SOURCE, parity.check_source(graph, prior.source, sources[:REAL_PICTURES]))
    models.storage[SOURCE_GRAPH] = {"stored": "half"}


def choose_windows(models: BundleModels, prior: Prior, readings: list[Readings]) -> None:
    """Which layers see a window only, measured on some of these pictures."""
    few = [read.subset(torch.linspace(0, len(read.tokens) - 1, WINDOW_PICTURES).long().unique()) for read in readings]
    layers, bits = choose_local_layers(prior, *few)
    models.prior = replace(models.prior, local_layers=layers, window=WINDOW if layers else 0)
    models.storage["windows"] = {"local_layers": layers, **bits}


def _write_prior_weights(models: BundleModels, prior: Prior, material: Material) -> WeightsFile:
    """The weights of all graphs of the prior."""
    inputs = measure_inputs(prior, *material.readings)
    contexts, tokens = material.told_nothing.numpy(), material.unseen.tokens
    weights, models.storage["prior"] = store_prior(prior, models.prior, inputs, contexts, tokens)
    models.prior = replace(models.prior, weights=write_file(models.folder, weights.file, weights.data))
    return weights


def _write_encoder(
    models: BundleModels, encoder: onnx.ModelProto, vqvae: VQVAE, material: Material, shipped_decoder: bytes, shipped_prior: PriorModel
) -> None:
    """The encoder, measured through decoder and prior as they ship."""
    images = material.unseen.images
    difference = parity.check_encoder(stored_half(encoder), vqvae, images[:REAL_PICTURES])
    calibration, codes = material.calibration.images.numpy(), vqvae.codebook.codes.numpy()
    stored = store_encoder(encoder, calibration, images, codes, shipped_decoder, shipped_prior, material.told_nothing.numpy())
    models.write("encoder", stored.data, ENCODER, difference)
    models.storage["encoder"] = stored.facts


@torch.no_grad()
def write_prior(models: BundleModels, prior: Prior, weights: WeightsFile, material: Material) -> None:
    """Every variant of the prior's step, checked with and without what its readers say of the cells."""
    config, contexts, sources = prior.config, material.contexts, material.sources
    guide = prior.guide(contexts, None if sources is None else sources[: len(contexts)])  # (4, 256, 2 C)
    for variant, name in PRIOR_VARIANTS.items():
        graph = build_prior_graph(config, weights, prior.codebook_size, variant, models.prior.local_layers)
        difference = check_prior(graph, weights, variant, prior, models.prior, contexts)
        if guide is not None and variant != "plain":
            difference = max(difference, check_prior(graph, weights, variant, prior, models.prior, contexts, guide))
        contract = prior_contract(variant, config.n_layer, reads_guide=config.reads_guide, local=bool(models.prior.local_layers))
        models.write(name, graph, contract, difference, opset=opset_of(variant))


def _prior_spec(recipe: Recipe, space: TokenSpace) -> PriorSpec:
    """The prior's shape; its weights are not written yet."""
    return PriorSpec(
        weights=FileSpec("", ""),
        vocab_size=space.vocab_size,
        block_size=BLOCK_SIZE,
        n_layer=recipe.prior.n_layer,
        n_kv_head=recipe.prior.n_kv_head,
        head_dim=recipe.prior.head_dim,
        style_slots=STYLE_SLOTS,
        word_slots=WORD_SLOTS,
        guide_width=2 * recipe.prior.d_model if recipe.prior.reads_guide else 0,
        bos_token=space.bos,
        null_token=space.null,
        sampling=SamplingDefaults(**vars(recipe.sampling)),
    )


def write_file(folder: Path, name: str, data: bytes) -> FileSpec:
    """Write a file of a bundle; what the manifest says of it."""
    (folder / name).write_bytes(data)
    return FileSpec(name, hashlib.sha256(data).hexdigest())
