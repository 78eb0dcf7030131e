"""``emoterm recreate``."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show, show_json


def recreate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A picture or animation that emoterm made, or - for stdin.")],
    output: options.Output = None,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "cpu",
    json: options.Json = False,
) -> None:
    """Make a file again from the recipe inside it, and say whether the bytes are the same.

    With the same bundle and version they are, on a CPU; otherwise the lines say what differs, and the exit code is 1. Nothing is written
    without -o. What fit made of a photo, or of another picture that is not emoterm's, cannot be made again: its recipe does not hold that
    picture.

    \b
    Examples:
      emoterm recreate emoterm-7.png
      emoterm recreate love.gif -o again.gif --json
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.cli import files
    from emoterm.cli.progress import progress
    from emoterm.errors import InputError
    from emoterm.imaging.load import open_image, read_file
    from emoterm.imaging.metadata import read_recipe
    from emoterm.inputs import STDIN, TOKEN_SUFFIX, read_stdin
    from emoterm.recreate import Kitchen

    if output is not None:
        files.check_target(output, force=force, json=json)
    data, label = (read_stdin(sys.stdin.buffer), "stdin") if file == STDIN else read_file(file)
    recipe = read_recipe(data)
    if recipe is None and file.lower().endswith(TOKEN_SUFFIX):
        drawn = shlex.join(["emoterm", "decode", label, f"{Path(label).stem}.png"])
        raise InputError(f"{label} holds tokens and nothing else: no recipe.", fix=f"Draw them with: {drawn}")
    if recipe is None:
        with open_image(data, label):  # raises where it is no picture at all, in which nobody would look for a recipe
            pass
        raise InputError(
            f"{label} carries no recipe.",
            fix="Pictures and animations that emoterm writes have one, unless --no-metadata was given or a service took it out.",
        )
    with open_bundle(bundle) as opened, progress("Making it again") as update:
        again = Kitchen(opened, device=device, on_progress=update).recreate(data, recipe)
    written = [] if output is None else files.deliver(output, again.data, force=force)
    if json:
        facts = {
            "file": label,
            "command": recipe.command,
            "made_by": recipe.version,
            "bundle": {"name": recipe.bundle_name, "version": recipe.bundle_version, "sha256": recipe.bundle_sha256},
            "parameters": {name: list(value) if isinstance(value, tuple) else value for name, value in recipe.parameters.items()},
            "identical": again.identical,
            "differences": list(again.differences),
            "files": written,
            "seconds": round(time.perf_counter() - started, 3),
        }
        show_json("recreate", facts)
    elif output == files.STDOUT:
        for line in again.differences:
            narrate(line)
    else:
        show(f"{label}: {'identical' if again.identical else 'differs'}, made by emoterm {recipe.command}")
        for line in again.differences:
            show(line)
        files.show_files(written)
    if not again.identical:
        raise typer.Exit(1)
