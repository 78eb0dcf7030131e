"""``python -m export.showcase``: what a bundle makes, in pictures, chosen by order and never by hand.

reconstructions-webp.png   ten unseen emojis of each style: as they are, after 256 tokens, and as WebP in as many bytes
prompts.png                eight prompts, a row each, in every style
restyles.png               unseen emojis, and the same in every style
morphs.png                 from each of some unseen emojis to the next
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.errors import EmotermError
from emoterm.morphing import walk
from emoterm.pipeline import Pipeline
from emoterm.prior import Prior
from emoterm.request import Request
from emoterm.restyling import LAW, restyle
from emoterm.sampling import law_of
from emoterm.token_search import search_tokens
from emoterm.tokenfile import picture_bytes, token_bits
from export.webp_baseline import webp_reconstructions
from trainer import metrics
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.figures import sample_grid

PROMPTS = ("smiling face", "crying cat", "red heart", "green tree", "birthday cake", "blue car", "sleeping dog", "rocket")
SEED = 0
PER_STYLE = 10
RESTYLED = 10
MORPHS, STEPS = 6, 10


def main() -> None:
    """Write every picture and print its name."""
    parser = argparse.ArgumentParser(prog="python -m export.showcase", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="any data source of the trainer")
    parser.add_argument("--bundle", type=Path, help="default: the bundle that ships")
    parser.add_argument("--out", type=Path, default=Path("docs/images/model"), help="folder (default: %(default)s)")
    args = parser.parse_args()
    try:
        sheets = _draw(args.data, args.bundle)
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")
    for name, (pictures, columns) in sheets.items():
        path = args.out / f"{name}.png"
        sample_grid(pictures, path, columns=columns)
        print(path)


def _draw(data: str, path: Path | None) -> dict[str, tuple[Tensor, int]]:
    """Pictures and columns of each sheet."""
    unseen = load_emojis(data).split("test")
    with open_bundle(path) as bundle:
        pipeline = Pipeline.of(bundle)
        codec, prior = pipeline.codec, pipeline.prior
        styles = prior.vocabulary.styles
        return {
            "reconstructions-webp": (beside_webp(bundle, codec, unseen, styles), PER_STYLE),
            "prompts": (prompted(pipeline), len(styles)),
            "restyles": (restyled(codec, prior, unseen, styles), 1 + len(styles)),
            "morphs": (morphed(codec, unseen, styles[-1]), STEPS),
        }


def first_of(emojis: EmojiSet, style: str, n: int) -> Tensor:
    """(n, 4, 64, 64): ``n`` emojis of a style in an order drawn once, each base emoji in one skin tone only."""
    rows, seen = [], set()
    for i in torch.randperm(len(emojis), generator=torch.Generator().manual_seed(SEED)).tolist():
        row = emojis.rows[i]
        if row.style == style and row.base not in seen:
            seen.add(row.base)
            rows.append(i)
    return emojis.images[rows[:n]].float() / 255


def through_tokens(codec: Codec, pictures: Tensor) -> Tensor:
    """(N, 4, 64, 64) → the same as ``emoterm reconstruct`` gives it back."""
    return torch.from_numpy(codec.decode(codec.lookup(search_tokens(pictures.numpy(), codec=codec))))


def beside_webp(bundle: Bundle, codec: Codec, unseen: EmojiSet, styles: Sequence[str]) -> Tensor:
    """Three rows a style, over white; prints the mean PSNR of the rows."""
    manifest = bundle.manifest
    max_bytes = picture_bytes(manifest.n_tokens, token_bits(manifest.codebook.size))
    rows = []
    for style in styles:
        pictures = first_of(unseen, style, PER_STYLE)
        white = metrics.over_white(pictures)
        ours = metrics.over_white(through_tokens(codec, pictures))
        webp = webp_reconstructions(pictures, max_bytes)
        print(f"{style}: {metrics.psnr(ours, white).mean():.2f} dB, WebP {metrics.psnr(webp, white).mean():.2f} dB in {max_bytes} bytes")
        rows += [white, ours, webp]
    return torch.cat(rows)


def prompted(pipeline: Pipeline) -> Tensor:
    """The first picture of the seed for each prompt in each style: ``emoterm sample --prompt … --style … --seed 0 --n 1``."""
    tokens = []
    for prompt in PROMPTS:
        for style in pipeline.prior.vocabulary.styles:
            request = Request.from_prompt(pipeline.parse(prompt, style=style))
            brief = pipeline.brief(request, seed=SEED, pictures=range(1))
            tokens.append(pipeline.sample(brief, seed=SEED, params=law_of(pipeline.usual(brief))))
    return torch.from_numpy(pipeline.codec.decode_tokens(np.concatenate(tokens)))


def restyled(codec: Codec, prior: Prior, unseen: EmojiSet, styles: Sequence[str]) -> Tensor:
    """Originals of the styles in turn, each followed by what every style makes of it, without its name."""
    rows = []
    for number in range(RESTYLED):
        picture = first_of(unseen, styles[number % len(styles)], number + 1)[number:]
        _, indices = codec.encode(picture.numpy())
        tokens = restyle(indices.reshape(-1), styles, prior=prior, seed=SEED, params=LAW)  # (1, 16, 16) → (256,)
        rows += [picture, torch.from_numpy(codec.decode_tokens(tokens))]
    return torch.cat(rows)


def morphed(codec: Codec, unseen: EmojiSet, style: str) -> Tensor:
    """Between neighbours in the order drawn, the latents of each pair in a straight line: (MORPHS · STEPS, 4, 64, 64)."""
    z, _ = codec.encode(first_of(unseen, style, MORPHS + 1).numpy())
    between = np.concatenate([walk(start, end, STEPS, "lerp", codec=codec) for start, end in pairwise(z)])
    return torch.from_numpy(codec.decode(between))


if __name__ == "__main__":
    main()
