"""The positions of the prior's sequences: which cell of the picture each predicts, and the rotary angles that tell of it.

Rotary angles: Su et al. 2021 (arXiv:2104.09864), here one half of the pairs turns with the row and the other with the column. Shapes: hd
head dimension, T positions.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.conditions import CONTEXT
from trainer.vqvae import GRID

BLOCK_SIZE = CONTEXT + GRID * GRID - 1
"""Longest input: context, BOS and all codes but the last, which is never read."""


def cells() -> tuple[Tensor, Tensor]:
    """Row and column, counted from 1, of the cell that each position predicts; 0 for the context slots. Two (BLOCK_SIZE,) tensors.

    BOS predicts cell 0 and code j predicts cell j + 1: the model always knows where it is about to draw.
    """
    cell = torch.arange(BLOCK_SIZE) - (CONTEXT - 1)
    inside = cell >= 0
    return torch.where(inside, cell // GRID + 1, 0), torch.where(inside, cell % GRID + 1, 0)


def axial_frequencies(head_dim: int, base: float = 100.0) -> Tensor:
    """Radians a cell, (hd / 4,).

    ``base`` 100 spreads the wavelengths over 6 to 600 cells; the usual 10,000 would leave most pairs standing still on a 16×16 grid.
    """
    n = head_dim // 4
    return base ** (-torch.arange(n) / n)


def axial_angles(head_dim: int, base: float = 100.0) -> Tensor:
    """Rotary angles in radians: (BLOCK_SIZE, hd / 2), the first half by row, the second by column."""
    frequency = axial_frequencies(head_dim, base)
    row, column = cells()
    return torch.cat([row[:, None] * frequency, column[:, None] * frequency], 1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn pairs (i, i + hd/2) by their angle: x (B, n, T, hd), cos and sin (T, hd/2)."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
