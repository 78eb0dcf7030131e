"""A small residual network with three heads: which emoji, which subgroup, which style."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTHS = (48, 96, 192)
"""Channels at 16×16, 8×8 and 4×4."""
FEATURES = _WIDTHS[2] + 2 * _WIDTHS[0]
"""Length of the feature vector in which sets of pictures are compared."""
EMBEDDING = 128
"""Length of the embedding in which emojis are looked up."""
_EPSILON = 1e-4
"""Added to a variance before its square root, whose slope is infinite at 0."""
_COSINE_SCALE = 20.0
"""Sharpness of the softmax over cosines; too small, and a thousand classes cannot be told apart (Wang et al. 2017, NormFace, 3.3)."""


class Verdict(NamedTuple):
    """What the judge says of B pictures."""

    features: Tensor
    """(B, FEATURES): what is there, from the last layer, and how it is painted, as means and deviations of the first."""
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

    Style is told from all features: statistics of the first layer say how something is painted, whatever it is. The emoji is told by the
    direction of its embedding, so that emojis which no class stands for can be told apart too: by the pictures nearest to them.
    """

    def __init__(self, bases: int, subgroups: int, styles: int, *, dropout: float = 0.2) -> None:
        super().__init__()
        w16, w8, w4 = _WIDTHS
        self.near = nn.Sequential(nn.PixelUnshuffle(2), *_halve(16, w16))  # (B, 4, 64, 64) → (B, 16, 32, 32) → (B, w16, 16, 16)
        self.far = nn.Sequential(*_halve(w16, w8), *_halve(w8, w4))  # → (B, w8, 8, 8) → (B, w4, 4, 4)
        self.standardize = nn.BatchNorm1d(FEATURES, affine=False)
        self.dropout = nn.Dropout(dropout)
        self.embed = nn.Linear(w4, EMBEDDING)
        self.base = nn.Linear(EMBEDDING, bases, bias=False)
        self.subgroup = nn.Linear(w4, subgroups)
        self.style = nn.Linear(FEATURES, styles)

    def forward(self, x: Tensor) -> Verdict:
        """See the class."""
        near = self.near(x)  # (B, w16, 16, 16)
        subject = self.far(near).float().mean((2, 3))  # (B, w4, 4, 4) → (B, w4)
        strokes = near.float().flatten(2)  # (B, w16, 16, 16) → (B, w16, 256)
        # Standardized, because a mean over a picture varies so little that heads would need huge weights, and a distance would not see it.
        features = self.standardize(torch.cat([subject, strokes.mean(2), (strokes.var(2) + _EPSILON).sqrt()], 1))  # (B, FEATURES)
        seen = self.dropout(features[:, : subject.shape[1]])
        embedding = F.normalize(self.embed(seen).float(), dim=1)
        cosines = embedding @ F.normalize(self.base.weight.float(), dim=1).T  # (B, bases)
        return Verdict(features, embedding, _COSINE_SCALE * cosines, self.subgroup(seen).float(), self.style(features).float())


def _halve(width: int, wider: int) -> list[nn.Module]:
    """(B, width, H, W) → (B, wider, H/2, W/2)."""
    return [nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(wider), nn.ReLU(), Block(wider)]
