"""How the prior is given its training pictures: as token grids, made once, or anew at every step."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from trainer import augment, draws, mapped
from trainer.changes import JITTERED, MIRRORED, PLAIN, REMADE
from trainer.config import DataConfig
from trainer.data import EmojiSet
from trainer.train_vqvae import as_channels
from trainer.vqvae import VQVAE

PLAIN_SHARE = 0.25
"""Of the pictures that are spelled anew, how many stay just as they are: those are what is measured and what the gallery shows."""
PAIR_AUGMENT = 0.25
"""Share of the pairs that are moved and recoloured more strongly, both pictures alike: people bring sources of any colour and place."""


class Spelled(NamedTuple):
    """Training pictures as tokens."""

    tokens: Tensor
    """(B, 256) int64."""
    change: Tensor
    """What each picture has been through, a label of :mod:`trainer.changes`: (B,) int64."""


class Speller(Protocol):
    """Training pictures as tokens. What it draws comes from torch's global generator, which the training loop reseeds before each step."""

    def __call__(self, rows: Tensor) -> Spelled:
        """Training rows (B,) as tokens, each time one of many spellings."""

    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """Two pictures that are changed alike, such as one emoji in two styles: 2 × (B,) → 2 × (B, 256) int64."""


class SpellingTable:
    """A few spellings of each picture, made once.

    Args:
        tokens: (variants, N, 256) int16, of :func:`trainer.encode_dataset.encode_dataset`.
    """

    def __init__(self, tokens: Tensor) -> None:
        self.tokens = tokens

    def __call__(self, rows: Tensor) -> Spelled:
        """Rows (B,) as tokens."""
        variant_B = self._variant(rows)
        return Spelled(self.tokens[variant_B, rows].long(), torch.where(variant_B > 0, JITTERED, PLAIN))

    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """The same variant of both: 2 × (B,) → 2 × (B, 256) int64."""
        variant_B = self._variant(rows)
        return self.tokens[variant_B, rows].long(), self.tokens[variant_B, others].long()

    def _variant(self, rows: Tensor) -> Tensor:
        return draws.randint(0, self.tokens.shape[0], rows.shape, device=rows.device)


class FreshSpeller:
    """Spelled anew each time: most pictures shifted, recoloured and, where that is harmless, mirrored.

    Args:
        model: the VQ-VAE, in eval mode.
        data: the training pictures.
        config: of the data.
        device: where the model is.
        remade_share: of the pictures that are changed at all and do not belong to a pair, how many are changed strongly.
    """

    def __init__(self, model: VQVAE, data: EmojiSet, config: DataConfig, device: torch.device, *, remade_share: float = 0.0) -> None:
        self.model = model
        self.config = config
        self.remade_share = remade_share
        self.images = mapped.settle(data.images, device)
        self.mirrorable = data.mirrorable().to(device)

    @torch.no_grad()
    def __call__(self, rows: Tensor) -> Spelled:
        """Rows (B,) as tokens."""
        x, change_B = self._change(self._pictures(rows), rows, self.remade_share)
        return Spelled(self._encode(x), change_B)

    @torch.no_grad()
    def pairs(self, rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
        """Two pictures that are changed alike, such as one emoji in two styles: 2 × (B,) → 2 × (B, 256) int64."""

        def change(x: Tensor) -> Tensor:
            changed, _ = self._change(x, rows)
            return augment.augment(changed, draws.chance(PAIR_AUGMENT, len(rows), device=x.device))

        changed = augment.alike(change, self._pictures(rows), self._pictures(others))
        tokens = self._encode(torch.cat(changed))
        return tokens[: len(rows)], tokens[len(rows) :]

    def _pictures(self, rows: Tensor) -> Tensor:
        return mapped.take(self.images, rows).float() / 255

    def _change(self, plain: Tensor, rows: Tensor, remade_share: float = 0.0) -> tuple[Tensor, Tensor]:
        """Pictures (B, 4, S, S) of these rows (B,), most of them changed, and how (B,)."""
        x, change_B = augment.jitter(plain), torch.full_like(rows, JITTERED)
        if self.config.flip:
            mirrored_B = draws.chance(self.config.flip, len(rows), device=rows.device) & self.mirrorable[rows]
            x, change_B = augment.flip(x, mirrored_B), change_B + MIRRORED * mirrored_B
        if remade_share:
            remade_B = draws.chance(remade_share, len(rows), device=rows.device)
            x, change_B = augment.augment(x, remade_B), change_B + (REMADE - JITTERED) * remade_B
        plain_B = draws.chance(PLAIN_SHARE, len(rows), device=rows.device)
        return torch.where(plain_B[:, None, None, None], plain, x), torch.where(plain_B, PLAIN, change_B)

    def _encode(self, x: Tensor) -> Tensor:
        _, indices = self.model.encode(as_channels(x, self.config.channels))
        return indices.flatten(1)  # (B, 16, 16) → (B, 256)
