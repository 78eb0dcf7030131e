"""``emoterm reconstruct``."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli import options
from emoterm.cli.report import finite, narrate
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.imaging.compose import F32


def reconstruct(
    inputs: Annotated[list[str], typer.Argument(metavar="FILE", help="Image files, or - for stdin.")],
    output: options.Output = None,
    effort: options.Effort = 2,
    scale: options.Scale = 1,
    background: options.Background = "transparent",
    graphics: options.Graphics = "auto",
    no_metadata: options.NoMetadata = False,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Show pictures beside what the model makes of them, with MSE, PSNR and SSIM.

    Left the original, right what is left of it after 288 bytes; one row a file. Writes a PNG, emoterm-reconstruct.png unless -o says
    otherwise. The figures are taken over white.

    \b
    Examples:
      emoterm reconstruct cat.png dog.png
      emoterm reconstruct cat.png --effort 3
      emoterm reconstruct *.png -o beside.png --json
    """
    started = time.perf_counter()
    import numpy as np

    from emoterm.bundle import open_bundle
    from emoterm.cli.delivery import Flags
    from emoterm.cli.given import tell_of_animation
    from emoterm.cli.one_file import OneFile, choose_file
    from emoterm.cli.progress import progress
    from emoterm.codec import Codec
    from emoterm.imaging.compose import from_uint8, to_uint8
    from emoterm.imaging.grid import beside
    from emoterm.imaging.load import load_image, read_file, read_header
    from emoterm.imaging.png import encode_png
    from emoterm.inputs import STDIN, read_stdin
    from emoterm.recipe import MAX_INPUTS, RecipeInput, make_recipe
    from emoterm.rendering import Rendering
    from emoterm.session import short_name
    from emoterm.token_search import reconstruct as search_and_decode

    if inputs.count(STDIN) > 1:
        raise UsageError("Standard input holds one picture only.", fix="Give - once.")
    target, _ = choose_file(output, "emoterm-reconstruct", ("png",), force=force, json=json)
    how = Rendering(columns=2, scale=scale, background=background)
    flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata)
    file = OneFile("reconstruct", how, flags, target, 2 * len(inputs), started=started)

    read = [(read_stdin(sys.stdin.buffer), "stdin") if name == STDIN else read_file(name) for name in inputs]
    originals = from_uint8(to_uint8(np.stack([load_image(data, name=label) for data, label in read])))  # as a recipe keeps them
    for data, label in read:
        if read_header(data, label).animated:
            tell_of_animation(label)
    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        with progress("searching") as report:
            results = search_and_decode(originals, codec=codec, effort=effort, on_progress=report)
        provider = codec.provider
        recipe = None
        if not no_metadata and len(inputs) > MAX_INPUTS:
            narrate(f"no recipe, which recreate needs: one holds at most {MAX_INPUTS} pictures, and these are {len(inputs)}")
        elif not no_metadata:
            kept = zip(inputs, to_uint8(originals), strict=True)
            pictures = tuple(RecipeInput(os.path.basename(name), picture=encode_png(pixels)) for name, pixels in kept)
            recipe = make_recipe(
                opened, "reconstruct", {**how.parameters(), "effort": effort, "device": short_name(provider)}, inputs=pictures
            )

    written = file.deliver(beside(to_uint8(originals), to_uint8(results)), recipe)
    rows = [{"file": name, **figures} for name, figures in zip(inputs, measure(originals, results), strict=True)]
    lines = [f"{row['file']}  MSE {row['mse']:.6f}  PSNR {row['psnr']:.2f} dB  SSIM {row['ssim']:.4f}" for row in rows]
    file.report({"pictures": finite(rows)}, written, device=provider, lines=lines)


def measure(originals: F32, results: F32) -> list[dict[str, float]]:
    """MSE, PSNR in dB and SSIM over white of each pair of pictures ``(N, 4, H, W)``."""
    from emoterm import quality
    from emoterm.imaging.compose import over

    a, b = over(originals), over(results)
    names = ("mse", "psnr", "ssim")
    columns = (quality.mse(a, b), quality.psnr(a, b), quality.ssim(a, b))
    return [dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)]
