"""Modules that are exactly the deployed graphs, so that the research models need no export code.

Shapes: N batch, C channels, D code length.
"""

from __future__ import annotations

from torch import Tensor, nn

from trainer.networks.source import SourceReader
from trainer.networks.words import WordReader
from trainer.vqvae import VQVAE


class EncoderGraph(nn.Module):
    """image (N, C, 64, 64) → z_e (N, D, 16, 16), indices (N, 16, 16)."""

    def __init__(self, vqvae: VQVAE) -> None:
        super().__init__()
        self.vqvae = vqvae

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        return self.vqvae.encode(image)


class SourceGraph(nn.Module):
    """tokens (N, 256) → guide (N, 256, 2·d_model)."""

    def __init__(self, source: SourceReader) -> None:
        super().__init__()
        self.source = source

    def forward(self, tokens: Tensor) -> Tensor:
        guide: Tensor = self.source(tokens)
        return guide


class WordsGraph(nn.Module):
    """conditions (N, style and word slots) → guide (N, 256, 2·d_model)."""

    def __init__(self, words: WordReader) -> None:
        super().__init__()
        self.words = words

    def forward(self, conditions: Tensor) -> Tensor:
        guide: Tensor = self.words(conditions)
        return guide


class DecoderGraph(nn.Module):
    """z_q (N, D, 16, 16) → image (N, C, 64, 64) in [0, 1]."""

    def __init__(self, vqvae: VQVAE) -> None:
        super().__init__()
        self.vqvae = vqvae

    def forward(self, z_q: Tensor) -> Tensor:
        return self.vqvae.decode(z_q)
