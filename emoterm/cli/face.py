"""``emoterm face``."""

from __future__ import annotations

import time
from dataclasses import astuple
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_emotion
from emoterm.cli.report import narrate


def face(
    picture: options.Picture,
    emotion: Annotated[
        str, typer.Option("--emotion", help="What the face expresses, such as happy, angry or cool.", autocompletion=complete_emotion)
    ] = "happy",
    style: options.Style = None,
    face_at: options.Face = None,
    output: options.Output = None,
    each: options.Each = None,
    columns: options.Columns = None,
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
    """Give a picture a face.

    The eyes and the mouth of smileys of the gallery are put where they fit on the picture at their largest, once for each smiley that
    expresses the emotion; in a photo --face says where. They come in the style of the emoji, or in that of --style. Nothing else of the
    picture changes. Writes them as one PNG grid, emoterm-face.png unless -o or --each says otherwise, and draws them where stdout is a
    terminal. With --for every picture becomes a file of its own that keeps to the limits of that place.

    \b
    Examples:
      emoterm face 🍕 --emotion cool
      emoterm face logo.png --emotion happy --style fluent3d --each faces
      emoterm face 🎃@twemoji --emotion surprised --for slack
      emoterm face moon.jpg --emotion grumpy --face 300,180,400,400
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
        from emoterm.cli.pictures import Pictures
        from emoterm.face_box import FaceBox
        from emoterm.faces import choose_faces, with_faces
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import to_uint8
        from emoterm.inputs import SIDE_PX
        from emoterm.recipe import Parameter, Recipe, make_recipe
        from emoterm.rendering import Rendering
        from emoterm.session import short_name

        how = Rendering(columns=columns, scale=scale, size=size, background=background, place=place)
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        pictures = Pictures("face", how, flags, each=each, started=started)
        gallery = Gallery.from_bundle(opened)
        found = given_picture(picture, codec=codec, gallery=gallery)
        faces = choose_faces(emotion, style or (found.entry.style if found.entry else None), gallery)
        pictures.plan(len(faces), stem="emoterm-face", sticker=f"{found.entry.name if found.entry else 'face'}-{emotion}")
        box = None if face_at is None else FaceBox.parse(face_at, found.size, side_px=SIDE_PX)
        pixels = to_uint8(with_faces(found.drawn(codec), faces, codec=codec, gallery=gallery, box=box))  # (N, H, W, 4)
        provider = codec.provider

    def recipe_of(part: slice) -> Recipe:
        asked: dict[str, Parameter] = {"faces": tuple(entry.spec for entry in faces[part]), **how.parameters()}
        asked["device"] = short_name(provider)
        if box is not None:
            asked["face"] = astuple(box)
        return make_recipe(opened, "face", asked, inputs=(found,))

    narrate(f"{found.label} with the face of {', '.join(f'{entry.emoji} {entry.name}' for entry in faces)}")
    facts = {"picture": found.label, "faces": [entry.spec for entry in faces]}
    pictures.report(facts, pictures.deliver(pixels, recipe_of), device=provider)
