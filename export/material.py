"""The pictures that a bundle's models are tried on before they ship: training pictures to measure by, held-out ones to judge by."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.calibrate import Readings
from trainer.conditions import ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.siblings import Siblings
from trainer.train_vqvae import as_channels
from trainer.vqvae import VQVAE

CPU = torch.device("cpu")
CALIBRATION_PICTURES = 256
"""Training pictures that show how large the activations get."""


class Encoded(NamedTuple):
    """N pictures, and what the VQ-VAE makes of them."""

    images: Tensor
    """(N, C, 64, 64) in [0, 1]."""
    z_q: NDArray[np.float32]
    """(N, D, 16, 16)."""
    tokens: NDArray[np.int64]
    """(N, 256)."""


class Material(NamedTuple):
    """All of it."""

    calibration: Encoded
    """Training pictures, evenly spread."""
    unseen: Encoded
    """All held-out pictures."""
    told_nothing: Tensor
    """(M, CONTEXT): contexts of these without conditions."""
    contexts: Tensor
    """(4, CONTEXT): one without conditions and three real ones."""
    readings: list[Readings]
    """The training pictures as a prior reads them: with conditions and without, and after a source where it reads such."""
    sources: Tensor | None
    """(N, 256): tokens of the pictures that they are drawn after."""


@torch.no_grad()
def gather(recipe: Recipe, vqvae: VQVAE, space: TokenSpace, train: EmojiSet, held_out: EmojiSet) -> Material:
    """Encode pictures, and say what a prior is told of them.

    Args:
        recipe: of the run.
        vqvae: trained, in eval mode.
        space: the tokens of the prior.
        train: training pictures.
        held_out: others.
    """
    rows = evenly_spread(train, CALIBRATION_PICTURES)
    calibration_set = train.subset(rows)
    calibration, unseen = _encode(vqvae, calibration_set), _encode(vqvae, held_out)
    # With conditions and without: what a prompt sets off inside must fit the scales as well.
    contexts = torch.cat([_contexts(space, calibration_set), _contexts(space, calibration_set, drop_all=1.0)])
    readings = [Readings(contexts, torch.from_numpy(calibration.tokens).tile(2, 1))]
    sources = None
    if recipe.prior.reads_source:
        siblings = train.subset(Siblings(train.rows, CPU).first(torch.from_numpy(rows)))
        sources = torch.from_numpy(_encode(vqvae, siblings).tokens)
        readings.append(replace(readings[0], sources=sources.tile(2, 1)))
    told_nothing = _contexts(space, held_out, drop_all=1.0)
    return Material(calibration, unseen, told_nothing, _few_contexts(space, held_out), readings, sources)


def _encode(vqvae: VQVAE, emojis: EmojiSet) -> Encoded:
    images = as_channels(emojis.images.float() / 255, vqvae.channels)
    indices = torch.cat([vqvae.encode(part)[1] for part in images.split(64)])
    return Encoded(images, vqvae.codebook.lookup(indices).numpy(), indices.flatten(1).numpy())


def evenly_spread(emojis: EmojiSet, n: int) -> NDArray[np.int64]:
    """The rows of ``n`` pictures, or of all if these are fewer, evenly spread over the set."""
    return np.linspace(0, len(emojis) - 1, min(n, len(emojis))).astype(np.int64)


def _contexts(space: TokenSpace, emojis: EmojiSet, drop_all: float = 0.0) -> Tensor:
    """What the prior is told about each picture, or nothing: (N, CONTEXT)."""
    return ConditionTable(space, emojis.rows, CPU).context(torch.arange(len(emojis)), drop_all=drop_all)


def _few_contexts(space: TokenSpace, held_out: EmojiSet) -> Tensor:
    """One context without conditions and three real ones: (4, CONTEXT)."""
    few = held_out.subset(evenly_spread(held_out, 3))
    return torch.cat([_contexts(space, few, drop_all=1.0)[:1], _contexts(space, few)])
