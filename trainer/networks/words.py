"""What the prior is shown of words: one vector for each cell, made from style and words together, before anything is drawn.

The prior reads words in front of its codes as well, but a few positions among hundreds say little against the codes drawn last. Here they
become a plan of the whole picture, which goes the way of a source (trainer/networks/source.py): half of each vector to what is read at a
cell, half to what is concluded there.

While it learns, the network also has to tell the codes of each cell from the words alone. By the time that most of a picture is drawn the
codes so far give its name away, so their likelihood alone would teach it little.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from trainer.config import GROUP_CHANNELS
from trainer.networks.residual import ResidualBlock, group_norm, start_at_zero
from trainer.networks.source import GAIN
from trainer.vqvae import GRID

START = GRID // 4
"""Edge of the grid that words become first."""


class WordReader(nn.Module):
    """Style and words (B, S) → guide (B, 256, 2 C), zero where there are neither. At first it says nothing.

    Args:
        codebook_size: K.
        null: the token of an empty slot; those of styles and words follow it.
        vocab_size: tokens of the prior in all.
        d_model: C of the prior.
    """

    def __init__(self, *, codebook_size: int, null: int, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.null = null
        width = GROUP_CHANNELS * max(1, d_model // (2 * GROUP_CHANNELS))
        embedding = d_model // 4 * 3
        self.embed = nn.Embedding(vocab_size - null, embedding, padding_idx=0)
        nn.init.normal_(self.embed.weight[1:], std=1 / GAIN)
        self.mix = nn.Sequential(
            nn.LayerNorm(embedding),
            nn.Linear(embedding, d_model),
            nn.ReLU(),
            nn.Linear(d_model, d_model),
            nn.ReLU(),
            nn.Linear(d_model, width * START * START),
        )
        self.network = nn.Sequential(
            ResidualBlock(width, width, norm=True),
            *(layer for _ in range(2) for layer in (_twice_as_large(width), ResidualBlock(width, width, norm=True))),
            group_norm(width),
            nn.ReLU(),
        )
        self.out = nn.Conv2d(width, 2 * d_model, 1)
        start_at_zero(self.out)
        self.codes = nn.Conv2d(width, codebook_size, 1)
        """Only used in training."""

    def forward(self, conditions: Tensor) -> Tensor:
        """Prior tokens of style and words (B, S) int64, style first → (B, 256, 2 C)."""
        return self.guide(conditions, self.see(conditions))

    def see(self, conditions: Tensor) -> Tensor:
        """(B, S) → features of each cell (B, F, 16, 16)."""
        said = GAIN * self.embed(conditions - self.null).sum(1)  # (B, S, E) → (B, E)
        start = self.mix(said).unflatten(1, (-1, START, START))  # (B, F·16) → (B, F, 4, 4)
        seen: Tensor = self.network(start)
        return seen

    def guide(self, conditions: Tensor, seen: Tensor) -> Tensor:
        """(B, S) and what was seen in them → (B, 256, 2 C)."""
        guide = GAIN * self.out(seen).flatten(2).transpose(1, 2)  # (B, 2 C, 16, 16) → (B, 256, 2 C)
        return guide * self.is_told(conditions)[:, None, None]

    def is_told(self, conditions: Tensor) -> Tensor:
        """Whether there is a style or a word: (B, S) → 1 or 0 for each row, (B,)."""
        return (conditions != self.null).any(1).float()

    def nats(self, seen: Tensor, codes: Tensor) -> Tensor:
        """Negative log-likelihood of each code, from the words alone: (B, F, 16, 16), (B, 256) → (B, 256)."""
        logits = self.codes(seen).float().flatten(2)  # (B, K, 16, 16) → (B, K, 256)
        return F.cross_entropy(logits, codes, reduction="none")


def _twice_as_large(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, 4 * width, 1), nn.PixelShuffle(2))  # (B, F, H, H) → (B, 4 F, H, H) → (B, F, 2 H, 2 H)
