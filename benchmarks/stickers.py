"""``python -m benchmarks.stickers``: every place tried on generated and on gallery emojis, still and moving; exit code 1 if one is refused.

The files are judged with Pillow and the limits below alone, not with the code that made them.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import time

import numpy as np
from PIL import Image

from benchmarks.timing import say
from emoterm.bundle import open_bundle
from emoterm.codec import Codec
from emoterm.gallery import Gallery
from emoterm.imaging.compose import U8, to_uint8
from emoterm.morphing import walk
from emoterm.prior import Prior
from emoterm.recipe import make_recipe
from emoterm.rendering import Rendering, render
from emoterm.sampling import SamplingParams
from emoterm.stickers.places import PLACES, valid_names
from emoterm.vocabulary import Condition

BYTES = {"slack": 128_000, "discord": 256_000, "mastodon": 256_000, "teams": 256_000, "github": 10_000_000}
NAMES = {"slack": r"[a-z0-9_-]{2,}", "discord": r"\w{2,32}", "mastodon": r"[a-zA-Z0-9_]{2,128}", "teams": r"\w{2,}", "github": r"[\w-]+"}
FRAMES = {"slack": 50}
SEED = 0
STEPS = 12
MOVING_SHARE = 10
"""One in so many is tried as a morph too."""


def accepted(data: bytes, place: str) -> bool:
    """What the page of the place says, as far as a file shows it."""
    with Image.open(io.BytesIO(data)) as image:
        fits = image.format in ("PNG", "GIF") and image.width == image.height and 32 <= image.width <= 128
        n_frames = getattr(image, "n_frames", 1)
        for i in range(n_frames):
            image.seek(i)
            image.load()
    return fits and n_frames <= FRAMES.get(place, 10**6) and len(data) < BYTES[place]


def main() -> None:
    """Print the table; exit code 1 if a file or a name is refused."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stickers", description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="how many of either kind")
    n = parser.parse_args().n
    with open_bundle() as bundle:
        codec, prior, gallery = Codec(bundle, device="cpu"), Prior(bundle, device="cpu"), Gallery.from_bundle(bundle)
        defaults = bundle.manifest.prior.sampling
        params = SamplingParams(**vars(defaults))
        say(f"making {n} emojis")
        made = prior.generate([Condition()] * n, seed=SEED, params=params)
        entries = gallery.entries
        chosen = [entries[i] for i in np.random.default_rng(SEED).choice(len(entries), n, replace=False)]
        tokens = {"generated": made, "gallery": np.stack([gallery.tokens(entry) for entry in chosen])}
        texts = {"generated": [f"emoterm {SEED} {i}" for i in range(n)], "gallery": [f"{entry.name} {entry.style}" for entry in chosen]}
        print("| place | kind | files | within limits | bytes: median | most | gave something up | s |\n|---|---|---|---|---|---|---|---|")
        refused = 0
        for place in PLACES:
            for kind, grid in tokens.items():
                stills = to_uint8(codec.decode_tokens(grid))
                names = valid_names(texts[kind], PLACES[place])
                valid = len(set(names)) == n and all(re.fullmatch(NAMES[place], name) for name in names)
                z = codec.lookup(grid.reshape(n, 16, 16))  # (n, 256) → (n, 16, 16)
                pairs = range(0, n - 1, MOVING_SHARE)
                morphs = [to_uint8(codec.decode(walk(z[i], z[i + 1], STEPS, "lerp", codec=codec))) for i in pairs]
                recipe = make_recipe(bundle, "sample", {"seed": SEED}, tokens=grid[:1])
                for what, sources in ((kind, [picture[None] for picture in stills]), (f"{kind}, morphs", morphs)):
                    refused += _row(place, what, sources, recipe) + (not valid)
    sys.exit(1 if refused else 0)


def _row(place: str, what: str, sources: list[U8], recipe: object) -> int:
    """Try one kind on one place, print its row, and give how many were refused."""
    started = time.perf_counter()
    how = Rendering(format="gif", place=place, ping_pong=True, hold=400)
    results = [render(source, how, recipe) for source in sources]  # type: ignore[arg-type]
    good = sum(accepted(data, place) for data, _ in results)
    sizes = sorted(len(data) for data, _ in results)
    lossy = sum(bool([each for each in sticker.given_up if "→" in each]) for _, sticker in results if sticker is not None)
    seconds = time.perf_counter() - started
    share = f"{good / len(results):.0%}"
    print(f"| {place} | {what} | {len(results)} | {share} | {sizes[len(sizes) // 2]} | {sizes[-1]} | {lossy} | {seconds:.0f} |", flush=True)
    return len(results) - good


if __name__ == "__main__":
    main()
