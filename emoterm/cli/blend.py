"""``emoterm blend``."""

from __future__ import annotations

import re
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show_json
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.codec import F32, I64, Codec
    from emoterm.prior import Prior
    from emoterm.sampling import SamplingParams
    from emoterm.vocabulary import Condition

_WEIGHTED = re.compile(r"(?P<spec>.+):(?P<weight>[-+]?(?:\d+\.?\d*|\.\d+))", re.DOTALL)
AT_MOST = 64
ATTEMPTS = 8
"""Repaints to choose from; of many more the likeliest would be the blandest."""


def blend(
    pictures: Annotated[
        list[str],
        typer.Argument(metavar="A[:WEIGHT] B[:WEIGHT]...", help="Image or .emo files, -, emojis or names; names take @STYLE."),
    ],
    repaint: Annotated[
        float, typer.Option("--repaint", help="Share of the tokens, 0 to 1, that the prior draws anew: the least likely.")
    ] = 0,
    style: options.Style = None,
    seed: options.Seed = None,
    output: options.Output = None,
    scale: options.Scale = 1,
    background: options.Background = "transparent",
    graphics: options.Graphics = "auto",
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Mix emojis into one.

    Takes the weighted mean of the pictures in the latent space; a picture without a weight has 1. With --repaint the prior then draws anew
    what does not hold together; --style tells it in which style. Writes a PNG, emoterm-blend.png unless -o says otherwise, and draws it
    where stdout is a terminal.

    \b
    Examples:
      emoterm blend 😊 😡
      emoterm blend 🐱:0.7 🐙:0.3 --repaint 0.3 --seed 1 -o catopus.png
      emoterm blend me.png:2 "red heart"@noto --scale 4
    """
    started = time.perf_counter()
    from emoterm.bundle import open_bundle
    from emoterm.cli import files
    from emoterm.cli.draw import draw
    from emoterm.codec import Codec
    from emoterm.gallery import Gallery
    from emoterm.imaging.compose import parse_color, to_uint8
    from emoterm.imaging.grid import make_grid
    from emoterm.imaging.save import encode_png
    from emoterm.inputs import STDIN, resolve
    from emoterm.latent import blend as mix
    from emoterm.prior import Prior
    from emoterm.prompt import parse_prompt
    from emoterm.sampling import SamplingParams
    from emoterm.steering import check_share
    from emoterm.terminal.detect import choose_graphics

    parts = [split_weight(typed) for typed in pictures]
    if not 2 <= len(parts) <= AT_MOST:
        raise UsageError(f"A blend needs 2 to {AT_MOST} pictures, there are {len(parts)}.", fix="emoterm blend 😊 😡")
    if [spec for spec, _ in parts].count(STDIN) > 1:
        raise UsageError("Only one picture can come from standard input.", fix="Save the others to files.")
    check_share(repaint, "--repaint")
    choice = choose_graphics("none" if json or output == files.STDOUT else graphics)
    color = parse_color(background)
    target = files.free_name("emoterm-blend", ".png") if output is None else output
    files.check_picture(target, ("png",), force=force, json=json)
    files.check_size(1, scale)
    chosen_seed = secrets.randbelow(2**32) if seed is None else seed

    with open_bundle(bundle) as opened:
        codec, prior = Codec(opened, device=device), Prior(opened, device=device)
        codec.preload("decoder")
        condition = parse_prompt("", prior.vocabulary, style=style).condition
        if repaint > 0:
            prior.preload()
        gallery = Gallery.from_bundle(opened)
        found = [resolve(spec, codec=codec, gallery=gallery, stdin=sys.stdin.buffer) for spec, _ in parts]
        z = mix([picture.z for picture in found], [weight for _, weight in parts])[None]  # (D, 16, 16) → (1, D, 16, 16)
        tokens = codec.quantize(z).reshape(1, -1)  # (1, 16, 16) → (1, 256)
        repainted = 0
        if repaint > 0:
            if seed is None:
                narrate(f"seed {chosen_seed}")
            params = SamplingParams(**vars(opened.manifest.prior.sampling))
            z, tokens, repainted = repaint_unlikely(
                z, tokens, repaint, codec=codec, prior=prior, condition=condition, seed=chosen_seed, params=params
            )
        pixels = to_uint8(codec.decode(z))  # (1, H, W, 4)
        provider = codec.provider

    total = sum(weight for _, weight in parts)
    shares = [weight / total for _, weight in parts]
    narrate(" + ".join(f"{share:.0%} {picture.label}" for share, picture in zip(shares, found, strict=True)))
    draw(pixels, choice, background=color)
    written = files.deliver(target, encode_png(make_grid(pixels, scale=scale, background=color)), force=force)
    if json:
        facts = {
            "parts": [{"picture": picture.label, "weight": share} for picture, share in zip(found, shares, strict=True)],
            "repaint": repaint,
            "repainted_tokens": repainted,
            "style": condition.style,
            "seed": chosen_seed if repaint > 0 else None,
            "tokens": tokens[0].tolist(),
            "files": written,
            "device": provider,
            "seconds": round(time.perf_counter() - started, 3),
        }
        show_json("blend", facts)
    elif output != files.STDOUT:
        files.show_files(written)


def split_weight(typed: str) -> tuple[str, float]:
    """``"cat.png:0.7"`` → ``("cat.png", 0.7)``; without a weight it is 1. A file that is really called so stays whole."""
    match = _WEIGHTED.fullmatch(typed)
    if match is None or Path(typed).is_file():
        return typed, 1.0
    return match["spec"], float(match["weight"])


def repaint_unlikely(
    z: F32, tokens: I64, share: float, *, codec: Codec, prior: Prior, condition: Condition, seed: int, params: SamplingParams
) -> tuple[F32, I64, int]:
    """Let the prior draw the tokens anew that it finds least likely.

    Args:
        z: the blend, (1, D, 16, 16).
        tokens: its nearest codes, (1, 256).
        share: how many to draw anew, 0 … 1 of them.
        codec: looks up the new codes.
        prior: judges and draws.
        condition: what the prior is told.
        seed: of the draws.
        params: the sampling law.

    Returns:
        The latents, with new codes where a token was drawn anew and as they were elsewhere; the tokens; how many were drawn anew.
    """
    import numpy as np

    from emoterm.steering import FREE, free_least_likely

    given = free_least_likely(tokens[0], prior.token_bits([condition], tokens)[0], share)[None]  # (256,) → (1, 256)
    # While the prior writes a token it does not see the old ones behind it, so most attempts fit them badly; the likeliest whole is taken.
    conditions = [condition] * ATTEMPTS
    attempts = prior.generate(conditions, seed=seed, params=params, given=given.repeat(ATTEMPTS, axis=0))  # (ATTEMPTS, 256)
    written = attempts[[prior.bits(conditions, attempts).argmin()]]  # (1, 256)
    grid = written.reshape(1, *z.shape[2:])  # (1, 256) → (1, 16, 16)
    free = (given == FREE).reshape(1, 1, *z.shape[2:])  # (1, 256) → (1, 1, 16, 16)
    return np.where(free, codec.lookup(grid), z), written, int(free.sum())
