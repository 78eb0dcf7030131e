"""Reading a run directory back: its recipe, its facts, its trained models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from trainer import checkpoint, tokenizer
from trainer.conditions import TokenSpace
from trainer.config import Recipe
from trainer.config_json import from_dict
from trainer.prior import Prior, make_prior, tells_changes
from trainer.vqvae import VQVAE


def read_facts(run_dir: Path) -> dict[str, Any]:
    """The content of ``recipe.json``, see :mod:`trainer.claim`.

    Raises:
        TrainerError: not a run directory.
    """
    return checkpoint.read_facts(
        run_dir / "recipe.json", {"recipe": dict, "data": str}, what="a training run", fix="Make one with: emoterm train all --out RUN"
    )


def load_run(run_dir: Path) -> Recipe:
    """The recipe that a run was made with.

    Raises:
        TrainerError: not a run directory.
    """
    recipe = from_dict(Recipe, read_facts(run_dir)["recipe"])
    assert isinstance(recipe, Recipe)
    return recipe


def load_vqvae(run_dir: Path, recipe: Recipe, device: torch.device | str = "cpu") -> VQVAE:
    """The trained VQ-VAE of a run, in eval mode.

    Raises:
        TrainerError: the stage has not been finished.
    """
    model = VQVAE(recipe.vqvae, recipe.data.channels)
    model.load_state_dict(
        checkpoint.load_weights(run_dir / "vqvae" / "weights.safetensors", f"Finish it: emoterm train vqvae --out {run_dir}")
    )
    return model.to(device).eval()


def load_prior(run_dir: Path, recipe: Recipe, space: TokenSpace, device: torch.device | str = "cpu") -> Prior:
    """The trained prior of a run, in eval mode.

    Raises:
        TrainerError: the stage has not been finished, or the VQ-VAE was trained on after it.
    """
    tokenizer.check(run_dir)
    model = make_prior(recipe, space)
    weights = checkpoint.load_weights(run_dir / "prior" / "weights.safetensors", f"Finish it: emoterm train prior --out {run_dir}")
    # A run that trained its decoder alone has the prior of another one, which may have been told changes where its own recipe tells none,
    # and the other way round. Who draws is told none either way.
    ours = {name: value for name, value in model.state_dict().items() if tells_changes(name)}
    model.load_state_dict(ours | {name: value for name, value in weights.items() if name in ours or not tells_changes(name)})
    return model.to(device).eval()
