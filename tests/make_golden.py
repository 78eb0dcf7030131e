"""Write ``tests/golden.json`` again: ``python -m tests.make_golden``. Needed when a bundle, ONNX Runtime or the sampling changes.

For each bundle: the tokens of a few pictures, and hashes of their pixels and of the PNG files they become. What stands there is promised
for the bundle with that sha256 on a CPU with the same vector instructions; whoever changes one of them on purpose runs this script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray

from benchmarks.machine import describe
from emoterm.bundle import DEFAULT_BUNDLE, Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.imaging.compose import U8, to_uint8
from emoterm.imaging.grid import make_grid
from emoterm.imaging.png import encode_png
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.session import load_onnxruntime
from emoterm.tokenfile import pack, token_bits
from emoterm.vocabulary import Condition, Vocabulary

GOLDEN = Path(__file__).parent / "golden.json"
TINY = Path(__file__).parent / "fixtures" / "tiny_bundle"
BUNDLES = {"tiny": TINY, "default": DEFAULT_BUNDLE}
N, SEED = 6, 7


def conditions(vocabulary: Vocabulary, first: int, n: int) -> list[Condition]:
    """Of pictures ``first`` …: nothing, a style, a word, in turns."""
    kinds = (Condition(), Condition(vocabulary.styles[0]), Condition(words=(vocabulary.words[0],)))
    return [kinds[i % 3] for i in range(first, first + n)]


def draw(bundle: Bundle, *, threads: int, batch_size: int | None, first: int = 0, n: int = N) -> tuple[NDArray[np.int64], U8]:
    """Tokens (n, 256) and pixels (n, H, W, 4) of some of the golden pictures, with guidance and all of the sampling law on."""
    prior = Prior(bundle, device="cpu", threads=threads)
    params = SamplingParams(temperature=0.9, top_k=40, top_p=0.97, guidance=1.5, min_p=0.001)
    tokens = prior.generate(conditions(prior.vocabulary, first, n), seed=SEED, params=params, first_picture=first, batch_size=batch_size)
    return tokens, to_uint8(Codec(bundle, device="cpu", threads=threads).decode_tokens(tokens))


def golden_of(bundle: Bundle) -> dict[str, Any]:
    """What the file says of one bundle."""
    tokens, pixels = draw(bundle, threads=1, batch_size=1)
    bits = token_bits(bundle.manifest.codebook.size)
    return {
        "bundle_sha256": bundle.sha256,
        "tokens": [base64.b64encode(pack(row, bits)).decode() for row in tokens],
        "pixels_sha256": [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pixels],
        "png_sha256": [hashlib.sha256(encode_png(picture)).hexdigest() for picture in pixels],
        "grid_png_sha256": hashlib.sha256(encode_png(make_grid(pixels, columns=3))).hexdigest(),
    }


def made_with() -> dict[str, Any]:
    """What the figures depend on beside the bundle."""
    return {"features": describe()["features"], "onnxruntime": load_onnxruntime().__version__, "pillow": PIL.__version__}


def main() -> None:
    """Write the file."""
    found: dict[str, Any] = {"made_with": made_with()}
    for name, path in BUNDLES.items():
        with open_bundle(path) as bundle:
            found[name] = golden_of(bundle)
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(GOLDEN)


if __name__ == "__main__":
    main()
