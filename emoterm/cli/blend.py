"""``emoterm blend``."""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_picture
from emoterm.cli.report import narrate
from emoterm.cli.typed import refuse_typed, typed
from emoterm.errors import UsageError

_WEIGHTED = re.compile(r"(?P<spec>.+):(?P<weight>[-+]?(?:\d+\.?\d*|\.\d+))", re.DOTALL)
AT_MOST = 16


def blend(
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="A[:WEIGHT] B[:WEIGHT]...",
            help="Image or .emo files, -, emojis or names; names take @STYLE.",
            autocompletion=complete_picture,
        ),
    ],
    repaint: Annotated[
        float, typer.Option("--repaint", help="Share of the tokens, 0 to 1, that the prior draws anew: the least likely.")
    ] = 0,
    style: options.Style = None,
    seed: options.Seed = None,
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
    """Mix emojis into one.

    Takes the weighted mean of the pictures in the latent space; a picture without a weight has 1. With --repaint the prior then draws anew
    what does not hold together; --style tells it in which style. Writes a PNG, emoterm-blend.png unless -o says otherwise, and draws it
    where stdout is a terminal. With --for the file keeps to the limits of that place.

    \b
    Examples:
      emoterm blend 😊 😡
      emoterm blend 🐱:0.7 🐙:0.3 --repaint 0.3 --seed 1 -o catopus.png
      emoterm blend me.png:2 "red heart"@noto --size 256
      emoterm blend 😊 🐙 --for slack
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.prior_graphs import PriorGraphs

    with open_bundle(bundle) as opened:
        graphs = PriorGraphs(opened, device=device)
        if repaint > 0:
            graphs.preload(draws_after=False)
        # The models load while the rest is imported.
        from emoterm.codec import Codec

        codec = Codec(opened, device=device)
        codec.preload("decoder")
        from emoterm.blending import mix
        from emoterm.blending import repaint as repaint_unlikely
        from emoterm.cli.delivery import Flags
        from emoterm.cli.given import given_picture
        from emoterm.cli.one_file import OneFile, choose_file
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import to_uint8
        from emoterm.inputs import STDIN
        from emoterm.pipeline import Pipeline
        from emoterm.prior import Prior
        from emoterm.recipe import make_recipe
        from emoterm.rendering import Rendering
        from emoterm.sampling import law_of
        from emoterm.session import short_name
        from emoterm.steering import check_share

        parts = [split_weight(typed) for typed in pictures]
        if not 2 <= len(parts) <= AT_MOST:
            raise UsageError(f"A blend needs 2 to {AT_MOST} pictures, there are {len(parts)}.", fix="emoterm blend 😊 😡")
        if [spec for spec, _ in parts].count(STDIN) > 1:
            raise UsageError("Only one picture can come from standard input.", fix="Save the others to files.")
        check_share(repaint, "--repaint")
        if not typed("repaint"):  # --repaint 0 is one of a series
            refuse_typed(
                "style", "seed", goes_with="--repaint: without it nothing is drawn anew", fix="Add --repaint 0.3, or leave it out."
            )
        how = Rendering(scale=scale, size=size, background=background, place=place)
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        target, _ = choose_file(output, "emoterm-blend", ("png",), force=force, json=json)
        file = OneFile("blend", how, flags, target, 1, started=started)
        chosen_seed = secrets.randbelow(2**32) if seed is None else seed
        prior = Prior(opened, graphs=graphs)
        pipeline = Pipeline(opened, prior, codec, Gallery.from_bundle(opened))
        condition = pipeline.parse("", style=style).condition
        found = [given_picture(spec, codec=codec, gallery=pipeline.gallery) for spec, _ in parts]
        weights = [weight for _, weight in parts]
        mixed = mix([picture.z for picture in found], weights, codec=codec)
        params = law_of(pipeline.usual())
        if repaint > 0:
            if seed is None:
                narrate(f"seed {chosen_seed}")
            mixed = repaint_unlikely(mixed, repaint, codec=codec, prior=prior, condition=condition, seed=chosen_seed, params=params)
        pixels = to_uint8(codec.decode(mixed.z))  # (1, H, W, 4)
        provider = codec.provider
        recipe = None
        if not no_metadata:
            asked = {"weights": tuple(weights), "repaint": repaint, "seed": chosen_seed, "style": condition.style, **vars(params)}
            asked |= {**how.parameters(), "device": short_name(provider)}
            recipe = make_recipe(opened, "blend", asked, inputs=found)

    total = sum(weights)
    shares = [weight / total for weight in weights]
    narrate(" + ".join(f"{share:.0%} {picture.label}" for share, picture in zip(shares, found, strict=True)))
    facts = {
        "parts": [{"picture": picture.label, "weight": share} for picture, share in zip(found, shares, strict=True)],
        "repaint": repaint,
        "repainted_tokens": mixed.repainted,
        "style": condition.style,
        "seed": chosen_seed if repaint > 0 else None,
        "tokens": mixed.tokens[0].tolist(),
    }
    file.report(facts, file.deliver(pixels, recipe, sticker=Path(target).stem), device=provider)


def split_weight(typed: str) -> tuple[str, float]:
    """``"cat.png:0.7"`` → ``("cat.png", 0.7)``; without a weight it is 1. A file that is really called so stays whole."""
    match = _WEIGHTED.fullmatch(typed)
    if match is None or Path(typed).is_file():
        return typed, 1.0
    return match["spec"], float(match["weight"])
