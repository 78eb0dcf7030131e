"""``python -m export.webp_baseline``: what WebP makes of the same pictures in as many bytes as a token grid has.

The picture over white is encoded in lossy WebP at the highest quality that fits, at full size and at smaller ones that are enlarged again,
and the best of these counts.
"""

from __future__ import annotations

import argparse
import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from emoterm.tokenfile import picture_bytes
from trainer import metrics
from trainer.data import load_emojis
from trainer.errors import TrainerError

U8 = NDArray[np.uint8]
SIDES = (64, 56, 48, 40, 32, 24)
"""Edges, in pixels, at which WebP is tried; below the last one everything is blurred away."""


def webp_reconstructions(pictures: Tensor, max_bytes: int) -> Tensor:
    """(N, 4, 64, 64) in [0, 1], associated alpha → (N, 3, 64, 64) over white, each from at most ``max_bytes``.

    Raises:
        ValueError: not even the smallest picture of the lowest quality fits.
    """
    white = (metrics.over_white(pictures) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()  # (N, 64, 64, 3)
    with ThreadPoolExecutor() as pool:  # Pillow lets go of Python's lock
        found = np.stack(list(pool.map(lambda picture: _best(picture, max_bytes), white)))
    return torch.from_numpy(found).permute(0, 3, 1, 2).float() / 255  # (N, 64, 64, 3) → (N, 3, 64, 64)


def _best(picture: U8, max_bytes: int) -> U8:
    candidates = [decoded for side in SIDES if (decoded := _at_side(picture, side, max_bytes)) is not None]
    if not candidates:
        raise ValueError(f"No WebP of this picture has at most {max_bytes} bytes.")
    return min(candidates, key=lambda decoded: float(np.square(decoded.astype(np.float64) - picture).mean()))


def _at_side(picture: U8, side: int, max_bytes: int) -> U8 | None:
    """``picture`` after WebP at ``side`` × ``side``, in the highest quality that fits, and back at its own size; None where none fits."""
    image = Image.fromarray(picture)
    size = image.size
    small = image if side == size[0] else image.resize((side, side), Image.Resampling.LANCZOS)
    fits, low, high = None, 0, 100
    while low <= high:
        quality = (low + high) // 2
        buffer = io.BytesIO()
        small.save(buffer, format="WEBP", quality=quality, method=6)
        if buffer.tell() <= max_bytes:
            fits, low = buffer, quality + 1
        else:
            high = quality - 1
    if fits is None:
        return None
    with Image.open(fits) as opened:
        decoded = opened.convert("RGB")
    return np.asarray(decoded if decoded.size == size else decoded.resize(size, Image.Resampling.BICUBIC))


def main() -> None:
    """Print the figures of ``emoterm eval``'s reconstruction table for WebP, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m export.webp_baseline", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="any data source of the trainer")
    parser.add_argument("--split", default="test")
    parser.add_argument("--bytes", type=int, default=picture_bytes(), help="of each picture (default: %(default)s, a token grid)")
    args = parser.parse_args()
    try:
        emojis = load_emojis(args.data).split(args.split)
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n")
    originals = emojis.images.float() / 255
    found = webp_reconstructions(originals, args.bytes)
    report = metrics.reconstruction_report(found, metrics.over_white(originals), [row.style for row in emojis.rows])
    print(json.dumps(report.to_dict(), indent=1))


if __name__ == "__main__":
    main()
