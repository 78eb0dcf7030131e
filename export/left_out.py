"""``python -m export.left_out``: what ``trainer.leave_one_out`` measured, from tokens that are searched for as ``emoterm encode`` does."""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

import torch

from emoterm.errors import EmotermError
from emoterm.token_search import DEFAULT_EFFORT
from export.progress import Progress, as_in_training, untold
from export.search_dataset import run_model, search_dataset
from trainer import metrics
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.leave_one_out import compare
from trainer.metrics import ReconstructionScores
from trainer.run import load_run
from trainer.searched import load_searched
from trainer.train_vqvae import as_channels

SPLIT = "test"


def searched_reconstruction(
    run: Path, emojis: EmojiSet, effort: int = DEFAULT_EFFORT, processes: int = 1, progress: Progress = untold
) -> ReconstructionScores:
    """What the VQ-VAE of a run makes of pictures, in full precision, after a search of this effort."""
    model, channels = run_model(run), load_run(run).data.channels
    with tempfile.TemporaryDirectory() as folder:
        search_dataset(model, emojis, Path(folder), split=SPLIT, effort=effort, processes=processes, progress=progress)
        codec = model.open()
        rows, tokens = load_searched(Path(folder), SPLIT, emojis.images, torch.from_numpy(codec.codebook))
    found = torch.from_numpy(codec.decode_tokens(tokens.long().numpy()))
    originals = emojis.images[rows].float() / 255
    return metrics.reconstruction_report(found[:, :channels], as_channels(originals, channels)).overall


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.left_out", description="Styles that were left out, from searched tokens.")
    parser.add_argument("--data", required=True, help="the data of the runs")
    parser.add_argument("--runs", type=Path, required=True, help="folder that python -m trainer.leave_one_out filled")
    parser.add_argument("--effort", type=int, default=DEFAULT_EFFORT, help="as of emoterm encode")
    parser.add_argument("--processes", type=int, default=1, help="that search side by side")
    args = parser.parse_args()
    try:
        unseen = load_emojis(args.data).split(SPLIT)
        measure = partial(searched_reconstruction, effort=args.effort, processes=max(1, args.processes), progress=as_in_training)
        print(compare(unseen, args.runs, measure))
    except (EmotermError, TrainerError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
