"""``emoterm train``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show, show_json
from emoterm.cli.training import training_side
from emoterm.errors import UsageError


def complete_recipe() -> list[str]:
    """Recipes that have a name."""
    from trainer.recipes import names

    return names()


def train(
    stage: Annotated[
        Literal["vqvae", "prior", "all"],
        typer.Argument(case_sensitive=False, help="What to train; the prior needs a trained VQ-VAE."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="Folder of the run; an interrupted run in it goes on.")],
    recipe: Annotated[
        str, typer.Option("--recipe", help="Named configuration, such as default or paper.", autocompletion=complete_recipe)
    ] = "default",
    data: Annotated[
        str, typer.Option("--data", help="Hugging Face id, parquet file, folder of images, saved dataset or font:PATH.")
    ] = "valhalla/emoji-dataset",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="SECTION.FIELD=VALUE", help="Change one field of the recipe; may be repeated.")
    ] = None,
    init: Annotated[Path | None, typer.Option("--init", metavar="RUN", help="Begin with the weights of a finished run.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start again instead of going on from the last checkpoint.")] = False,
    steps_limit: Annotated[int | None, typer.Option("--steps-limit", min=1, help="Leave each stage after so many optimizer steps.")] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="DIR", help="Keep the decoded pictures of parquet files there, not in memory.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Train a model on your own emojis.

    Needs the train extra: pip install "emoterm[train]". Interrupt it at any time; the same command goes on where it stood.

    \b
    Examples:
      emoterm train all --recipe default --data emojis.parquet --out run
      emoterm train vqvae --recipe tiny --data font:NotoColorEmoji.ttf --out run
    """
    started = time.perf_counter()
    with training_side():
        from emoterm.names import check_name
        from trainer.errors import TrainerError
        from trainer.overrides import parse_changes

        try:  # before PyTorch is imported
            overrides = parse_changes(changes or [])
        except TrainerError as error:
            raise UsageError(error.what, fix=error.fix) from None
        from trainer.recipes import names
        from trainer.train import run_training

        recipe = check_name(recipe, names(), what="recipe")
        run_training(stage, recipe, data, out, overrides, init=init, resume=not fresh, stop_after_steps=steps_limit, cache=cache)
    seconds = time.perf_counter() - started
    if json:
        show_json("train", {"stage": stage, "recipe": recipe, "data": data, "run": str(out), "seconds": round(seconds, 3)})
        return
    show(out)
    narrate(f"Make a bundle of it: emoterm export --run {out} -o my.emoterm")
