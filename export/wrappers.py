"""Modules that are exactly the deployed graphs, so that the research models need no export code.

Shapes: N batch, C channels, D code length, K codes, T new positions, P cached positions.
"""

from __future__ import annotations

from torch import Tensor, nn

from trainer.prior import Prior
from trainer.vqvae import VQVAE


class EncoderGraph(nn.Module):
    """image (N, C, 64, 64) → z_e (N, D, 16, 16), indices (N, 16, 16)."""

    def __init__(self, vqvae: VQVAE) -> None:
        super().__init__()
        self.vqvae = vqvae

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        return self.vqvae.encode(image)


class DecoderGraph(nn.Module):
    """z_q (N, D, 16, 16) → image (N, C, 64, 64) in [0, 1]."""

    def __init__(self, vqvae: VQVAE) -> None:
        super().__init__()
        self.vqvae = vqvae

    def forward(self, z_q: Tensor) -> Tensor:
        return self.vqvae.decode(z_q)


class PriorStepGraph(nn.Module):
    """tokens (N, T), positions (T,), cache → logits (N, K) of the last position, grown cache.

    The cache is a flat list, key and value of layer 0, of layer 1, …, each (N, n_kv_head, P, head_dim) and then P + T long.
    """

    def __init__(self, prior: Prior) -> None:
        super().__init__()
        self.prior = prior

    def forward(self, tokens: Tensor, positions: Tensor, *past: Tensor) -> tuple[Tensor, ...]:
        cache = list(zip(past[0::2], past[1::2], strict=True))
        logits, grown = self.prior.extend(tokens, positions, cache)
        return (logits[:, -1], *(tensor for pair in grown for tensor in pair))
