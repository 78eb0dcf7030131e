"""``emoterm fit``."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_picture
from emoterm.errors import UsageError


def fit(
    picture: Annotated[
        str,
        typer.Argument(
            metavar="PICTURE",
            help="Any picture or animation, an .emo file, - for stdin, an emoji or a name; names take @STYLE.",
            autocompletion=complete_picture,
        ),
    ],
    place: options.For = None,
    output: options.Output = None,
    max_bytes: Annotated[
        int | None, typer.Option("--max-bytes", min=1, metavar="N", help="For servers that allow less than the place does.")
    ] = None,
    background: options.Background = "transparent",
    preview: options.Preview = None,
    graphics: options.Graphics = "auto",
    no_metadata: options.NoMetadata = False,
    force: options.Force = False,
    bundle: options.Bundle = None,
    json: options.Json = False,
) -> None:
    """Make a picture or an animation fit the place where it will be an emoji.

    Searches size, colours, frames and speed until the file keeps to the limits, opens it again to be sure, and says in one line what was
    given up. Pictures become PNG, animations GIF. The name is made valid for the place; -o chooses another one. What cannot be met is
    exit code 4.

    \b
    Examples:
      emoterm fit cat.png --for slack
      emoterm fit 😊@twemoji --for mastodon
      emoterm fit party.gif --for discord -o party_fit.gif --preview small.png
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.cli import files, stickers
    from emoterm.cli.delivery import Delivery, Flags, Written
    from emoterm.errors import InputError
    from emoterm.files import free_name
    from emoterm.imaging.load import read_file
    from emoterm.imaging.metadata import read_recipe
    from emoterm.inputs import STDIN, is_image_file, read_stdin
    from emoterm.recipe import make_recipe
    from emoterm.rendering import Rendering, refit
    from emoterm.stickers.places import PLACES

    if place is None:
        raise UsageError("fit needs a place.", fix=f"Add --for with one of: {', '.join(PLACES)}")
    how = Rendering(place=place, background=background, max_bytes=max_bytes)
    flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
    delivery = Delivery("fit", how, flags, started=started)
    if picture == STDIN:
        data, label, called = read_stdin(sys.stdin.buffer), "stdin", "emoji"
    elif is_image_file(picture):
        (data, label), called = read_file(picture), Path(picture).stem
    else:
        data, label, called = drawn(picture, bundle)
    (name,) = stickers.name_stickers([called], place)
    if output is not None:
        files.check_target(output, force=force, json=json)
    stickers.check_preview(preview, place, force=force, json=json)
    stickers.check_apart(preview, [] if output is None else [output])

    recipe = None
    if not no_metadata:
        try:
            source = read_recipe(data)
        except InputError:
            source = None  # what some service made of it: the picture itself may be sound
        parameters = {**how.parameters(), "source_sha256": hashlib.sha256(data).hexdigest()}
        with open_bundle(bundle) as opened:
            recipe = stickers.within_depth(make_recipe(opened, "fit", parameters, source=source))
    fitted, sticker = refit(data, how, recipe, name=label)
    target = output
    if target is None:
        target = free_name(name, f".{sticker.kind}")
        stickers.check_apart(preview, [target])
    elif target != files.STDOUT:
        files.check_picture(target, (sticker.kind,), force=force, json=json)
    made = stickers.Made(target, name, fitted, sticker)
    delivery.draw(stickers.first_frames([made]))
    written = delivery.finish(Written(files.deliver(target, fitted, force=force), [made]))
    delivery.tell({"for": place, **stickers.facts([made], place)[0], "files": written.files}, written.files)


def drawn(spec: str, bundle: str | None) -> tuple[bytes, str, str]:
    """An emoji of the gallery, or an ``.emo`` file, as the PNG that ``emoterm decode`` would write: its bytes, its label and its name.

    Raises:
        InputError: the file cannot be read.
        UsageError: no such emoji or style.
    """
    from emoterm.bundle import open_bundle
    from emoterm.codec import Codec
    from emoterm.gallery import Gallery
    from emoterm.imaging.compose import to_uint8
    from emoterm.inputs import resolve
    from emoterm.recipe import make_recipe
    from emoterm.rendering import Rendering, render

    with open_bundle(bundle) as opened:
        codec = Codec(opened, device="cpu")  # which decodes to the same bytes every time
        found = resolve(spec, codec=codec, gallery=Gallery.from_bundle(opened), stdin=sys.stdin.buffer)
        pixels = to_uint8(codec.decode_tokens(found.tokens[None]))  # (256,) → (1, H, W, 4)
        recipe = make_recipe(opened, "decode", {"device": "cpu"}, tokens=found.tokens[None])
    return render(pixels, Rendering(), recipe)[0], found.label, found.name
