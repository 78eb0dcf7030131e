"""``emoterm wear``."""

from __future__ import annotations

import time
from dataclasses import astuple
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.accessories import ACCESSORIES, accessory_of, can_hide_glasses, may_look_sideways
from emoterm.cli import options
from emoterm.cli.complete import complete_accessory
from emoterm.cli.report import narrate

if TYPE_CHECKING:
    from emoterm.codec import F32
    from emoterm.inputs import Picture
    from emoterm.recipe import Parameter


def wear(
    picture: options.Picture,
    items: Annotated[
        list[str],
        typer.Argument(metavar="ITEM...", help=f"What it wears: {', '.join(ACCESSORIES)}.", autocompletion=complete_accessory),
    ],
    style: options.Style = None,
    face_at: options.Face = None,
    output: options.Output = None,
    scale: options.Scale = 1,
    size: options.Size = None,
    place: options.For = None,
    background: options.Background = "transparent",
    preview: options.Preview = None,
    graphics: options.Graphics = "auto",
    no_metadata: options.NoMetadata = False,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Put a hat or glasses on a picture.

    A hat sits on top of it, glasses on its eyes, or in its middle where it has none; in a photo --face says where. They come in the style
    of the emoji, or in that of --style. Writes a PNG, emoterm-wear.png unless -o says otherwise, and draws it where stdout is a terminal.
    With --for the file keeps to the limits of that place.

    \b
    Examples:
      emoterm wear 🐶 sunglasses
      emoterm wear 🐸@noto crown glasses -o king.png
      emoterm wear logo.png "top hat" --style fluent3d --size 256
      emoterm wear 🐱 bow --for slack
      emoterm wear me.jpg crown sunglasses --face 120,80,200,240
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
        from emoterm.face_box import FaceBox
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import to_uint8
        from emoterm.inputs import SIDE_PX
        from emoterm.outfit import choose_items
        from emoterm.recipe import make_recipe
        from emoterm.rendering import Rendering
        from emoterm.session import short_name
        from emoterm.wearing import dressed

        how = Rendering(scale=scale, size=size, background=background, place=place)
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        target, _ = choose_file(output, "emoterm-wear", ("png",), force=force, json=json)
        file = OneFile("wear", how, flags, target, 1, started=started)
        gallery = Gallery.from_bundle(opened)
        found = given_picture(picture, codec=codec, gallery=gallery)
        worn = choose_items(items, style or (found.entry.style if found.entry else None), gallery)
        accessories = [accessory for entry in worn if (accessory := accessory_of(entry)) is not None]
        in_front = can_hide_glasses(accessories)
        box = None if face_at is None else FaceBox.parse(face_at, found.size, side_px=SIDE_PX)
        wearer = found.drawn(codec)
        if box is None and any(each.place == "eyes" for each in accessories):
            _check_eyes(found, wearer)
        result = dressed(wearer, worn, codec=codec, gallery=gallery, glasses_in_front=in_front, face=box)
        pixels = to_uint8(result[None])  # (1, H, W, 4)
        provider = codec.provider
        specs = tuple(entry.spec for entry in worn)
        asked: dict[str, Parameter] = {"worn": specs, **how.parameters(), "device": short_name(provider)}
        if in_front:
            asked["glasses_in_front"] = True
        if box is not None:
            asked["face"] = astuple(box)
        recipe = None if no_metadata else make_recipe(opened, "wear", asked, inputs=(found,))

    narrate(f"{found.label} with {', '.join(f'{entry.emoji} {entry.name}' for entry in worn)}")
    written = file.deliver(pixels, recipe, sticker=f"{found.name} {' '.join(entry.name for entry in worn)}")
    file.report({"picture": found.label, "worn": list(specs)}, written, device=provider)


def _check_eyes(found: Picture, wearer: F32) -> None:
    """Refuse to put glasses on the belly of an animal, whose picture (4, S, S) is ``wearer``.

    Raises:
        CannotSatisfyError: it is seen from the side.
    """
    from emoterm.errors import CannotSatisfyError
    from emoterm.head_and_eyes import has_pair_of_eyes

    if found.entry is not None and may_look_sideways(found.entry) and not has_pair_of_eyes(wearer):
        size = f"{found.size[0]}×{found.size[1]}"
        raise CannotSatisfyError(
            f"{found.label} is not seen from the front, so its eyes cannot be found.",
            fix=f"Say where its head is, in pixels of {size}: --face 2,6,20,20",
        )
