"""``emoterm encode``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show_json


def encode(
    picture: options.Picture,
    output: Annotated[str, typer.Argument(metavar="OUT.emo", help="File to write, or - for stdout.")],
    effort: options.Effort = 2,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Store a picture in 288 bytes.

    The file holds 256 tokens of 9 bits and nothing else; decode it with the same bundle. An effort of 2 tries out other codes than the
    nearest for a fraction of a second, 3 for some seconds; it makes the picture better, the file no larger, and decoding no slower.
    Emojis of the gallery, and 64×64 pictures that tell their own tokens, are written as they are.

    \b
    Examples:
      emoterm encode cat.png cat.emo
      emoterm encode cat.png cat.emo --effort 3
      emoterm encode 😊 - | emoterm decode - smile.png
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.cli import files
    from emoterm.cli.given import given_picture
    from emoterm.cli.progress import progress
    from emoterm.codec import Codec
    from emoterm.errors import UsageError
    from emoterm.gallery import Gallery
    from emoterm.imaging.formats import PICTURE_SUFFIXES
    from emoterm.inputs import TOKEN_SUFFIX
    from emoterm.token_search import search_tokens
    from emoterm.tokenfile import pack, token_bits

    name = Path(output)
    if name.suffix.lower().removeprefix(".") in PICTURE_SUFFIXES:
        raise UsageError(
            f"{output}: encode writes the tokens of a picture, which no program would open under this name.",
            fix=f"End the name in {TOKEN_SUFFIX}, as in {name.with_suffix(TOKEN_SUFFIX)}; emoterm decode makes a picture of it.",
        )
    files.check_target(output, force=force, json=json)
    with open_bundle(bundle) as opened:
        codec = Codec(opened, device=device)
        source = given_picture(picture, codec=codec, gallery=Gallery.from_bundle(opened))
        tokens = source.tokens
        if source.image is not None:
            with progress("searching") as report:
                found = search_tokens(source.image[None], codec=codec, effort=effort, on_progress=report)
            tokens = found.reshape(-1)  # (1, 16, 16) → (256,)
        provider = codec.provider
    data = pack(tokens, token_bits(opened.manifest.codebook.size))
    written = files.deliver(output, data, force=force)
    if json:
        facts = {
            "picture": source.label,
            "tokens": tokens.tolist(),
            "bytes": len(data),
            "files": written,
            "device": provider,
            "seconds": round(time.perf_counter() - started, 3),
        }
        show_json("encode", facts)
    else:
        narrate(f"{source.label} in {len(data)} bytes")
        files.show_files(written)
