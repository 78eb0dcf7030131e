"""``emoterm export``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show, show_json
from emoterm.cli.training import training_side
from emoterm.errors import InputError, OutputError


def export(
    run: Annotated[Path, typer.Option("--run", metavar="RUN", help="Folder that emoterm train wrote.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="BUNDLE", help="Folder to make, or a file that ends in .emoterm.")],
    data: Annotated[
        str | None, typer.Option("--data", help="Where the pictures of the run are now; default: where they were when it was trained.")
    ] = None,
    effort: options.Effort = 2,
    force: options.Force = False,
    json: options.Json = False,
) -> None:
    """Turn a training run into a bundle that emoterm can open.

    No bundle is written unless every graph agrees with PyTorch. What it reaches on the held-out pictures goes into its manifest, with
    tokens that are searched for; a large decoder takes long for that, and --effort 0 spares it. Needs the train extra: pip install
    "emoterm[train]".

    \b
    Examples:
      emoterm export --run run -o my-emojis
      emoterm sample --bundle my-emojis
    """
    from emoterm.cli.progress import progress

    if not run.is_dir():
        raise InputError(f"There is no training run at {run}.", fix=f"Make one: emoterm train all --data DATA --out {run}")
    if out.exists() and not force:
        raise OutputError(f"{out} already exists.", fix="Add --force to replace it, or choose another name.")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"The folder {out.absolute().parent} does not exist.", fix=f"Create it first: mkdir -p {out.absolute().parent}")
    started = time.perf_counter()
    with training_side():
        from export.build_bundle import build_bundle

        bundle = build_bundle(run, out, data=data, force=force, effort=effort, progress=progress)
    if json:
        show_json("export", {"run": str(run), "bundle": str(bundle), "seconds": round(time.perf_counter() - started, 3)})
        return
    show(bundle)
    narrate(f"Try it: emoterm sample --bundle {bundle}")
