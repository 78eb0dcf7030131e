"""How the prior is given its training pictures: as token grids, made once, or anew at every step."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from trainer import augment, draws, mapped
from trainer.config import DataConfig
from trainer.data import EmojiSet
from trainer.train_vqvae import as_channels
from trainer.vqvae import VQVAE

PLAIN_SHARE = 0.25
"""Of the pictures that are spelled anew, how many stay just as they are: those are what is measured and what the gallery shows."""
PAIR_AUGMENT = 0.25
"""Share of the pairs that are moved and recoloured more strongly, both pictures alike: people bring sources of any colour and place."""


class Speller(Protocol):
    """Training pictures as tokens. What it draws comes from torch's global generator, which the training loop reseeds before each step."""

    def __call__(self, rows: Tensor) -> Tensor:
        """Training rows (B,) → tokens (B, 256) int64, each time one of many spellings."""

    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """Two pictures that are changed alike, such as one emoji in two styles: 2 × (B,) → 2 × (B, 256) int64."""


class SpellingTable:
    """A few spellings of each picture, made once.

    Args:
        tokens: (variants, N, 256) int16, of :func:`trainer.encode_dataset.encode_dataset`.
    """

    def __init__(self, tokens: Tensor) -> None:
        self.tokens = tokens

    def __call__(self, rows: Tensor) -> Tensor:
        """Rows (B,) → tokens (B, 256) int64."""
        return self.tokens[self._variant(rows), rows].long()

    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """The same variant of both: 2 × (B,) → 2 × (B, 256) int64."""
        variant_B = self._variant(rows)
        return self.tokens[variant_B, rows].long(), self.tokens[variant_B, others].long()

    def _variant(self, rows: Tensor) -> Tensor:
        return draws.randint(0, self.tokens.shape[0], rows.shape, device=rows.device)


class FreshSpeller:
    """Spelled anew each time: most pictures shifted, recoloured and, where that is harmless, mirrored."""

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
