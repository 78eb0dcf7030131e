"""``python -m trainer.leave_one_out``: how well a recipe reconstructs a style that it was never trained on, for each style in turn.

One VQ-VAE a style, all with the same budget, and one that leaves nothing out beside them, unless ``--left-out-only`` saves its time.
Interrupt it at any time; the same command goes on where it stood.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from trainer import metrics
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.metrics import ReconstructionScores
from trainer.overrides import parse_changes
from trainer.run import load_run, load_vqvae
from trainer.train import run_training
from trainer.train_vqvae import as_channels

BATCH = 128
ALL = "all"
"""The run that leaves nothing out."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m trainer.leave_one_out", description="Leave out each style in turn.")
    parser.add_argument("--data", required=True, help="any data source with styles")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change one field of the recipe")
    parser.add_argument("--left-out-only", action="store_true", help="no run on all styles; a style is compared with a run without another")
    args = parser.parse_args()
    try:
        print(leave_one_out(args.data, args.out, args.recipe, parse_changes(args.set), with_all=not args.left_out_only))
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n")


def leave_one_out(data: str, out: Path, recipe: str, overrides: dict[str, str], *, with_all: bool = True) -> str:
    """Train what is not trained yet, measure all, and return a Markdown table.

    Args:
        data: any data source with styles.
        out: folder of the runs, each named after the style that it leaves out.
        recipe: a name.
        overrides: single fields of the recipe.
        with_all: train one on all styles, too, with the same budget.

    Raises:
        TrainerError: see :func:`trainer.train.run_training`; or the data has fewer than two styles.
    """
    unseen = load_emojis(data).split("test")
    if len(unseen.styles) < 2:
        raise TrainerError(f"{data} has fewer than two styles.", fix="Use data with a column 'style'.")
    if with_all:
        run_training("vqvae", recipe, data, out / ALL, overrides)
    for style in unseen.styles:
        run_training("vqvae", recipe, data, out / style, overrides | {"data.leave_out_style": style})
    return compare(unseen, out, reconstruction)


def compare(unseen: EmojiSet, runs: Path, measure: Callable[[Path, EmojiSet], ReconstructionScores]) -> str:
    """A Markdown table of each style, in a run that was trained on it and in the one that was not.

    The first is the run that leaves nothing out, or, where there is none, the one that leaves out the next style of the table.

    Args:
        unseen: held-out pictures of all styles.
        runs: the folder that :func:`leave_one_out` filled.
        measure: what a run makes of pictures.

    Raises:
        TrainerError: a run is missing.
    """
    lines = ["| style | PSNR, trained on it (dB) | left out (dB) | SSIM, trained on it | left out |", "|---|---|---|---|---|"]
    for number, style in enumerate(unseen.styles):
        pictures = unseen.of_style(style)
        trained_on_it = ALL if (runs / ALL).exists() else unseen.styles[(number + 1) % len(unseen.styles)]
        seen, left_out = (measure(runs / name, pictures) for name in (trained_on_it, style))
        lines.append(f"| {style} | {seen.psnr:.2f} | {left_out.psnr:.2f} | {seen.ssim:.4f} | {left_out.ssim:.4f} |")
    return "\n".join(lines)


@torch.no_grad()
def reconstruction(run: Path, emojis: EmojiSet) -> ReconstructionScores:
    """What the VQ-VAE of a run makes of pictures, in full precision."""
    recipe = load_run(run)
    vqvae = load_vqvae(run, recipe)
    originals = as_channels(emojis.images.float() / 255, recipe.data.channels)
    found = [vqvae.decode(vqvae.codebook.lookup(vqvae.encode(part)[1])) for part in originals.split(BATCH)]
    return metrics.reconstruction_report(torch.cat(found), originals).overall


if __name__ == "__main__":
    main()
