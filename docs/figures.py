"""``python -m docs.figures``: the pictures of how-it-works.md, made by the app with the bundle that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emoterm.bundle import DEFAULT_BUNDLE, Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.files import write_atomic
from emoterm.gallery import Gallery
from emoterm.imaging.compose import U8, to_uint8
from emoterm.imaging.grid import make_grid
from emoterm.imaging.png import encode_png
from emoterm.latent import interpolate
from emoterm.prior import Prior
from emoterm.prompt import parse_prompt
from emoterm.sampling import SamplingParams
from emoterm.token_search import search_tokens

IMAGES = Path(__file__).parent / "images"
EMOJI, STYLE, OTHER = "🐙", "noto", "🦑"
# The fourth of: emoterm sample --prompt "smiling face" --words-alone --style noto --guidance 3 --seed 0
PROMPT, SEED, PICTURE = "smiling face", 0, 3
SCALE = 3


def main() -> None:
    """Write every picture and print its name."""
    with open_bundle(DEFAULT_BUNDLE) as bundle:
        codec, gallery, prior = Codec(bundle, device="cpu"), Gallery.from_bundle(bundle), Prior(bundle, device="cpu")
        tokens = gallery.tokens(gallery.find(EMOJI, STYLE))
        picture = codec.decode_tokens(tokens[None])  # (1, 4, 64, 64)
        z_e, _ = codec.encode(picture)
        indices = search_tokens(picture, codec=codec)
        again = codec.decode_tokens(indices.reshape(1, -1))  # (1, 16, 16) → (1, 256)
        other, _ = codec.encode(codec.decode_tokens(gallery.tokens(gallery.find(OTHER, STYLE))[None]))
        walk = codec.decode(interpolate(z_e[0], other[0], 8, "lerp"))
        write("picture", to_uint8(picture))
        write("tokens", token_picture(indices[0], codec)[None])
        write("again", to_uint8(np.concatenate([picture, again])))
        write("writing", writing(bundle, codec, prior))
        write("morph", to_uint8(walk))


def write(name: str, pictures: U8) -> None:
    """Put pictures ``(N, H, W, 4)`` side by side into a file."""
    file = IMAGES / f"how-{name}.png"
    write_atomic(str(file), encode_png(make_grid(pictures, columns=len(pictures), scale=SCALE)), force=True)
    print(file)


def token_picture(indices: np.ndarray, codec: Codec) -> U8:
    """A token grid ``(16, 16)`` as a picture: each token in the colour that the decoder paints where there is nothing but that code."""
    used, where = np.unique(indices, return_inverse=True)
    plain = to_uint8(codec.decode_tokens(used[:, None].repeat(indices.size, axis=1)))  # (n, H, W, 4)
    middle = plain[:, 24:40, 24:40].mean(axis=(1, 2)).round().astype(np.uint8)  # (n, 4)
    tiles = middle[where.reshape(indices.shape)]  # (16, 16, 4)
    return tiles.repeat(4, axis=0).repeat(4, axis=1)


def writing(bundle: Bundle, codec: Codec, prior: Prior) -> U8:
    """One picture while the prior writes it: after 4, 8, 12 and 16 rows, what is missing filled with the code of empty corners."""
    vocabulary, defaults = prior.vocabulary, bundle.manifest.prior.sampling
    params = SamplingParams(**vars(defaults) | {"guidance": 3.0})
    condition = parse_prompt(PROMPT, vocabulary, style=STYLE).condition
    _, empty = codec.encode(np.zeros((1, 4, 64, 64), np.float32))
    stages = []
    for _, so_far in prior.generate_rows([condition], seed=SEED, params=params, first_picture=PICTURE):
        if so_far.shape[1] % 64 == 0:  # (1, 16 · rows)
            whole = empty.reshape(1, -1).copy()
            whole[:, : so_far.shape[1]] = so_far
            stages.append(whole)
    return np.asarray(to_uint8(codec.decode_tokens(np.concatenate(stages))))


if __name__ == "__main__":
    main()
