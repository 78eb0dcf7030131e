"""``python -m benchmarks.upscale --font FONT``: how well filters enlarge emojis, into docs/upscaling.md and docs/images/upscaling.png.

Large renderings of emojis that the model was not trained on are shrunk, enlarged again and compared with what they were.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from benchmarks.page import BEGIN, END, replace_block
from benchmarks.timing import say
from emoterm.bundle import open_bundle
from emoterm.gallery import Gallery
from emoterm.imaging.compose import F32, from_uint8, over, to_uint8
from emoterm.imaging.grid import make_grid
from emoterm.imaging.png import encode_png
from emoterm.imaging.resize import resize
from emoterm.imaging.upscale import enlarge
from emoterm.quality import psnr, ssim
from trainer.sources.font import read_font

DOCS = Path(__file__).parents[1] / "docs"
LARGE_PX = 128
FACTORS = (2, 4)
Filter = Callable[[F32, int], F32]


def by_pillow(how: Image.Resampling) -> Filter:
    """A filter of Pillow on associated alpha."""

    def apply(picture: F32, size_px: int) -> F32:
        planes = [np.asarray(Image.fromarray(plane).resize((size_px, size_px), how)) for plane in picture]
        alpha = np.clip(planes[3], 0, 1)
        return np.stack([*(np.clip(plane, 0, alpha) for plane in planes[:3]), alpha])

    return apply


def epx(picture: F32, size_px: int) -> F32:
    """EPX, also known as Scale2x (Eric Johnston 1992): corners of pixel art, decided by which neighbours are alike."""
    while picture.shape[1] < size_px:
        side = picture.shape[1]
        ringed = np.pad(picture, ((0, 0), (1, 1), (1, 1)), mode="edge")
        up, down, left, right = ringed[:, :-2, 1:-1], ringed[:, 2:, 1:-1], ringed[:, 1:-1, :-2], ringed[:, 1:-1, 2:]
        large = np.empty((4, 2 * side, 2 * side), np.float32)
        corners = (
            (0, 0, up, left, down, right),
            (0, 1, up, right, down, left),
            (1, 0, down, left, up, right),
            (1, 1, down, right, up, left),
        )
        for row, column, near, beside, far, across in corners:
            take = _alike(near, beside) & ~_alike(near, across) & ~_alike(beside, far)
            large[:, row::2, column::2] = np.where(take, near, picture)
        picture = large
    return picture


def _alike(a: F32, b: F32) -> np.ndarray:
    return np.abs(a - b).max(axis=0) < 1 / 16


FILTERS: dict[str, Filter] = {
    "nearest": by_pillow(Image.Resampling.NEAREST),
    "EPX / Scale2x": epx,
    "bilinear": by_pillow(Image.Resampling.BILINEAR),
    "bicubic": by_pillow(Image.Resampling.BICUBIC),
    "Lanczos": by_pillow(Image.Resampling.LANCZOS),
    "**emoterm**": enlarge,
}


def held_out(font: Path, n: int) -> F32:
    """Renderings ``(N, 4, 128, 128)``, associated alpha, of at most ``n`` emojis, evenly spread over those of the test split."""
    with open_bundle() as bundle:
        unseen = {entry.emoji for entry in Gallery.from_bundle(bundle).entries if entry.split == "test"}
    records = [record for record in read_font(font) if record.values["emoji"] in unseen]
    chosen = records[:: max(1, len(records) // n)][:n]
    large = [np.asarray(record.picture.convert("RGBA")) for record in chosen if isinstance(record.picture, Image.Image)]
    return np.stack([resize(from_uint8(pixels), LARGE_PX, LARGE_PX) for pixels in large])


def main() -> None:
    """Fill the page, write the picture and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upscale", description=__doc__)
    parser.add_argument("--font", type=Path, required=True, help="a colour emoji font with large bitmaps, such as NotoColorEmoji.ttf")
    parser.add_argument("--n", type=int, default=100, help="how many emojis")
    arguments = parser.parse_args()
    large = held_out(arguments.font, arguments.n)
    wanted = over(large)
    lines = ["| filter | " + " | ".join(f"×{factor}: PSNR | SSIM" for factor in FACTORS) + " |", "|---|" + "---|---|" * len(FACTORS)]
    shown = []
    for name, enlarged_by in FILTERS.items():
        cells = []
        for factor in FACTORS:
            small = [resize(picture, LARGE_PX // factor, LARGE_PX // factor) for picture in large]
            results = np.stack([enlarged_by(picture, LARGE_PX) for picture in small])
            seen = over(results)
            cells.append(f"{psnr(wanted, seen).mean():.2f} dB | {ssim(wanted, seen).mean():.4f}")
            if factor == FACTORS[0]:
                shown.append(results[:4])
        lines.append(f"| {name} | {' | '.join(cells)} |")
        say(lines[-1])
    command = f"python -m benchmarks.upscale --font {arguments.font.name} --n {arguments.n}"
    how = f"`{command}` on {len(large)} emojis, {platform.machine()}, Pillow {PIL.__version__}"
    page = DOCS / "upscaling.md"
    table = "\n".join(lines)
    replace_block(page, f"{BEGIN}\nMeasured by {how}.\n\n{table}\n\n{END}")
    rows = to_uint8(np.concatenate([*shown, large[:4]]))
    (DOCS / "images" / "upscaling.png").write_bytes(encode_png(make_grid(rows, columns=4, background=(255, 255, 255))))
    print(table)


if __name__ == "__main__":
    main()
