"""The yardstick: measure any bundle, as it ships, on a split of a data set. ``emoterm eval`` prints what this returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from emoterm.bundle import Bundle, open_bundle
from emoterm.codec import Codec
from emoterm.prior import Prior
from emoterm.vocabulary import Condition
from trainer import metrics
from trainer.conditions import WORD_SLOTS
from trainer.data import EmojiRow, EmojiSet, condition_words, load_emojis


def evaluate_bundle(bundle: Path | None, data: str, split: str = "test", limit: int | None = None, device: str = "auto") -> dict[str, Any]:
    """Load the data, then :func:`evaluate`.

    Args:
        bundle: path or None for the default one.
        data: any source of :mod:`trainer.data`.
        split: ``train`` or ``test``.
        limit: only so many pictures, evenly spread over the split.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        TrainerError: unreadable data, or no such split.
        ModelError: the bundle cannot be used.
    """
    emojis = load_emojis(data).split(split)
    if limit is not None and limit < len(emojis):
        emojis = emojis.subset(np.linspace(0, len(emojis) - 1, limit).astype(np.int64))
    with open_bundle(bundle) as opened:
        return {"bundle": opened.manifest.name, "bundle_sha256": opened.sha256, "split": split, **evaluate(opened, emojis, device=device)}


def evaluate(bundle: Bundle, emojis: EmojiSet, *, device: str = "auto") -> dict[str, Any]:
    """Reconstruction over white, use of the codebook, bits per emoji of the prior.

    Returns:
        ``n``, then ``mse``, ``psnr`` (mean, dB), ``psnr_of_mean_mse``, ``ssim``, ``alpha_iou`` overall and under ``styles``;
        ``codebook_usage``, ``codebook_entropy_share``; ``prior_bits`` and ``prior_bits_conditional``.
    """
    codec = Codec(bundle, device=device)
    originals = emojis.images.float() / 255
    _, indices = codec.encode(originals.numpy())
    reconstructions = torch.from_numpy(codec.decode(codec.lookup(indices)))
    if bundle.manifest.image.channels == 3:
        originals, reconstructions = metrics.over_white(originals), reconstructions[:, :3]
    styles = [row.style for row in emojis.rows]
    report = metrics.reconstruction_report(reconstructions, originals, styles if any(styles) else ()).to_dict()
    counts = metrics.code_counts(torch.from_numpy(indices), bundle.manifest.codebook.size)

    tokens = indices.reshape(len(indices), -1)  # (N, 16, 16) → (N, 256)
    prior = Prior(bundle, device=device)
    unconditional = prior.bits([Condition()] * len(tokens), tokens)
    figures = {
        **report["overall"],
        "codebook_usage": metrics.codebook_usage(counts),
        "codebook_entropy_share": metrics.codebook_entropy_share(counts),
        "prior_bits": float(unconditional.mean()),
    }
    if prior.vocabulary.styles or prior.vocabulary.words:
        known = set(prior.vocabulary.words)
        conditions = [_condition(row, known, prior.vocabulary.styles) for row in emojis.rows]
        figures["prior_bits_conditional"] = float(prior.bits(conditions, tokens).mean())
    return {**figures, "styles": report["styles"]}


def _condition(row: EmojiRow, known: set[str], styles: list[str]) -> Condition:
    """Everything the prior can be told about a row, as in training: its style and its first eight known words."""
    words = [word for word in condition_words(row) if word in known]
    return Condition(style=row.style if row.style in styles else None, words=tuple(words[:WORD_SLOTS]))
