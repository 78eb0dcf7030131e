"""Every picture of the data as tokens: the nearest codes, or what a search has found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emoterm.bundle import open_bundle
from emoterm.codec import F32, I64, Codec
from emoterm.imaging.compose import over
from emoterm.token_search import cell_errors
from trainer import metrics
from trainer.data import EmojiSet
from trainer.searched import load_searched

CHUNK = 512
"""Pictures turned into floats at a time (32 MiB)."""


def encode_gallery(bundle: Path, emojis: EmojiSet, searched: Path) -> tuple[I64, dict[str, float | int]]:
    """Tokens of N pictures.

    Args:
        bundle: folder with the encoder, the codebook and a manifest.
        emojis: N pictures.
        searched: folder of tokens that were searched for, of any split; may be missing. Each is taken where the bundle's decoder makes a
            better picture of it than of the nearest codes: it need not be the decoder that was searched with.

    Returns:
        (N, 256), and what they are worth over white: mean PSNR in dB, that of the nearest codes, and how many were searched for.

    Raises:
        TrainerError: tokens of other pictures, or of another codebook.
    """
    with open_bundle(bundle) as opened:
        codec = Codec(opened, device="cpu")
        parts = [codec.encode(part.float().numpy() / 255)[1] for part in emojis.images.split(CHUNK)]
        tokens = np.concatenate(parts)  # (N, 16, 16)
        errors, psnr = _measure(codec, emojis, tokens, np.arange(len(emojis)))
        facts: dict[str, float | int] = {"psnr_nearest": float(psnr.mean()), "searched": 0}
        for split in sorted({row.split for row in emojis.rows}):
            if not (searched / split).exists():
                continue
            of_split = np.flatnonzero([row.split == split for row in emojis.rows])
            rows, found = load_searched(searched, split, emojis.images[torch.from_numpy(of_split)], torch.from_numpy(codec.codebook))
            which = of_split[rows.numpy()]
            grids = found.numpy().astype(np.int64).reshape(-1, *tokens.shape[1:])  # (M, 256) → (M, 16, 16)
            found_errors, found_psnr = _measure(codec, emojis, grids, which)
            better = found_errors < errors[which]
            tokens[which[better]], psnr[which[better]] = grids[better], found_psnr[better]
            facts["searched"] += int(better.sum())
    facts["psnr"] = float(psnr.mean())
    return tokens.reshape(len(tokens), -1), facts  # (N, 16, 16) → (N, 256)


def _measure(codec: Codec, emojis: EmojiSet, tokens: I64, which: I64) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tokens (M, 16, 16) as the pictures with these numbers (M,): the error that a search lessens, and PSNR over white, (M,) each."""
    errors, psnr = [], []
    for start in range(0, len(tokens), CHUNK):
        part = slice(start, start + CHUNK)
        original: F32 = emojis.images[torch.from_numpy(which[part])].float().div(255).numpy()
        if not codec.has_alpha:
            original = np.concatenate([over(original), np.ones_like(original[:, 3:])], axis=1, dtype=np.float32)
        found = codec.decode(codec.lookup(tokens[part]))
        errors.append(cell_errors(found, original, tokens.shape[1:]).sum(axis=(1, 2)))
        psnr.append(metrics.psnr(*(metrics.over_white(torch.from_numpy(x)) for x in (found, original))).double().numpy())
    return np.concatenate(errors), np.concatenate(psnr)
