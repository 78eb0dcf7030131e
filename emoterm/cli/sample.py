"""``emoterm sample``."""

from __future__ import annotations

import functools
import secrets
import time
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli import options, to_folder
from emoterm.cli.complete import complete_emotion, complete_picture
from emoterm.cli.report import narrate
from emoterm.cli.steer import Source, choose_source, understand
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.brief import Brief
    from emoterm.prompt import ParsedPrompt


def sample(
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many.")] = 16,
    prompt: Annotated[str | None, typer.Option("--prompt", "-p", help="What they should show, in words, of fourteen languages.")] = None,
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
        str | None,
        typer.Option(
            "--like",
            metavar="PICTURE",
            help="Variations of an image or .emo file, -, an emoji or a name.",
            autocompletion=complete_picture,
        ),
    ] = None,
    keep: Annotated[float | None, typer.Option("--keep", help="Share of the tokens that --like keeps, 0 to 1.  [default: 0.5]")] = None,
    complete: Annotated[
        str | None,
        typer.Option(
            "--complete", metavar="PICTURE", help="Keep the top of this picture and generate the rest.", autocompletion=complete_picture
        ),
    ] = None,
    rows: Annotated[int | None, typer.Option("--rows", help="Rows of tokens, of 16, that --complete keeps.  [default: 8]")] = None,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    min_p: options.MinP = None,
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
    words, or one that chance picks where there are none. A colour among the words is painted in, a thing that is said to feel something is
    given a face, and hats and glasses are put on. --words-alone follows words without that, and --free asks for nothing at all.
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
    from emoterm.bundle import open_bundle
    from emoterm.names import plain as tidy
    from emoterm.prior_graphs import PriorGraphs, needs_of
    from emoterm.sampling import law_of

    alone = {"-o": output, "--each": each, "--for": place, "--preview": preview, "--size": size, "--like": like, "--complete": complete}
    to_folder.check(to, n, alone=alone, only={"--shard": shard, "--per-file": per_file, "--png": png})
    part, seed = (None, seed) if to is None else to_folder.choose(to, shard=shard, seed=seed)
    source = choose_source(like=like, keep=keep, complete=complete, rows=rows)
    if prompt is not None and not tidy(prompt):
        raise UsageError("The prompt is empty.", fix="Say what the pictures should show, or leave --prompt out.")
    said = prompt or ""
    worded = any((said, group, emotion))
    by_chance = _is_by_chance(worded=worded, sought=bool(said or emotion), words_alone=words_alone, free=free, source=source)
    chosen_seed = secrets.randbelow(2**32) if seed is None else seed

    with open_bundle(bundle) as opened:
        law = functools.partial(law_of, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, guidance=guidance)
        usual = opened.manifest.prior.sampling
        graphs = PriorGraphs(opened, device=device)
        graphs.preload(needs_of(law(usual), told=bool(by_chance or worded or style)), draws_after=not words_alone and source is None)
        # The models load, one after the other, while the rest is imported, which takes as long.
        from emoterm.codec import Codec

        codec = Codec(opened, device=device)
        if to is None:
            codec.preload("decoder")
        import numpy.random  # noqa: F401 - numpy would load it in the token loop, and its import swallows a Ctrl-C

        from emoterm.brief import NAMED
        from emoterm.cli.delivery import Flags
        from emoterm.cli.given import given_picture
        from emoterm.cli.pictures import Pictures
        from emoterm.cli.progress import progress
        from emoterm.cli.sampled import Sampled
        from emoterm.emotions import find_emotion
        from emoterm.gallery import Gallery
        from emoterm.pipeline import Pipeline
        from emoterm.prior import Prior
        from emoterm.rendering import Rendering
        from emoterm.request import Request

        prior = Prior(opened, graphs=graphs)
        pipeline = Pipeline(opened, prior, codec, Gallery.from_bundle(opened))
        how = Rendering(columns=columns, scale=scale, size=size, background=background, place=place)
        flags = Flags(output=output, graphics=graphics, json=json, force=force, no_metadata=no_metadata, preview=preview)
        pictures = Pictures("sample", how, flags, each=each, started=started)
        if to is None:
            pictures.plan(n, stem=f"emoterm-{chosen_seed}", sticker=f"{prompt or 'emoterm'}-{chosen_seed}")
        after_nothing = words_alone or source is not None  # a picture that stays in part says more than words could find
        parsed = understand(said, pipeline, style=style, group=group, emotion=emotion, words_alone=after_nothing)
        kept = given = None
        if source is not None:
            kept = source, given_picture(source.spec, codec=codec, gallery=pipeline.gallery)
            given = source.given(kept[1], n, columns=opened.manifest.grid[1], seed=chosen_seed)
        request = Request.from_prompt(parsed, by_chance=by_chance)
        if after_nothing:
            request = request.words_alone()
        named = range(n if to is None else min(n, NAMED))  # of emojis by the million only those are looked for that are told
        brief = pipeline.brief(request, seed=chosen_seed, pictures=named)
        provider = prior.provider  # loads the model, so that what is wrong with it comes before the work
        _narrate_brief(parsed, brief, more=by_chance and n > len(named))
        request = request.answered_by(brief)
        if brief.finishes:
            codec.preload("encoder")
        if seed is None:
            narrate(f"seed {chosen_seed}")
        params = law(pipeline.usual(brief))
        if to is not None and part is not None:
            asked = to_folder.Asked(n, part, chosen_seed, said, request, params, images=png, per_file=per_file, batch_size=batch_size)
            return to_folder.sample_to(to, pipeline, asked, json=json)
        with progress(f"Making {n} emojis") as update:
            tokens = pipeline.sample(brief, seed=chosen_seed, params=params, batch_size=batch_size, given=given, on_progress=update)
        pixels = pipeline.pixels(tokens)  # (n, H, W, 4)
        felt = None if emotion is None else find_emotion(emotion).name
        sampled = Sampled(pipeline, chosen_seed, said, parsed, felt, request, brief, params, tokens, provider, kept)

    written = pictures.deliver(pixels, lambda part: sampled.recipe(part, how.parameters()))
    pictures.report(sampled.facts(), written, device=provider)


def _is_by_chance(*, worded: bool, sought: bool, words_alone: bool, free: bool, source: Source | None) -> bool:
    """Whether chance picks what each picture is drawn after: where nothing is asked for, or only a group.

    Args:
        worded: anything is said by words.
        sought: anything but a group.
        words_alone: as typed.
        free: as typed.
        source: a picture of which something is kept.

    Raises:
        UsageError: flags that contradict each other.
    """
    if words_alone and not worded:
        raise UsageError("--words-alone goes with words.", fix="Give them with --prompt, --group or --emotion, or use --free.")
    if free and (worded or source is not None):
        raise UsageError("--free goes with nothing that says what to draw.", fix="Leave it out; words without emojis: --words-alone")
    return not (sought or words_alone or free or source is not None)


def _narrate_brief(parsed: ParsedPrompt, brief: Brief, *, more: bool) -> None:
    """Tell the person what is drawn after and how it is finished; ``more``: after more than is in the brief."""
    from emoterm.notes import notes_on_finishes

    if brief.after:
        narrate(f"drawing after {brief.names()}{' …' if more else ''}")
    for note in notes_on_finishes(parsed, brief):
        narrate(note)
