"""``python -m trainer.average BEFORE AFTER --out RUN``: the prior between two runs, one of which began with the weights of the other.

A run that teaches something new forgets something old. Between its two ends there is often a model that knows nearly all of both (Wortsman
et al., "Robust fine-tuning of zero-shot models", CVPR 2022, equation 1), and it costs no training.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from trainer import checkpoint, tokenizer
from trainer.claim import current_commit, this_machine, told_of
from trainer.errors import TrainerError
from trainer.initial import encoder_of, network_of
from trainer.run import load_run, read_facts

WEIGHTS = Path("prior", "weights.safetensors")


def average(before: Path, after: Path, out: Path, *, share: float) -> None:
    """Write a run with the VQ-VAE of ``after`` and a prior between the two.

    Args:
        before: a finished run.
        after: one that went on from it, with the same tokens. What only its prior has is taken as it is.
        out: a run that does not exist yet.
        share: of ``after``; 1 is ``after`` itself.

    Raises:
        TrainerError: not such runs, a share outside of 0 to 1, or ``out`` exists.
    """
    if not 0 <= share <= 1:
        raise TrainerError(f"--share must be 0 to 1, is {share}.")
    if out.exists():
        raise TrainerError(f"{out} already exists.", fix="Choose another name with --out.")
    _check_alike(before, after)
    for run in (before, after):
        tokenizer.check(run)
    old, new = (checkpoint.load_weights(run / WEIGHTS, f"Finish it: emoterm train prior --out {run}") for run in (before, after))
    # In double precision, so that a share of 0 or 1 gives back one of them to the bit.
    between = {
        name: (share * new[name].double() + (1 - share) * old[name].double()).to(new[name].dtype) if name in old else new[name]
        for name in new
    }
    for name in ("vqvae/weights.safetensors", "vocabulary.json"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(after / name, out / name)
    (out / WEIGHTS).parent.mkdir()
    checkpoint.save_weights(out / WEIGHTS, between)
    if (after / tokenizer.NOTE).exists():
        shutil.copyfile(after / tokenizer.NOTE, out / tokenizer.NOTE)
    checkpoint.write_text_atomic(out / "recipe.json", json.dumps(_facts(before, after, share), indent=1))


def _check_alike(before: Path, after: Path) -> None:
    old, new = load_run(before), load_run(after)
    fix = "They have to be a run, and one that went on from it with --init."
    if network_of(old.prior) != network_of(new.prior) or encoder_of(old.vqvae) != encoder_of(new.vqvae):
        raise TrainerError(f"{before} and {after} hold different networks.", fix=fix)
    if (before / "vocabulary.json").read_bytes() != (after / "vocabulary.json").read_bytes():
        raise TrainerError(f"{before} and {after} know different words.", fix=fix)
    if not tokenizer.is_same(tokenizer.load_tokenizer(before), tokenizer.load_tokenizer(after)):
        raise TrainerError(f"The tokens of {before} and {after} mean different things.", fix=fix)


def _facts(before: Path, after: Path, share: float) -> dict[str, Any]:
    old, new = told_of(before), told_of(after)
    return {
        "recipe": new["recipe"],
        "data": read_facts(after)["data"],
        "commit": current_commit(),
        "torch": torch.__version__,
        "machine": this_machine(),
        "init": {**new, "averaged_with": old, "share": share},
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m trainer.average", description="A prior between two runs.")
    parser.add_argument("before", type=Path, help="a finished run")
    parser.add_argument("after", type=Path, help="one that went on from it")
    parser.add_argument("--share", type=float, default=0.5, help="of the second run; default: 0.5")
    parser.add_argument("--out", type=Path, required=True, help="run directory")
    args = parser.parse_args()
    try:
        average(args.before, args.after, args.out, share=args.share)
    except TrainerError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
