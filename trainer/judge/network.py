"""A small residual network with three heads: which emoji, which subgroup, which style."""

from __future__ import annotations

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

FEATURES = 192
"""Length of the feature vector in which sets of pictures are compared."""
EMBEDDING = 128
"""Length of the embedding in which emojis are looked up."""
_WIDTHS = (48, 96, FEATURES)
_COSINE_SCALE = 20.0
"""Sharpness of the softmax over cosines; too small, and a thousand classes cannot be told apart (Wang et al. 2017, NormFace, 3.3)."""


class Verdict(NamedTuple):
    """What the judge says of B pictures."""

    features: Tensor
    """(B, FEATURES): what it sees, style included."""
    embedding: Tensor
    """(B, EMBEDDING), unit length: which emoji it is, whatever its style."""
    base: Tensor
    """(B, bases) logits."""
    subgroup: Tensor
    """(B, subgroups) logits."""
    style: Tensor
    """(B, styles) logits."""


class Block(nn.Module):
    """Two 3×3 convolutions with BatchNorm around a shortcut (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) → the same."""
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(h)))


class JudgeNetwork(nn.Module):
    """(B, 4, 64, 64) RGBA with associated alpha → :class:`Verdict`.

    The emoji is told by the direction of its embedding, so that emojis which no class stands for can be told apart too: by nearest
    neighbours among pictures of them.
    """

    def __init__(self, bases: int, subgroups: int, styles: int, *, dropout: float = 0.2) -> None:
        super().__init__()
        stages: list[nn.Module] = [nn.PixelUnshuffle(2)]  # (B, 4, 64, 64) → (B, 16, 32, 32)
        width = 16
        for wider in _WIDTHS:  # 16×16, 8×8, 4×4
            stages += [nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(wider), nn.ReLU(), Block(wider)]
            width = wider
        self.trunk = nn.Sequential(*stages)
        self.dropout = nn.Dropout(dropout)
        self.embed = nn.Linear(FEATURES, EMBEDDING)
        self.base = nn.Linear(EMBEDDING, bases, bias=False)
        self.subgroup = nn.Linear(FEATURES, subgroups)
        self.style = nn.Linear(FEATURES, styles)

    def forward(self, x: Tensor) -> Verdict:
        """See the class."""
        features = self.trunk(x).mean((2, 3))  # (B, FEATURES, 4, 4) → (B, FEATURES)
        seen = self.dropout(features)
        embedding = F.normalize(self.embed(seen).float(), dim=1)
        cosines = embedding @ F.normalize(self.base.weight.float(), dim=1).T  # (B, bases)
        return Verdict(features.float(), embedding, _COSINE_SCALE * cosines, self.subgroup(seen).float(), self.style(seen).float())
