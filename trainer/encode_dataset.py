"""Between the stages: pictures as tokens, made by the trained encoder, once or anew at every step."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer import augment, draws, mapped
from trainer.config import DataConfig
from trainer.data import EmojiSet
from trainer.train_vqvae import as_channels
from trainer.vqvae import GRID, VQVAE

BATCH = 128
PLAIN_SHARE = 0.25
"""Of the pictures that are spelled anew, how many stay just as they are: those are what is measured and what the gallery shows."""


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


PAIR_AUGMENT = 0.25
"""Share of the pairs that are moved and recoloured more strongly, both pictures alike: people bring sources of any colour and place."""


class Speller:
    """The training pictures as tokens, spelled anew each time: most of them shifted, recoloured and, where that is harmless, mirrored.

    What it draws comes from torch's global generator, which the training loop reseeds before each step.
    """

    def __init__(self, model: VQVAE, data: EmojiSet, config: DataConfig, device: torch.device) -> None:
        self.model = model
        self.config = config
        self.images = mapped.settle(data.images, device)
        self.mirrorable = data.mirrorable().to(device)

    @torch.no_grad()
    def __call__(self, rows: Tensor) -> Tensor:
        """Rows (B,) → tokens (B, 256) int64."""
        return self._encode(self._change(self._pictures(rows), rows))

    @torch.no_grad()
    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """Two pictures that are changed alike, such as one emoji in two styles: 2 × (B,) → 2 × (B, 256) int64."""

        def change(x: Tensor) -> Tensor:
            return augment.augment(self._change(x, rows), PAIR_AUGMENT)

        changed = augment.alike(change, self._pictures(rows), self._pictures(others))
        tokens = self._encode(torch.cat(changed))
        return tokens[: len(rows)], tokens[len(rows) :]

    def _pictures(self, rows: Tensor) -> Tensor:
        return mapped.take(self.images, rows).float() / 255

    def _change(self, plain: Tensor, rows: Tensor) -> Tensor:
        """Pictures (B, 4, S, S) of these rows (B,), most of them changed a little."""
        x = augment.jitter(plain)
        if self.config.flip:
            x = augment.flip(x, self.config.flip, self.mirrorable[rows])
        unchanged_B = draws.rand(len(rows), device=rows.device) < PLAIN_SHARE
        return torch.where(unchanged_B[:, None, None, None], plain, x)

    def _encode(self, x: Tensor) -> Tensor:
        _, indices = self.model.encode(as_channels(x, self.config.channels))
        return indices.flatten(1)  # (B, 16, 16) → (B, 256)
