"""``emoterm morph``."""

from __future__ import annotations

import time
from typing import Annotated, cast

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_picture
from emoterm.cli.report import narrate
from emoterm.cli.typed import refuse_typed
from emoterm.errors import UsageError
from emoterm.morphing import MorphPath


def morph(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A", help="An image or .emo file, -, an emoji or a name; names take @STYLE.", autocompletion=complete_picture
        ),
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The other end.", autocompletion=complete_picture)],
    steps: Annotated[int, typer.Option("--steps", min=2, max=1000, help="Frames, both ends included.")] = 10,
    path: Annotated[
        MorphPath,
        typer.Option("--path", case_sensitive=False, help="Straight line, arc, or straight line with every step snapped to the codebook."),
    ] = "lerp",
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="A .png strip, or a .gif, .webp or .apng animation; - for stdout.")
    ] = None,
    place: options.For = None,
    fps: Annotated[float, typer.Option("--fps", min=1, max=50, help="Frames a second of an animation.")] = 12,
    loop: Annotated[int, typer.Option("--loop", min=0, max=65535, help="How often an animation is played; 0 for ever.")] = 0,
    hold: Annotated[int, typer.Option("--hold", min=0, max=60_000, metavar="MS", help="Show both ends so many milliseconds longer.")] = 0,
    ping_pong: Annotated[bool, typer.Option("--ping-pong", help="Play an animation back to the start too.")] = False,
    columns: options.Columns = None,
    scale: options.Scale = 1,
    size: options.Size = None,
    background: options.Background = "transparent",
    preview: options.Preview = None,
    graphics: options.Graphics = "auto",
    no_metadata: options.NoMetadata = False,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Turn one emoji into another, step by step.

    Walks through the latent space between the two and decodes every step. Writes a strip, emoterm-morph.png unless -o says otherwise, and
    draws it where stdout is a terminal. With --for it writes an animation that keeps to the limits of that place.

    \b
    Examples:
      emoterm morph 😊 😍 --steps 5
      emoterm morph cat.png "heart eyes"@twemoji -o love.gif --scale 2
      emoterm morph 😊 😍 --for slack --ping-pong --hold 400
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.codec import Codec

    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        codec.preload("decoder")
        # It loads while the rest is imported.
        from emoterm.cli.delivery import Flags
        from emoterm.cli.given import given_picture
        from emoterm.cli.one_file import OneFile, choose_file
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import to_uint8
        from emoterm.inputs import STDIN
        from emoterm.morphing import walk
        from emoterm.recipe import make_recipe
        from emoterm.rendering import FORMATS, Format, Rendering
        from emoterm.session import short_name

        if a == b == STDIN:
            raise UsageError("Only one of the two can come from standard input.", fix="Save the other one to a file.")
        target, kind = choose_file(output, "emoterm-morph", FORMATS if place is None else ("gif",), force=force, json=json)
        if kind == "png":
            fix = "End the name of the file in .gif, .webp or .apng, as in -o love.gif, or use --for."
            refuse_typed("fps", "loop", "hold", "ping_pong", goes_with=f"an animation, and {target} is a strip", fix=fix)
        else:
            refuse_typed("columns", goes_with=f"a strip, and {target} is an animation", fix="Leave it out, or write a .png without --for.")
        how = Rendering(
            format=cast("Format", kind),
            columns=(columns or steps) if kind == "png" else None,
            scale=scale,
            size=size,
            background=background,
            fps=fps,
            loop=loop,
            hold=hold,
            ping_pong=ping_pong,
            place=place,
            keep_frames=place is not None,
        )
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        file = OneFile("morph", how, flags, target, steps, started=started)
        gallery = Gallery.from_bundle(opened)
        first = given_picture(a, codec=codec, gallery=gallery)
        last = given_picture(b, codec=codec, gallery=gallery)
        frames = to_uint8(codec.decode(walk(first.z, last.z, steps, path, codec=codec)))  # (steps, H, W, 4)
        provider = codec.provider
        recipe = None
        if not no_metadata:
            parameters = {"steps": steps, "path": path, **how.parameters(), "device": short_name(provider)}
            recipe = make_recipe(opened, "morph", parameters, inputs=(first, last))

    narrate(f"from {first.label} to {last.label}")
    facts = {"from": first.label, "to": last.label, "path": path, "steps": steps}
    written = file.deliver(frames, recipe, sticker=f"{first.name} to {last.name}")
    file.report(facts, written, device=provider)
