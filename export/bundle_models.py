"""The graphs of a bundle: each exported, held against the torch model, stored in the smallest form that is good enough, and written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoterm.manifest import PLAIN_GRAPH, SOURCE_GRAPH, WORDS_GRAPH, FileSpec, GraphSpec, PriorSpec, SamplingDefaults
from emoterm.prior_model import PriorModel
from export import parity
from export.calibrate import Readings, measure_inputs
from export.contract import DECODER, ENCODER, OPSET, SOURCE, WORDS, GraphContract, prior_contract
from export.graphs.prior_graph import Variant, build_prior_graph, opset_of
from export.graphs.weights_file import WeightsFile
from export.prior_parity import check_prior
from export.storage import open_packed, store_decoder, store_encoder, store_prior
from export.to_onnx import export_decoder, export_encoder, export_source, export_words, round_to_half_, stored_half
from trainer.conditions import STYLE_SLOTS, WORD_SLOTS, ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.prior import BLOCK_SIZE, Prior
from trainer.siblings import Siblings
from trainer.train_vqvae import as_channels
from trainer.vqvae import VQVAE

CPU = torch.device("cpu")
REAL_PICTURES = 8
"""Held-out pictures that the parity check runs on beside random inputs."""
CALIBRATION_PICTURES = 256
"""Training pictures that show how large the activations get."""
PRIOR_VARIANTS: dict[Variant, str] = {
    "cpu": "prior",
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


class Encoded(NamedTuple):
    """N pictures, and what the VQ-VAE makes of them."""

    images: Tensor
    """(N, C, 64, 64) in [0, 1]."""
    z_q: NDArray[np.float32]
    """(N, D, 16, 16)."""
    tokens: NDArray[np.int64]
    """(N, 256)."""


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
    contexts = _few_contexts(space, held_out)
    calibration_rows = _spread(train, CALIBRATION_PICTURES)
    calibration_set = train.subset(calibration_rows)
    calibration, unseen = _encode(vqvae, calibration_set), _encode(vqvae, held_out)

    encoder, decoder = export_encoder(vqvae), export_decoder(vqvae)
    shipped_decoder = _write_decoder(models, decoder, vqvae, calibration, unseen)
    told_nothing = _contexts(space, held_out, drop_all=1.0)
    # With conditions and without: what a prompt sets off inside must fit the scales as well.
    calibration_contexts = torch.cat([_contexts(space, calibration_set), _contexts(space, calibration_set, drop_all=1.0)])
    readings = [Readings(calibration_contexts, torch.from_numpy(calibration.tokens).tile(2, 1))]

    if recipe.prior.word_reader:
        _write_words(models, prior, contexts)
    sources = None
    if recipe.prior.reads_source:
        siblings = train.subset(Siblings(train.rows, CPU).first(torch.from_numpy(calibration_rows)))
        sources = torch.from_numpy(_encode(vqvae, siblings).tokens)
        _write_source(models, prior, sources)
        readings.append(replace(readings[0], sources=sources.tile(2, 1)))

    weights = _write_prior_weights(models, prior, readings, told_nothing, unseen)
    shipped_prior = open_packed(prior, weights, models.prior)
    _write_encoder(models, encoder, vqvae, calibration, unseen, shipped_decoder, shipped_prior, told_nothing)
    guide = prior.guide(contexts, None if sources is None else sources[: len(contexts)])
    _write_prior(models, prior, weights, contexts, guide)
    return models


def _write_decoder(models: BundleModels, decoder: onnx.ModelProto, vqvae: VQVAE, calibration: Encoded, unseen: Encoded) -> bytes:
    """The decoder as it ships."""
    difference = parity.check_decoder(stored_half(decoder), vqvae, unseen.images[:REAL_PICTURES])
    stored = store_decoder(decoder, calibration.z_q, unseen.z_q, unseen.images)
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


def _write_prior_weights(
    models: BundleModels, prior: Prior, readings: list[Readings], told_nothing: Tensor, unseen: Encoded
) -> WeightsFile:
    """The weights of all graphs of the prior."""
    inputs = measure_inputs(prior, *readings)
    weights, models.storage["prior"] = store_prior(prior, models.prior, inputs, told_nothing.numpy(), unseen.tokens)
    models.prior = replace(models.prior, weights=write_file(models.folder, weights.file, weights.data))
    return weights


def _write_encoder(
    models: BundleModels,
    encoder: onnx.ModelProto,
    vqvae: VQVAE,
    calibration: Encoded,
    unseen: Encoded,
    shipped_decoder: bytes,
    shipped_prior: PriorModel,
    told_nothing: Tensor,
) -> None:
    """The encoder, measured through decoder and prior as they ship."""
    difference = parity.check_encoder(stored_half(encoder), vqvae, unseen.images[:REAL_PICTURES])
    stored = store_encoder(
        encoder,
        calibration.images.numpy(),
        unseen.images,
        vqvae.codebook.codes.numpy(),
        shipped_decoder,
        shipped_prior,
        told_nothing.numpy(),
    )
    models.write("encoder", stored.data, ENCODER, difference)
    models.storage["encoder"] = stored.facts


def _write_prior(models: BundleModels, prior: Prior, weights: WeightsFile, contexts: Tensor, guide: Tensor | None) -> None:
    """Every variant of the prior's step, checked with and without what its readers say of the cells: guide (N, 256, 2 C)."""
    config = prior.config
    for variant, name in PRIOR_VARIANTS.items():
        plain = variant == "plain"
        graph = build_prior_graph(config, weights, prior.codebook_size, variant)
        difference = check_prior(graph, weights, variant, prior, models.prior, contexts)
        if guide is not None and not plain:
            difference = max(difference, check_prior(graph, weights, variant, prior, models.prior, contexts, guide))
        contract = prior_contract(config.n_layer, reads_guide=config.reads_guide, plain=plain, grouped=variant == "cuda")
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


def _encode(vqvae: VQVAE, emojis: EmojiSet) -> Encoded:
    images = as_channels(emojis.images.float() / 255, vqvae.channels)
    indices = torch.cat([vqvae.encode(part)[1] for part in images.split(64)])
    return Encoded(images, vqvae.codebook.lookup(indices).numpy(), indices.flatten(1).numpy())


def _spread(emojis: EmojiSet, n: int) -> NDArray[np.int64]:
    """The rows of ``n`` pictures, or of all, evenly spread over the set."""
    return np.unique(np.linspace(0, len(emojis) - 1, n).astype(np.int64))


def _contexts(space: TokenSpace, emojis: EmojiSet, drop_all: float = 0.0) -> Tensor:
    """What the prior is told about each picture, or nothing: (N, CONTEXT)."""
    return ConditionTable(space, emojis.rows, CPU).context(torch.arange(len(emojis)), drop_all=drop_all)


def _few_contexts(space: TokenSpace, held_out: EmojiSet) -> Tensor:
    """One context without conditions and three real ones: (4, CONTEXT)."""
    few = held_out.subset(_spread(held_out, 3))
    return torch.cat([_contexts(space, few, drop_all=1.0)[:1], _contexts(space, few)])


def write_file(folder: Path, name: str, data: bytes) -> FileSpec:
    """Write a file of a bundle; what the manifest says of it."""
    (folder / name).write_bytes(data)
    return FileSpec(name, hashlib.sha256(data).hexdigest())
