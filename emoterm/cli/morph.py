"""``emoterm morph``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_picture
from emoterm.cli.report import narrate, show_json
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.codec import F32, Codec
    from emoterm.imaging.animation import AnimationFormat
    from emoterm.imaging.compose import U8, Color

MorphPath = Literal["lerp", "slerp", "codes"]
FORMATS = ("png", "gif", "webp", "apng")


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
        MorphPath, typer.Option("--path", help="Straight line, arc, or straight line with every step snapped to the codebook.")
    ] = "lerp",
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="A .png strip, or a .gif, .webp or .apng animation; - for stdout.")
    ] = None,
    fps: Annotated[float, typer.Option("--fps", min=1, max=50, help="Frames a second of an animation.")] = 12,
    columns: options.Columns = None,
    scale: options.Scale = 1,
    background: options.Background = "transparent",
    graphics: options.Graphics = "auto",
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Turn one emoji into another, step by step.

    Walks through the latent space between the two and decodes every step. Writes a strip, emoterm-morph.png unless -o says otherwise, and
    draws it where stdout is a terminal.

    \b
    Examples:
      emoterm morph 😊 😍 --steps 5
      emoterm morph cat.png "heart eyes"@twemoji -o love.gif --scale 2
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.cli import files
    from emoterm.cli.draw import draw
    from emoterm.codec import Codec
    from emoterm.gallery import Gallery
    from emoterm.imaging.compose import parse_color, to_uint8
    from emoterm.inputs import STDIN, resolve
    from emoterm.terminal.detect import choose_graphics

    if a == b == STDIN:
        raise UsageError("Only one of the two can come from standard input.", fix="Save the other one to a file.")
    choice = choose_graphics("none" if json or output == files.STDOUT else graphics)
    color = parse_color(background)
    target = files.free_name("emoterm-morph", ".png") if output is None else output
    kind = files.check_picture(target, FORMATS, force=force, json=json)
    files.check_size(steps, scale)

    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        codec.preload("decoder")
        gallery = Gallery.from_bundle(opened)
        first = resolve(a, codec=codec, gallery=gallery, stdin=sys.stdin.buffer)
        last = resolve(b, codec=codec, gallery=gallery, stdin=sys.stdin.buffer)
        frames = to_uint8(codec.decode(walk(first.z, last.z, steps, path, codec=codec)))  # (steps, H, W, 4)
        provider = codec.provider

    narrate(f"from {first.label} to {last.label}")
    draw(frames, choice, background=color)
    data = render(frames, kind, columns=columns or steps, scale=scale, background=color, fps=fps)
    written = files.deliver(target, data, force=force)
    if json:
        facts = {
            "from": first.label,
            "to": last.label,
            "path": path,
            "steps": steps,
            "files": written,
            "device": provider,
            "seconds": round(time.perf_counter() - started, 3),
        }
        show_json("morph", facts)
    else:
        files.show_files(written)


def walk(a: F32, b: F32, steps: int, path: MorphPath, *, codec: Codec) -> F32:
    """Latents ``(steps, D, 16, 16)`` from ``a`` to ``b``, each ``(D, 16, 16)``; ``codes`` snaps every step to the codebook."""
    from emoterm.latent import interpolate

    if path == "codes":
        return codec.lookup(codec.quantize(interpolate(a, b, steps, "lerp")))
    return interpolate(a, b, steps, path)


def render(frames: U8, kind: str, *, columns: int, scale: int, background: Color | None, fps: float) -> bytes:
    """Frames ``(N, H, W, 4)`` as the bytes of a PNG strip or of an animation."""
    from emoterm.imaging.animation import encode_animation
    from emoterm.imaging.compose import over_uint8
    from emoterm.imaging.grid import make_grid
    from emoterm.imaging.save import encode_png

    if kind == "png":
        return encode_png(make_grid(frames, columns=columns, scale=scale, background=background))
    if background is not None:
        frames = over_uint8(frames, background)
    large = frames.repeat(scale, axis=1).repeat(scale, axis=2)  # (N, H, W, 4) → (N, H · scale, W · scale, 4)
    return encode_animation(large, format=cast("AnimationFormat", kind), fps=fps)
