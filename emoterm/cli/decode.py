"""``emoterm decode``."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from emoterm.cli import options


def decode(
    source: Annotated[str, typer.Argument(metavar="IN.emo", help="File of 288 bytes, or - for stdin.")],
    output: Annotated[str, typer.Argument(metavar="OUT.png", help="PNG to write, or - for stdout.")],
    scale: options.Scale = 1,
    background: options.Background = "transparent",
    size: options.Size = None,
    graphics: options.Graphics = "auto",
    no_metadata: options.NoMetadata = False,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Turn a 288-byte emoji back into a picture.

    \b
    Examples:
      emoterm decode cat.emo cat.png
      emoterm decode cat.emo large.png --scale 4 --background white
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.codec import Codec

    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        codec.preload("decoder")
        # It loads while the rest is imported.
        from emoterm.cli import files
        from emoterm.cli.delivery import Flags
        from emoterm.cli.one_file import OneFile
        from emoterm.imaging.compose import to_uint8
        from emoterm.inputs import STDIN, parse_tokens, read_stdin, read_token_file
        from emoterm.recipe import make_recipe
        from emoterm.rendering import Rendering
        from emoterm.session import short_name

        how = Rendering(scale=scale, size=size, background=background)
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata)
        files.check_picture(output, ("png",), force=force, json=json)
        file = OneFile("decode", how, flags, output, 1, started=started)
        data, label = (read_stdin(sys.stdin.buffer), "stdin") if source == STDIN else (read_token_file(source), source)
        tokens = parse_tokens(data, label, codec=codec)
        pixels = to_uint8(codec.decode_tokens(tokens[None]))  # (256,) → (1, H, W, 4)
        provider = codec.provider
        parameters = {**how.parameters(), "device": short_name(provider)}
        recipe = None if no_metadata else make_recipe(opened, "decode", parameters, tokens=tokens[None])
    file.report({"tokens": tokens.tolist()}, file.deliver(pixels, recipe), device=provider)
