"""The figures that a finished stage leaves in ``RUN/figures``."""

from __future__ import annotations

from pathlib import Path

import torch

from trainer import figures, metrics
from trainer.conditions import WORD_SLOTS, TokenSpace
from trainer.config import DataConfig
from trainer.data import EmojiSet
from trainer.prior import Prior
from trainer.progress import read_log
from trainer.sample import sample
from trainer.train_vqvae import as_channels
from trainer.vqvae import GRID, VQVAE

SHOWN = 96
"""Pictures in a figure; the histogram counts them all."""
BATCH = 128


@torch.no_grad()
def draw_vqvae_figures(run_dir: Path, model: VQVAE, validation: EmojiSet, config: DataConfig) -> None:
    """Reconstructions over originals, loss curves, codebook usage by epoch, usage histogram."""
    folder = run_dir / "figures"
    model.eval()
    device = model.codebook.codes.device
    K = model.codebook.config.size
    counts = torch.zeros(K, dtype=torch.int64)
    for start in range(0, len(validation), BATCH):
        x = as_channels(validation.images[start : start + BATCH].to(device).float() / 255, config.channels)
        counts += metrics.code_counts(model.encode(x)[1].cpu(), K)
    shown = torch.linspace(0, len(validation) - 1, min(SHOWN, len(validation))).long()
    x = as_channels(validation.images[shown].to(device).float() / 255, config.channels)
    _, indices = model.encode(x)
    figures.reconstruction_grid(model.decode(model.codebook.lookup(indices)), x, folder / "reconstructions.png")
    figures.usage_histogram(counts, folder / "codebook_histogram.png")
    records = read_log(run_dir / "vqvae" / "metrics.jsonl")
    figures.loss_curves(records, folder / "vqvae_curves.png")
    figures.codebook_usage_curve(records, folder / "codebook_usage.png", codebook_size=K)


@torch.no_grad()
def draw_prior_figures(run_dir: Path, prior: Prior, vqvae: VQVAE, space: TokenSpace, *, n: int = 64) -> None:
    """Loss curves, and n samples without conditions followed by n / 8 of each style."""
    folder = run_dir / "figures"
    prior.eval()
    device = vqvae.codebook.codes.device
    styles = [space.null] * n + [space.style_token(style) for style in space.styles for _ in range(n // 8)]
    style_B = torch.tensor(styles, device=device)
    words_BW = torch.full((len(styles), WORD_SLOTS), space.null, device=device)
    bos_B = torch.full_like(style_B, space.bos)
    context = torch.cat([style_B[:, None], words_BW, bos_B[:, None]], 1)  # (B, CONTEXT)
    codes = sample(prior, context, top_k=min(64, space.codebook_size))
    indices = codes.view(-1, GRID, GRID)  # (B, 256) → (B, 16, 16)
    figures.sample_grid(vqvae.decode(vqvae.codebook.lookup(indices)), folder / "samples.png", scale=2)
    figures.loss_curves(read_log(run_dir / "prior" / "metrics.jsonl"), folder / "prior_curves.png")
