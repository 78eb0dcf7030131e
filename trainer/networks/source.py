"""What the prior is shown of another picture, the source, that it is to redraw: one vector for each cell, made from the source's tokens.

One half of each vector is added to what the prior reads at the place where it draws that cell, the other half to what it concludes there,
right in front of its logits: what is to be redrawn never has to be searched for, and a colour that only has to be kept takes no detour.
Because the network sees the whole source at once, the first cell already knows the last.
"""

from __future__ import annotations

from torch import Tensor, nn

from trainer.networks.residual import AttentionBlock, ResidualBlock, group_norm, start_at_zero
from trainer.vqvae import GRID

WIDTH = 128
GAIN = 8.0
"""Factor of layers that begin at zero beside a prior that is trained already: under Adam it acts as a learning rate of their own."""


class SourceReader(nn.Module):
    """Tokens (B, 256) → guide (B, 256, 2 C). At first it says nothing.

    Args:
        codebook_size: K.
        code_dim: D, the length of what stands for a code; it may begin as the codes themselves (:meth:`begin_with`).
        d_model: C of the prior.
    """

    def __init__(self, codebook_size: int, code_dim: int, d_model: int) -> None:
        super().__init__()
        # What each code alone says of its own cell; a table is learned long before a network that sees the neighbours too.
        self.table = nn.Embedding(codebook_size, 2 * d_model)
        nn.init.zeros_(self.table.weight)
        self.embed = nn.Embedding(codebook_size, code_dim)
        self.network = nn.Sequential(
            nn.Conv2d(code_dim, WIDTH, 3, padding=1),
            ResidualBlock(WIDTH, WIDTH, norm=True),
            AttentionBlock(WIDTH),
            ResidualBlock(WIDTH, WIDTH, norm=True),
            group_norm(WIDTH),
            nn.ReLU(),
        )
        self.out = nn.Conv2d(WIDTH, 2 * d_model, 1)
        start_at_zero(self.out)

    def begin_with(self, codes: Tensor) -> None:
        """Let codes that look alike be alike from the start: (K, D)."""
        self.embed.weight.data.copy_(codes)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, 256) int64 → (B, 256, 2 C)."""
        z = self.embed(tokens).transpose(1, 2).unflatten(2, (GRID, GRID))  # (B, 256, D) → (B, D, 16, 16)
        seen = self.out(self.network(z)).flatten(2).transpose(1, 2)  # (B, 2 C, 16, 16) → (B, 256, 2 C)
        guide: Tensor = GAIN * (self.table(tokens) + seen)
        return guide
