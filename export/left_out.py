"""``python -m export.left_out``: what ``trainer.leave_one_out`` measured, from tokens that are searched for as ``emoterm encode`` does."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import torch

from emoterm.cli.progress import progress
from emoterm.errors import EmotermError
from emoterm.token_search import DEFAULT_EFFORT, search_tokens
from export.torch_codec import TorchCodec
from trainer import metrics
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.leave_one_out import compare
from trainer.metrics import ReconstructionScores
from trainer.run import load_run, load_vqvae
from trainer.train_vqvae import as_channels


def searched_reconstruction(run: Path, emojis: EmojiSet, effort: int = DEFAULT_EFFORT) -> ReconstructionScores:
    """What the VQ-VAE of a run makes of pictures, in full precision, after a search of this effort."""
    recipe = load_run(run)
    codec, channels = TorchCodec(load_vqvae(run, recipe)), recipe.data.channels
    originals = emojis.images.float() / 255
    with progress(f"searching with {run.name}") as report:
        tokens = search_tokens(originals.numpy(), codec=codec, effort=effort, on_progress=report)
    found = torch.from_numpy(codec.decode_tokens(tokens.reshape(len(tokens), -1)))  # (N, 16, 16) → (N, L)
    return metrics.reconstruction_report(found[:, :channels], as_channels(originals, channels)).overall


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.left_out", description="Styles that were left out, from searched tokens.")
    parser.add_argument("--data", required=True, help="the data of the runs")
    parser.add_argument("--runs", type=Path, required=True, help="folder that python -m trainer.leave_one_out filled")
    parser.add_argument("--effort", type=int, default=DEFAULT_EFFORT, help="as of emoterm encode")
    args = parser.parse_args()
    try:
        unseen = load_emojis(args.data).split("test")
        print(compare(unseen, args.runs, partial(searched_reconstruction, effort=args.effort)))
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
