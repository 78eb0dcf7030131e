"""``emoterm fit``."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_picture
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.rendering import Rendering
    from emoterm.stickers.fit import Sticker


def fit(
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="PICTURE...",
            help="Any pictures and animations, .emo files, - for stdin, emojis or names; names take @STYLE.",
            autocompletion=complete_picture,
        ),
    ],
    place: options.For = None,
    crop: Annotated[
        str | None,
        typer.Option("--crop", metavar="fill|X,Y,W,H", help="Cut to the largest square around the middle, or to a box in pixels."),
    ] = None,
    trim: Annotated[bool, typer.Option("--trim", help="Cut transparent margins.")] = False,
    output: options.Output = None,
    each: Annotated[Path | None, typer.Option("--each", metavar="DIR", help="Write every sticker into this folder.")] = None,
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
    given up. Pictures become PNG, animations GIF. What is no square is padded, unless --crop cuts it. The name is made valid for the place;
    -o chooses another one. Several pictures become files of a folder, emoterm-fit-PLACE unless --each says otherwise, and all of them are
    written or none. What cannot be met is exit code 4.

    \b
    Examples:
      emoterm fit cat.png --for slack
      emoterm fit 😊@twemoji --for mastodon
      emoterm fit party.gif --for discord -o party_fit.gif --preview small.png
      emoterm fit *.png --for slack --each pack --trim
      emoterm fit me.jpg --for teams --crop 120,80,200,240
    """
    started = time.perf_counter()
    from emoterm.cli import files, stickers
    from emoterm.cli.delivery import Delivery, Flags, Written
    from emoterm.files import files_in, free_name
    from emoterm.inputs import STDIN
    from emoterm.rendering import Rendering
    from emoterm.stickers.places import PLACES

    if place is None:
        raise UsageError("fit needs a place.", fix=f"Add --for with one of: {', '.join(PLACES)}")
    if pictures.count(STDIN) > 1:
        raise UsageError("Standard input holds one picture only.", fix="Give - once.")
    if output is not None and (each is not None or len(pictures) > 1):
        raise UsageError("-o names one file, for one picture.", fix="Use --each FOLDER without -o.")
    how = Rendering(place=place, background=background, max_bytes=max_bytes, keep_frames=True, crop=crop, trim=trim)
    flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
    delivery = Delivery("fit", how, flags, started=started)
    given = [_read(picture, bundle) for picture in pictures]
    names = stickers.name_stickers([one.name for one in given], place)
    if output is not None:
        files.check_target(output, force=force, json=json)
    stickers.check_preview(preview, place, force=force, json=json)
    stickers.check_apart(preview, [] if output is None else [output])
    folder = Path(free_name(f"emoterm-fit-{place}", "")) if each is None and len(given) > 1 else each
    if folder is not None:
        files_in(folder, (), force=force)

    fitted = [_fit(one, how, bundle, with_recipe=not no_metadata, alone=len(given) == 1) for one in given]
    if folder is not None:
        suffixes = [f".{sticker.kind}" for sticker in fitted]
        targets = [str(files_in(folder, [name], suffix=suffix, force=force)[0]) for name, suffix in zip(names, suffixes, strict=True)]
    elif output is None:
        targets = [free_name(names[0], f".{fitted[0].kind}")]
    else:
        targets = [output]
        if output != files.STDOUT:
            files.check_picture(output, (fitted[0].kind,), force=force, json=json)
    stickers.check_apart(preview, targets)
    made = [stickers.Made(*parts) for parts in zip(targets, names, (each.data for each in fitted), fitted, strict=True)]
    delivery.draw(stickers.first_frames(made))
    if folder is not None:
        folder.mkdir(exist_ok=True)
    written = Written([file for one in made for file in files.deliver(one.file, one.data, force=force)], made)
    written = delivery.finish(written)
    rows = stickers.facts(made, place)
    delivery.tell({"for": place, **(rows[0] if folder is None else {"stickers": rows}), "files": written.files}, written.files)


@dataclass(frozen=True)
class _Given:
    """A picture or an animation as it was given."""

    data: bytes
    """Of a file."""
    label: str
    """For messages."""
    name: str
    """Before it is made valid for a place."""


def _read(spec: str, bundle: str | None) -> _Given:
    """What the user typed, as the bytes of a file.

    Raises:
        InputError: it cannot be read.
        UsageError: neither a file nor a known emoji, or an unknown style.
    """
    from emoterm.imaging.load import read_file
    from emoterm.inputs import STDIN, is_image_file, read_stdin

    if spec == STDIN:
        return _Given(read_stdin(sys.stdin.buffer), "stdin", "emoji")
    if is_image_file(spec):
        return _Given(*read_file(spec), Path(spec).stem)
    return _drawn(spec, bundle)


def _fit(given: _Given, how: Rendering, bundle: str | None, *, with_recipe: bool, alone: bool) -> Sticker:
    """A picture that fits, with its recipe inside where one is wanted. Unless it is ``alone``, an error says which picture it is of.

    Raises:
        InputError: it cannot be read as a picture.
        UsageError: a box to cut to that does not lie within it.
        CannotSatisfyError: it does not fit.
    """
    from emoterm.bundle import open_bundle
    from emoterm.cli import stickers
    from emoterm.errors import CannotSatisfyError, InputError
    from emoterm.imaging.metadata import read_recipe
    from emoterm.recipe import make_recipe
    from emoterm.rendering import refit

    recipe = None
    if with_recipe:
        try:
            source = read_recipe(given.data)
        except InputError:
            source = None  # what some service made of it: the picture itself may be sound
        parameters = {**how.parameters(), "source_sha256": hashlib.sha256(given.data).hexdigest()}
        with open_bundle(bundle) as opened:
            recipe = stickers.within_depth(make_recipe(opened, "fit", parameters, source=source))
    try:
        return refit(given.data, how, recipe, name=given.label)[1]
    except (CannotSatisfyError, UsageError) as error:
        if alone:
            raise
        raise type(error)(f"{given.label}: {error.what}", fix=error.fix) from None


def _drawn(spec: str, bundle: str | None) -> _Given:
    """An emoji of the gallery, or an ``.emo`` file, as the PNG that ``emoterm decode`` would write.

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
    return _Given(render(pixels, Rendering(), recipe)[0], found.label, found.name)
