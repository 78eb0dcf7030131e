"""What gives the tokens of a run their meaning: encoder and codebook of its VQ-VAE. A prior is good for these alone.

RUN/prior/tokenizer.json    the SHA-256 of both, as they were when the prior began; runs from before it was kept have none
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor

from trainer import checkpoint
from trainer.errors import TrainerError

NOTE = Path("prior", "tokenizer.json")
_PARTS = ("encoder.", "codebook.")
_KEY = "sha256"


def is_same(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    """Whether the weights of two VQ-VAEs agree, to the bit, in all that decides about tokens."""
    first, second = _tokenizer(ours), _tokenizer(theirs)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def load_tokenizer(run_dir: Path) -> dict[str, Tensor]:
    """The weights of a finished VQ-VAE.

    Raises:
        TrainerError: it is not finished.
    """
    return checkpoint.load_weights(run_dir / "vqvae" / "weights.safetensors", f"Finish it: emoterm train vqvae --out {run_dir}")


def note(run_dir: Path) -> None:
    """Write down whose tokens the prior of a run begins with.

    Raises:
        TrainerError: the VQ-VAE is not finished.
    """
    (run_dir / NOTE).parent.mkdir(parents=True, exist_ok=True)
    checkpoint.write_text_atomic(run_dir / NOTE, json.dumps({_KEY: _digest(load_tokenizer(run_dir))}))


def check(run_dir: Path) -> None:
    """Check that the VQ-VAE of a run still writes the tokens that its prior was trained on, where that was written down.

    Raises:
        TrainerError: it writes others, or is not finished.
    """
    if not (run_dir / NOTE).exists():
        return
    fix = f"Train it again: emoterm train prior --fresh --out {run_dir}"
    begun = checkpoint.read_facts(run_dir / NOTE, {_KEY: str}, what="a prior whose tokens are known", fix=fix)
    if begun[_KEY] != _digest(load_tokenizer(run_dir)):
        raise TrainerError(f"{run_dir / 'prior'} was trained on tokens of an earlier VQ-VAE.", fix=fix)


def _tokenizer(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if name.startswith(_PARTS)}


def _digest(weights: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(_tokenizer(weights).items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.contiguous().flatten().view(torch.uint8).numpy().data)  # scalars too: () → (1,)
    return digest.hexdigest()
