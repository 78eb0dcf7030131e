"""Every recipe loads, builds and says how to run it; ``paper`` is what was published."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

import trainer.recipes
from emoterm.manifest import SamplingDefaults
from emoterm.sampling import SamplingParams
from trainer.conditions import CONTEXT
from trainer.config import OptimConfig
from trainer.errors import TrainerError
from trainer.networks import paper, residual
from trainer.overrides import override
from trainer.positions import BLOCK_SIZE
from trainer.prior import Prior
from trainer.recipes import load_recipe, names
from trainer.vqvae import VQVAE

torch.set_num_threads(1)

FILES = sorted(path for path in Path(trainer.recipes.__file__).parent.glob("*.py") if path.stem != "__init__")
recipes = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def vqvae_of(name: str) -> VQVAE:
    torch.manual_seed(0)
    recipe = load_recipe(name)
    return VQVAE(recipe.vqvae, recipe.data.channels).eval()


@cache
def prior_of(name: str) -> Prior:
    torch.manual_seed(0)
    recipe = load_recipe(name)
    K = recipe.vqvae.codebook.size
    return Prior(recipe.prior, codebook_size=K, vocab_size=K + 2 + (5 + recipe.prior.max_words) * recipe.prior.conditional).eval()


def test_every_file_is_a_recipe_and_no_other() -> None:
    assert names() == [path.stem for path in FILES]
    assert {"default", "paper", "tiny"} <= set(names())


@recipes
def test_a_recipe_has_the_name_of_its_file(path: Path) -> None:
    assert load_recipe(path.stem).name == path.stem


def test_an_unknown_recipe_lists_those_there_are() -> None:
    with pytest.raises(TrainerError, match="'papper'") as caught:
        load_recipe("papper")
    assert all(name in str(caught.value.fix) for name in names())


@recipes
def test_the_docstring_says_what_to_type(path: Path) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert doc
    commands = [shlex.split(line) for line in doc.splitlines() if line.startswith("    emoterm train ")]
    assert len(commands) == 1
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("stage", choices=("vqvae", "prior", "all"))
    for flag in ("--recipe", "--data", "--out"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--set", action="append", default=[])
    args = parser.parse_args(commands[0][2:])
    assert args.recipe == path.stem
    # What the docstring says may be changed, can be.
    changes = dict(re.findall(r"--set ([\w.]+)=(\S+)", doc))
    assert override(load_recipe(path.stem), changes).name == path.stem


@recipes
def test_the_vqvae_of_a_recipe_can_be_built_and_runs(path: Path) -> None:
    recipe = load_recipe(path.stem)
    model = vqvae_of(path.stem)
    x = torch.rand(1, recipe.data.channels, 64, 64)
    with torch.no_grad():
        z_e, indices = model.encode(x)
        x_hat = model.decode(model.codebook.lookup(indices))
    assert z_e.shape == (1, recipe.vqvae.codebook.dim, 16, 16)
    assert indices.shape == (1, 16, 16)
    assert x_hat.shape == x.shape
    assert 0 <= float(x_hat.min()) <= float(x_hat.max()) <= 1


@recipes
def test_the_prior_of_a_recipe_can_be_built_and_runs(path: Path) -> None:
    model = prior_of(path.stem)
    tokens = torch.full((1, CONTEXT), model.codebook_size)
    with torch.no_grad():
        logits, _ = model.extend(tokens, torch.arange(CONTEXT))
    assert logits.shape == (1, CONTEXT, load_recipe(path.stem).vqvae.codebook.size)
    assert BLOCK_SIZE == CONTEXT + 255


@recipes
def test_the_sampling_defaults_of_a_recipe_make_sense(path: Path) -> None:
    recipe = load_recipe(path.stem)
    assert recipe.sampling.top_k is None or recipe.sampling.top_k <= recipe.vqvae.codebook.size
    assert vars(recipe.sampling).keys() == vars(SamplingDefaults()).keys()
    assert SamplingParams(**vars(recipe.sampling))


# --- the published recipe ---


def test_paper_codebook_and_loss() -> None:
    recipe = load_recipe("paper")
    codebook = recipe.vqvae.codebook
    assert (codebook.size, codebook.dim) == (512, 256)
    assert codebook.ema_decay == 0.99
    assert codebook.commitment_weight == 0.25
    assert codebook.kmeans_start_steps is None
    assert codebook.l2_normalize is False
    assert (recipe.loss.mse, recipe.loss.l1) == (1.0, 0.0)
    assert vqvae_of("paper").codebook.codes.shape == (512, 256)


def test_paper_pictures_are_rgb_as_they_are() -> None:
    data = load_recipe("paper").data
    assert (data.size_px, data.channels, data.augment, data.flip, data.variant_weight) == (64, 3, 0.0, 0.0, False)


def test_paper_schedule_of_the_vqvae() -> None:
    optim = load_recipe("paper").vqvae_optim
    assert optim == OptimConfig(
        epochs=200, batch_size=128, lr=2e-4, min_lr=1e-6, warmup_steps=0, beta1=0.9, beta2=0.999, weight_decay=0.01, grad_clip=1.0
    )
    assert optim.ema_weights == 0.0
    assert optim.early_stopping is False


def test_paper_schedule_of_the_prior() -> None:
    assert load_recipe("paper").prior_optim == OptimConfig(
        epochs=200, batch_size=128, lr=2e-4, min_lr=1e-6, warmup_steps=0, beta1=0.9, beta2=0.95, weight_decay=0.2, grad_clip=1.0
    )


def test_paper_prior() -> None:
    config = load_recipe("paper").prior
    assert (config.d_model, config.n_layer, config.n_head, config.n_kv_head, config.head_dim) == (128, 4, 4, 4, 32)
    assert (config.d_ff, config.dropout) == (512, 0.2)
    assert not config.axial_positions
    assert not config.conditional
    assert config.token_dropout == 0.0
    model = prior_of("paper")
    assert len(model.blocks) == 4
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.2}
    for block in model.blocks:
        assert tuple(block.fc.weight.shape) == (512, 128)
        assert tuple(block.attention.qkv.weight.shape) == (3 * 128, 128)
        assert block.attention.drop.p == 0.2


def shapes_of_blocks(network: nn.Module, x: torch.Tensor) -> list[tuple[int, ...]]:
    """(C, H, W) that leaves each residual block, in order."""
    found: list[tuple[int, ...]] = []
    blocks = [module for module in network.modules() if isinstance(module, paper.ResidualBlock)]
    hooks = [block.register_forward_hook(lambda _block, _x, y: found.append(tuple(y.shape[1:]))) for block in blocks]
    with torch.no_grad():
        network(x)
    for hook in hooks:
        hook.remove()
    return found


def test_paper_network_has_128_channels_at_32_pixels_and_256_at_16_with_two_residual_blocks_each() -> None:
    model = vqvae_of("paper")
    blocks = [(128, 32, 32)] * 2 + [(256, 16, 16)] * 2
    assert shapes_of_blocks(model.encoder, torch.zeros(1, 3, 64, 64)) == blocks
    assert shapes_of_blocks(model.decoder, torch.zeros(1, 256, 16, 16)) == blocks[::-1]


def test_paper_network_is_normalized_by_batch_and_by_nothing_else() -> None:
    model = vqvae_of("paper")
    kinds = [type(module) for module in model.modules()]
    assert kinds.count(nn.BatchNorm2d) == 2 + 2 * 4 + 1 + 2 * 4  # after each strided convolution, and twice in each residual block
    assert not {nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d, residual.AttentionBlock} & set(kinds)
