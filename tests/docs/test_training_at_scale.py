"""Every command of docs/training-at-scale.md is one that the launchers and the trainer take."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from accelerate.commands.launch import launch_command_parser
from torch.distributed.run import get_args_parser

from trainer.config import Recipe
from trainer.overrides import override, parse_changes
from trainer.recipes import load_recipe
from trainer.train import make_parser

PAGE = (Path(__file__).parents[2] / "docs" / "training-at-scale.md").read_text(encoding="utf-8")
LAUNCHERS = ("torchrun ", "accelerate launch ", "python -m trainer.train ")


def commands() -> list[str]:
    """The command lines of all code blocks, without `srun` and what continues them on further lines."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    found = [line.removeprefix("srun ") for line in lines]
    return [line for line in found if line.startswith(LAUNCHERS)]


def test_the_page_has_commands_of_every_kind() -> None:
    assert {line.split()[0] for line in commands()} == {"torchrun", "accelerate", "python"}


@pytest.mark.parametrize("command", commands())
def test_launcher_trainer_and_recipe_know_every_flag(command: str) -> None:
    first, *words = shlex.split(command)
    if first == "torchrun":
        launched = get_args_parser().parse_args(words)
    elif first == "accelerate":
        launched = launch_command_parser().parse_args(words[1:])
    else:
        assert words[:2] == ["-m", "trainer.train"]
        launched = None
    if launched is not None:
        assert launched.module
        assert launched.training_script == "trainer.train"
    arguments = make_parser().parse_args(launched.training_script_args if launched else words[2:])
    recipe = override(load_recipe(arguments.recipe), parse_changes(arguments.set))
    assert isinstance(recipe, Recipe)
    processes = {"torchrun": "nproc_per_node", "accelerate": "num_processes"}.get(first)
    if processes:
        count = int(getattr(launched, processes)) * (2 if "SLURM_NNODES" in command else 1)
        assert recipe.vqvae_optim.batch_size % count == recipe.prior_optim.batch_size % count == 0
