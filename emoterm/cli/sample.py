"""``emoterm sample``."""

from __future__ import annotations

import functools
import secrets
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli import options, to_folder
from emoterm.cli.complete import complete_emotion
from emoterm.cli.report import narrate, show_json
from emoterm.cli.steer import choose_source, understand

if TYPE_CHECKING:
    from emoterm.manifest import SamplingDefaults
    from emoterm.recipe import RecipeInput
    from emoterm.sampling import SamplingParams

DECODED_AT_ONCE = 64


def sample(
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many.")] = 16,
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="What they should show, in words.")] = "",
    style: options.Style = None,
    group: options.Group = None,
    emotion: Annotated[
        str | None,
        typer.Option("--emotion", help="What the faces express, such as happy, sad or angry.", autocompletion=complete_emotion),
    ] = None,
    words_alone: Annotated[
        bool, typer.Option("--words-alone", help="Follow the words alone, and draw after none of the emojis that fit them.")
    ] = False,
    free: Annotated[
        bool,
        typer.Option("--free", help="Ask for nothing, and draw after nothing: whatever the prior comes up with, in about half the time."),
    ] = False,
    like: Annotated[
        str | None, typer.Option("--like", metavar="PICTURE", help="Variations of an image or .emo file, -, an emoji or a name.")
    ] = None,
    keep: Annotated[float | None, typer.Option("--keep", help="Share of the tokens that --like keeps, 0 to 1.  [default: 0.5]")] = None,
    complete: Annotated[
        str | None, typer.Option("--complete", metavar="PICTURE", help="Keep the top of this picture and generate the rest.")
    ] = None,
    rows: Annotated[int | None, typer.Option("--rows", help="Rows of tokens, of 16, that --complete keeps.  [default: 8]")] = None,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    guidance: options.Guidance = None,
    seed: options.Seed = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", min=1, max=1024, help="Pictures at a time; changes speed and memory, never a picture.")
    ] = None,
    output: options.Output = None,
    each: options.Each = None,
    to: to_folder.To = None,
    shard: to_folder.ShardOption = None,
    per_file: to_folder.PerFile = None,
    png: to_folder.Images = False,
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
    """Make new emojis.

    Writes them as one PNG grid, emoterm-SEED.png unless -o or --each says otherwise, and draws them where stdout is a terminal. The same
    seed, bundle and version give the same bytes on a CPU, whatever the batch size. Sampling options that are not given come from the
    bundle. Each picture is drawn after an emoji of the gallery, in another style than that one has: after one that comes near to the
    words, or one that chance picks where there are none. A colour among the words is painted in, and a thing that is said to feel something
    is given a face. --words-alone follows words without
    that, and --free asks for nothing at all.
    With --for every emoji becomes a file of its own that keeps to the limits of that place, in the folder emoterm-SEED-PLACE unless
    --each or, for a single one, -o says otherwise. With --to any number become rows of parquet files, in as many processes as there are,
    and after an interruption the same command goes on: docs/scale.md.

    \b
    Examples:
      emoterm sample --n 16
      emoterm sample --free --n 64
      emoterm sample --prompt "cat with sunglasses" --style noto --seed 7 -o cats.png
      emoterm sample --prompt "pink elephant"
      emoterm sample --prompt "happy star"
      emoterm sample --n 64 --each emojis --size 256
      emoterm sample --emotion surprised --style twemoji
      emoterm sample --like 😊@noto --keep 0.7
      emoterm sample --complete cat.png --rows 8 --n 8
      emoterm sample --n 8 --prompt octopus --for slack --preview small.png
      emoterm sample --n 1000000 --seed 7 --shard 3/64 --to emojis
    """
    started = time.perf_counter()
    import numpy as np
    import numpy.random  # numpy would load it in the token loop, and its import swallows a Ctrl-C

    from emoterm.brief import NAMED, sampling_for
    from emoterm.briefing import make_brief, told_of
    from emoterm.bundle import open_bundle
    from emoterm.cli import files
    from emoterm.cli.draw import draw
    from emoterm.cli.pictures import NOWHERE, plan, write
    from emoterm.cli.progress import progress
    from emoterm.codec import Codec
    from emoterm.emotions import find_emotion
    from emoterm.errors import UsageError
    from emoterm.finish import finish_tokens
    from emoterm.gallery import Gallery
    from emoterm.imaging.compose import to_uint8
    from emoterm.inputs import resolve
    from emoterm.prior import Prior, is_plain
    from emoterm.recipe import MAX_TEXT_CHARS, Recipe, make_recipe
    from emoterm.rendering import Rendering
    from emoterm.session import short_name
    from emoterm.terminal.detect import choose_graphics
    from emoterm.tokenfile import token_bits

    alone = {"-o": output, "--each": each, "--for": place, "--preview": preview, "--size": size, "--like": like, "--complete": complete}
    to_folder.check(to, n, alone=alone, only={"--shard": shard, "--per-file": per_file, "--png": png})
    part, seed = to_folder.choose(to, n, shard=shard, seed=seed)
    source = choose_source(like=like, keep=keep, complete=complete, rows=rows)
    worded = any((prompt, group, emotion))
    if words_alone and not worded:
        raise UsageError("--words-alone goes with words.", fix="Give them with --prompt, --group or --emotion, or use --free.")
    if free and (worded or source is not None):
        raise UsageError("--free goes with nothing that says what to draw.", fix="Leave it out; words without emojis: --words-alone")
    by_chance = not (worded or free or source is not None)
    choice = choose_graphics("none" if json or output == files.STDOUT else graphics)
    how = Rendering(columns=columns, scale=scale, size=size, background=background, place=place)
    chosen_seed = secrets.randbelow(2**32) if seed is None else seed
    targets = NOWHERE
    if to is None:
        targets = plan(
            n,
            how,
            stem=f"emoterm-{chosen_seed}",
            sticker=f"{prompt or 'emoterm'}-{chosen_seed}",
            output=output,
            each=each,
            preview=preview,
            force=force,
            json=json,
        )

    with open_bundle(bundle) as opened:
        law = functools.partial(merge, temperature=temperature, top_k=top_k, top_p=top_p, guidance=guidance)
        params = law(opened.manifest.prior.sampling)
        prior, codec = Prior(opened, device=device), Codec(opened, device=device)
        plain = is_plain(params, guided=False) and not (by_chance or worded or style)
        prior.preload(plain=plain, draws_after=not words_alone and source is None)
        gallery = Gallery.from_bundle(opened)
        describe = gallery.describe if opened.manifest.gallery else None
        parsed = understand(prompt, prior.vocabulary, style=style, group=group, emotion=emotion, describe=describe)
        picture = None if source is None else resolve(source.spec, codec=codec, gallery=gallery, stdin=sys.stdin.buffer)
        given = None if source is None or picture is None else source.given(picture, n, columns=opened.manifest.grid[1], seed=chosen_seed)
        # A picture that stays in part says more than words could find; of emojis by the million only those are looked for that are told.
        sought = () if words_alone or source is not None else parsed.sought
        pictures = range(n if to is None else min(n, NAMED))
        brief = make_brief(
            parsed.condition,
            sought,
            color=parsed.color,
            feeling=parsed.feeling,
            by_chance=by_chance,
            gallery=gallery,
            prior=prior,
            seed=chosen_seed,
            pictures=pictures,
        )
        provider = prior.provider  # loads the model, so that what is wrong with it comes before the work
        if brief.after:
            params = law(sampling_for(opened.manifest.prior.sampling))
            more = " …" if by_chance and n > len(pictures) else ""
            narrate(f"drawing after {brief.names()}{more}")
        for line in told_of(parsed, brief):
            narrate(line)
        if brief.finishes:
            codec.preload("encoder")
        if seed is None:
            narrate(f"seed {chosen_seed}")
        if to is not None:
            asked_for = to_folder.Asked(
                n,
                part,
                chosen_seed,
                prompt,
                parsed,
                sought if brief.after else (),
                parsed.color if brief.after else None,
                parsed.feeling if brief.after else None,
                bool(by_chance and brief.after),
                params,
                images=png,
                per_file=per_file,
                batch_size=batch_size,
            )
            return to_folder.sample_to(to, opened, prior, asked_for, json=json)
        codec.preload("decoder")
        with progress(f"Making {n} emojis") as update:
            tokens = prior.generate(
                brief.conditions,
                seed=chosen_seed,
                params=params,
                batch_size=batch_size,
                given=given,
                sources=brief.sources,
                on_progress=update,
            )
        tokens = finish_tokens(tokens, brief.finishes, codec=codec, gallery=gallery)
        parts = [to_uint8(codec.decode_tokens(tokens[i : i + DECODED_AT_ONCE])) for i in range(0, n, DECODED_AT_ONCE)]
        pixels = np.concatenate(parts)  # (n, H, W, 4)

    asked = {"seed": chosen_seed, "prompt": prompt[:MAX_TEXT_CHARS], "words": parsed.words, "style": parsed.style, **vars(params)}
    asked |= {**how.parameters(), "device": short_name(provider)}
    if brief.after:
        asked |= {"by_chance": True} if by_chance else {"sought": sought, "color": parsed.color, "feeling": parsed.feeling}
    inputs: tuple[RecipeInput, ...] = ()
    if source is not None and picture is not None:
        asked |= source.parameters()
        inputs = (replace(picture, image=None).for_recipe(token_bits(len(codec.codebook))),)  # only its tokens are kept

    def recipe_of(part: slice) -> Recipe | None:
        if no_metadata:
            return None
        which = {"n": part.stop - part.start, "first_picture": part.start}
        return make_recipe(opened, "sample", {**asked, **which}, tokens=tokens[part], inputs=inputs)

    draw(pixels, choice, background=how.color)
    written = write(pixels, targets, how, recipe_of, preview=preview, force=force)
    if json:
        steering = {} if source is None or picture is None else source.facts(picture)
        facts = {
            "seed": chosen_seed,
            "n": n,
            "prompt": prompt,
            "words": list(parsed.words),
            "unknown_words": list(parsed.unknown),
            "replaced_words": [list(pair) for pair in parsed.replaced],
            "style": parsed.style,
            "styles": [condition.style for condition in brief.conditions],
            "drawn_after": [entry.spec for entry in brief.after] or None,
            "painted": [finish.color for finish in brief.finishes] or None,
            "faces": [finish.face.spec if finish.face else None for finish in brief.finishes] or None,
            "emotion": None if emotion is None else find_emotion(emotion).name,
            **steering,
            "sampling": vars(params),
            "tokens": tokens.tolist(),
            **written.facts(place),
            "device": provider,
            "seconds": round(time.perf_counter() - started, 3),
        }
        show_json("sample", facts)
    elif output != files.STDOUT:
        files.show_files(written.files)


def merge(
    defaults: SamplingDefaults, *, temperature: float | None, top_k: int | None, top_p: float | None, guidance: float | None
) -> SamplingParams:
    """The bundle's sampling law with what the user said on top.

    Raises:
        UsageError: a value out of range.
    """
    from emoterm.sampling import SamplingParams

    return SamplingParams(
        temperature=defaults.temperature if temperature is None else temperature,
        top_k=defaults.top_k if top_k is None else top_k,
        top_p=defaults.top_p if top_p is None else top_p,
        guidance=defaults.guidance if guidance is None else guidance,
    )
