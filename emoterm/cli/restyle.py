"""``emoterm restyle``."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_styles
from emoterm.cli.report import narrate

AT_MOST = 64
"""Pictures of one run: a recipe lists the style of each."""


def restyle(
    picture: options.Picture,
    style: Annotated[
        list[str],
        typer.Option(
            "--style", help="Style to draw it in, such as noto; several, as in noto,blob, or all.", autocompletion=complete_styles
        ),
    ],
    n: Annotated[int, typer.Option("--n", "-n", min=1, max=AT_MOST, help="How many in each style.")] = 1,
    prompt: Annotated[str | None, typer.Option("--prompt", "-p", help="What the picture shows; the name of an emoji is known.")] = None,
    beside: Annotated[bool, typer.Option("--beside", help="Put the picture itself in front of each row.")] = False,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    min_p: options.MinP = None,
    guidance: options.Guidance = None,
    seed: options.Seed = None,
    output: options.Output = None,
    each: options.Each = None,
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
    """Redraw an emoji in another style.

    The model reads the picture, whether it knows the emoji or has never seen it, and draws it anew: one row a style. Writes a PNG,
    emoterm-restyle.png unless -o or --each says otherwise, and draws it where stdout is a terminal. With --for every emoji becomes a file
    of its own that keeps to the limits of that place. Cooler than sample: temperature 0.6, and guided more, 4, where nothing is said.

    \b
    Examples:
      emoterm restyle 😊@noto --style twemoji
      emoterm restyle cat.png --style all --beside
      emoterm restyle me.png --style blob --prompt "smiling face" --n 4 --seed 3
      emoterm restyle 🐙 --style fluent3d --for slack
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.prior_graphs import PriorGraphs, needs_of
    from emoterm.restyling import LAW
    from emoterm.sampling import law_of

    params = law_of(LAW, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, guidance=guidance)
    chosen_seed = secrets.randbelow(2**32) if seed is None else seed

    with open_bundle(bundle) as opened:
        graphs = PriorGraphs(opened, device=device)
        graphs.preload(needs_of(params, told=True))
        # The models load, one after the other, while the rest is imported, which takes as long.
        from emoterm.codec import Codec

        codec = Codec(opened, device=device)
        codec.preload("decoder")
        from emoterm.cli.delivery import Flags
        from emoterm.cli.given import given_picture
        from emoterm.cli.pictures import Pictures
        from emoterm.cli.progress import progress
        from emoterm.cli.steer import understand
        from emoterm.errors import UsageError
        from emoterm.gallery import Gallery
        from emoterm.imaging.compose import to_uint8
        from emoterm.imaging.grid import beside as put_beside
        from emoterm.pipeline import Pipeline
        from emoterm.prior import Prior
        from emoterm.recipe import Parameter, Recipe, make_recipe
        from emoterm.rendering import Rendering
        from emoterm.restyling import each_style, own_style, words_of
        from emoterm.restyling import restyle as redraw
        from emoterm.session import short_name

        if beside and (each is not None or place is not None):
            raise UsageError("--beside is for one picture of all of them.", fix="Leave out --each and --for.")
        columns = n + beside if n + beside > 1 and not each else None
        how = Rendering(columns=columns, scale=scale, size=size, background=background, place=place)
        prior = Prior(opened, graphs=graphs)
        pipeline = Pipeline(opened, prior, codec, Gallery.from_bundle(opened))
        found = given_picture(picture, codec=codec, gallery=pipeline.gallery)
        styles = each_style(style, prior.vocabulary.styles, own=None if found.entry is None else found.entry.style)
        in_turn = [name for name in styles for _ in range(n)]
        if len(in_turn) > AT_MOST:
            raise UsageError(f"{len(in_turn)} pictures are more than {AT_MOST}.", fix="Use a smaller --n, or fewer styles.")
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        pictures = Pictures("restyle", how, flags, each=each, started=started)
        pictures.plan(
            len(in_turn) + (len(styles) if beside else 0),
            stem="emoterm-restyle",
            sticker=f"{found.entry.name if found.entry else prompt or 'restyled'}-{styles[0] if len(styles) == 1 else 'styles'}",
        )
        words = words_of(found.entry, prior.vocabulary) if prompt is None else understand(prompt, pipeline).words
        unlike = own_style(found.entry, words, prior.vocabulary)
        provider = prior.provider  # loads the model, so that what is wrong with it comes before the work
        if seed is None:
            narrate(f"seed {chosen_seed}")
        if len(styles) > 1:
            own = "" if found.entry is None or found.entry.style in styles else f"; not in {found.entry.style}, its own"
            narrate(f"in this order: {', '.join(styles)}{own}")
        with progress(f"Redrawing {found.label}") as update:
            tokens = redraw(
                found.tokens, in_turn, prior=prior, words=words, unlike=unlike, seed=chosen_seed, params=params, on_progress=update
            )
        pixels = pipeline.pixels(tokens)  # (N, H, W, 4)
        if beside:
            original = to_uint8(found.drawn(codec)[None])  # (1, H, W, 4)
            pixels = put_beside(original.repeat(len(styles), axis=0), pixels)

    asked: dict[str, Parameter] = {"seed": chosen_seed, "words": words, "unlike": unlike, "beside": beside}
    asked |= {**vars(params), **how.parameters(), "device": short_name(provider)}
    source = found if beside else replace(found, image=None)  # its tokens say it all where it is not shown

    def recipe_of(part: slice) -> Recipe:
        which = slice(0, len(in_turn)) if beside else part
        drawn = {"styles": tuple(in_turn[which]), "first_picture": which.start, "variants": n}
        return make_recipe(opened, "restyle", {**asked, **drawn}, tokens=tokens[which], inputs=(source,))

    facts = {
        "picture": found.label,
        "styles": in_turn,
        "words": list(words),
        "unlike": unlike,
        "seed": chosen_seed,
        "sampling": vars(params),
        "source_tokens": found.tokens.tolist(),
        "tokens": tokens.tolist(),
    }
    pictures.report(facts, pictures.deliver(pixels, recipe_of), device=provider)
