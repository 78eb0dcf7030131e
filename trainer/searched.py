"""Token grids that were found by search, for the pictures of a data set: what ``python -m export.search_dataset`` writes.

DIR/train/, DIR/test/     a split of the data
    about.json            what was searched, and how
    000000.npy …          tokens of a part, (M, 256) int16
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trainer.data import picture_digest
from trainer.errors import TrainerError

SEARCHED = "searched"
"""Folder of a run that holds them; in it one for each split."""
PART = 64
"""Pictures in a file, at most."""
ABOUT = "about.json"
"""What was searched, and how."""
DIGEST = "pictures_sha256"
"""What :func:`trainer.data.picture_digest` says of the pictures, in ``about.json``."""
CODES = "codebook_sha256"
"""What :func:`codebook_digest` says of the codes that the tokens stand for, in ``about.json``."""


def part_count(n: int) -> int:
    """How many files hold the tokens of ``n`` pictures."""
    return -(-n // PART)


def part_rows(part: int, n: int) -> Tensor:
    """The pictures of a part: spread over all, so that a search that is not finished has tokens of every style."""
    return torch.arange(part, n, part_count(n))


def part_file(folder: Path, part: int) -> Path:
    """Where the tokens of a part are."""
    return folder / f"{part:06d}.npy"


def codebook_digest(codes: Tensor) -> str:
    """SHA-256 of the codes (K, D) of a codebook in half precision, in which a bundle ships them: a run and its bundle agree."""
    return hashlib.sha256(f"{tuple(codes.shape)}".encode() + codes.detach().cpu().half().numpy().tobytes()).hexdigest()


def load_searched(folder: Path, split: str, images: Tensor, codebook: Tensor) -> tuple[Tensor, Tensor]:
    """The token grids that have been searched for so far.

    Args:
        folder: where they are.
        split: of the data.
        images: the pictures of the split, (n, 4, S, S) uint8.
        codebook: the codes that the tokens are to stand for, (K, D).

    Returns:
        Numbers of the pictures (M,) int64 and their tokens (M, 256) int16; M is at most n.

    Raises:
        TrainerError: nothing is there, or tokens of other pictures or of another codebook.
    """
    folder, n = folder / split, len(images)
    try:
        facts = json.loads((folder / ABOUT).read_text())
        parts = [part for part in range(part_count(n)) if part_file(folder, part).exists()]
        tokens = [torch.from_numpy(np.load(part_file(folder, part), allow_pickle=False)) for part in parts]
    except (OSError, ValueError) as error:
        raise TrainerError(f"The tokens in {folder} cannot be read: {error}", fix="Run python -m export.search_dataset again.") from None
    # Searches before pictures had a digest told them by their number alone.
    are_others = facts.get("pictures") != n or (DIGEST in facts and facts[DIGEST] != picture_digest(images))
    if are_others or not parts:
        raise TrainerError(f"{folder} holds no tokens of these {n} pictures.", fix="Search the same data.")
    found = torch.cat(tokens)
    # Searches before codebooks had a digest tell by their tokens at most.
    if facts.get(CODES, codebook_digest(codebook)) != codebook_digest(codebook) or found.min() < 0 or found.max() >= len(codebook):
        raise TrainerError(
            f"The tokens in {folder} are those of another codebook.",
            fix="Search with a model that has this one: python -m export.search_dataset --run RUN",
        )
    return torch.cat([part_rows(part, n) for part in parts]), found
