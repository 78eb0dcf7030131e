"""Between the stages: pictures as tokens, made by the trained encoder."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer import augment
from trainer.config import DataConfig
from trainer.data import EmojiSet
from trainer.train_vqvae import as_channels
from trainer.vqvae import GRID, VQVAE

BATCH = 128


@torch.no_grad()
def encode_dataset(model: VQVAE, data: EmojiSet, config: DataConfig, *, variants: int, seed: int, device: torch.device) -> Tensor:
    """Token grids of all pictures.

    Args:
        model: a trained VQ-VAE, in eval mode.
        data: N pictures.
        config: channels of the model.
        variants: grids per picture. The first is the picture itself; the others are shifted, scaled and recoloured, so that a prior
            sees the same emoji spelled in many ways.
        seed: of the augmentation.
        device: where the model is.

    Returns:
        (variants, N, 256) int16.
    """
    torch.manual_seed(seed)
    tokens = torch.empty(variants, len(data), GRID * GRID, dtype=torch.int16)
    for variant in range(variants):
        for start in range(0, len(data), BATCH):
            x = data.images[start : start + BATCH].to(device).float() / 255
            if variant:
                x = augment.jitter(x)
            _, indices = model.encode(as_channels(x, config.channels))
            tokens[variant, start : start + BATCH] = indices.flatten(1).to(torch.int16).cpu()  # (B, 16, 16) → (B, 256)
    return tokens
