"""Reading a run directory back: its recipe, its facts, its pictures, its trained models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from trainer import checkpoint, tokenizer
from trainer.conditions import TokenSpace
from trainer.config import DataConfig, Recipe
from trainer.config_json import from_dict
from trainer.data import EmojiSet
from trainer.errors import TrainerError
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


def chosen(emojis: EmojiSet, config: DataConfig) -> tuple[EmojiSet, EmojiSet]:
    """What a run trains on and what it validates on, of all pictures of its data.

    Raises:
        TrainerError: there is no such style or no such split, or nothing is left to train on.
    """
    train, validation = emojis.split("train"), emojis.split("test")
    if config.only_style and config.only_style == config.leave_out_style:
        raise TrainerError(
            f"Nothing is left to train on: the style {config.only_style} is the only one, and is left out.",
            fix="Change one of them with --set data.only_style=STYLE or --set data.leave_out_style=STYLE",
        )
    if config.only_style:
        train, validation = (part.of_style(config.only_style) for part in (train, validation))
    if config.leave_out_style:
        train = train.of_style(config.leave_out_style, without=True)
    if not len(train):
        raise TrainerError(
            f"Nothing is left to train on without the style {config.leave_out_style}.", fix="Add --set data.leave_out_style= to keep it."
        )
    return train, validation


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
