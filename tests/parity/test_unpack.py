"""A bundle that is unpacked again holds the weights that it ships, each where it belongs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.errors import UsageError
from emoterm.prior import Prior
from emoterm.vocabulary import Condition
from export.graphs.prior_weights import load_packed_
from export.unpack import _prior_weights, unpack
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.run import load_prior, load_run, load_vqvae


@pytest.fixture
def bundle(tiny_bundle: Bundle) -> Bundle:
    return tiny_bundle


@pytest.fixture
def run(unpacked_tiny_bundle: Path) -> Path:
    return unpacked_tiny_bundle


@torch.no_grad()
def test_encoder_and_decoder_do_what_those_of_the_bundle_do(bundle: Bundle, run: Path) -> None:
    vqvae, codec = load_vqvae(run, load_run(run)), Codec(bundle, device="cpu")
    pictures = torch.rand(3, 4, 64, 64)
    z_e, indices = vqvae.encode(pictures)
    found_z_e, found_indices = codec.encode(pictures.numpy())
    assert np.abs(z_e.numpy() - found_z_e).max() < 2e-3
    assert (indices.numpy() == found_indices).mean() > 0.99
    decoded = vqvae.decode(vqvae.codebook.lookup(indices)).clamp(0, 1).numpy()
    # The decoder of a bundle may compute in 8 bits, which its weights alone do not tell.
    assert np.abs(decoded - codec.decode_tokens(indices.flatten(1).numpy())).mean() < 0.02


@torch.no_grad()
def test_the_prior_has_the_weights_that_ship(bundle: Bundle, run: Path) -> None:
    recipe = load_run(run)
    space = TokenSpace.load(run / "vocabulary.json", recipe.vqvae.codebook.size)
    prior = load_prior(run, recipe, space)
    before = {name: value.clone() for name, value in prior.state_dict().items()}
    load_packed_(prior, load(bundle.read(bundle.manifest.prior.weights)))
    assert all(torch.equal(value, before[name]) for name, value in prior.state_dict().items())

    app = Prior(bundle, device="cpu")
    context = torch.from_numpy(app.vocabulary.context([Condition(style=app.vocabulary.styles[0], words=(app.vocabulary.words[0],))]))
    source = torch.randint(space.codebook_size, (1, 256))
    if app.words.exists:
        assert np.abs(app.words.read(context[:, :-1].numpy()).rows(slice(None)) - prior.words(context[:, :-1]).numpy()).max() < 2e-3
    assert np.abs(app.source.read(source.numpy()).rows(slice(None)) - prior.source(source).numpy()).max() < 2e-3


def test_what_a_prior_is_told_in_training_begins_anew(bundle: Bundle) -> None:
    recipe = from_dict(Recipe, bundle.manifest.provenance["recipe"])
    assert isinstance(recipe, Recipe)
    told = replace(recipe, prior=replace(recipe.prior, told_changes=True))
    weights = _prior_weights(bundle, told, json.loads(bundle.read(bundle.manifest.vocabulary)))
    assert not weights["changes.weight"].any()


def test_nothing_is_overwritten(bundle: Bundle, run: Path) -> None:
    with pytest.raises(UsageError, match="already exists"):
        unpack(bundle, run)
