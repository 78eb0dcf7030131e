"""``python -m trainer.judge``: train the judge. Interrupt it at any time; the same command goes on where it stood."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from trainer.errors import TrainerError
from trainer.judge.run import OPTIM, train_judge


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m trainer.judge", description="Train the network in whose features samples are measured."
    )
    parser.add_argument("--data", required=True, help="Hugging Face id, parquet, folder, saved dataset or font:PATH")
    parser.add_argument("--out", type=Path, required=True, help="run directory")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=OPTIM.epochs)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; another number rounds differently and gives another judge")
    parser.add_argument("--fresh", action="store_true", help="ignore checkpoints")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:
        facts = train_judge(args.data, args.out, seed=args.seed, epochs=args.epochs, resume=not args.fresh)
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n")
    for name, value in facts.get("accuracies", {}).items():
        print(f"{name}  {value:.4f}")


if __name__ == "__main__":
    main()
