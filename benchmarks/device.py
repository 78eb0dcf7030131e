"""``python -m benchmarks.device [cpu|cuda]``: how long a device takes for tokens and pictures of the default bundle, many and few at once.

With ``EMOTERM_CUDA_GRAPH=1`` steps are recorded and replayed. It also says whether a picture has the same tokens whatever the batch that it
is in, and how far the device's likelihoods are from those of the CPU.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.timing import interleaved, say
from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.errors import EmotermError
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.session import short_name
from emoterm.vocabulary import Condition

SIZES = (1, 16, 64, 256, 1024)
BATCHES = (1, 7, 16)
"""Rows of the batches that the same pictures are made in."""
ROUNDS = 3


def measure(bundle: Bundle, device: str, sizes: tuple[int, ...], show: Callable[[str], object]) -> None:
    """Show a table, row by row, and two findings.

    Raises:
        ModelError: the device does not load.
    """
    law = SamplingParams(**vars(bundle.manifest.prior.sampling))
    prior, codec = Prior(bundle, device=device), Codec(bundle, device=device)
    show(f"{short_name(prior.provider)}, {platform.machine()}, onnxruntime {onnxruntime.__version__}, {bundle.manifest.version}")
    show("| emojis | tokens | emojis/s | with guidance | decoding |")
    show("|---|---|---|---|---|")
    style = prior.vocabulary.styles[0]
    for n in sizes:
        free, styled = [Condition()] * n, [Condition(style=style)] * n
        tokens = prior.generate(free, seed=0, params=law)
        seconds = interleaved(
            {
                "free": lambda asked=free: prior.generate(asked, seed=0, params=law),
                "guided": lambda asked=styled: prior.generate(asked, seed=0, params=law),
                "decoding": lambda drawn=tokens: codec.decode_tokens(drawn),
            },
            ROUNDS,
        )
        each = " | ".join(f"{1000 * seconds[name]:.3g} ms" for name in ("guided", "decoding"))
        show(f"| {n} | {1000 * seconds['free']:.3g} ms | {n / seconds['free']:.3g} | {each} |")

    n = max(BATCHES)
    drawn = [prior.generate([Condition()] * n, seed=0, params=law, batch_size=rows) for rows in BATCHES]
    same = sum(all(np.array_equal(tokens[i], drawn[0][i]) for tokens in drawn) for i in range(n))
    show(f"in batches of {', '.join(map(str, BATCHES))} rows: {same} of {n} pictures the same")
    bits = [one.token_bits([Condition()] * n, drawn[-1]) for one in (prior, Prior(bundle, device="cpu"))]
    show(f"bits of a token: {bits[0].mean():.4f}, on the CPU {bits[1].mean():.4f}; apart by {np.abs(bits[0] - bits[1]).mean():.3f}")


def main() -> None:
    """Exit code 3 where the device does not load."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device", description=__doc__)
    parser.add_argument("device", choices=("cpu", "cuda"))
    parser.add_argument("--bundle", type=Path, help="another one than that which ships")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="emojis made at once")
    args = parser.parse_args()
    try:
        with open_bundle(args.bundle) as bundle:
            measure(bundle, args.device, tuple(args.sizes), print)
    except EmotermError as error:
        say(f"error: {error}")
        parser.exit(error.exit_code)


if __name__ == "__main__":
    main()
