"""The VQ-VAE: encoder, codebook, decoder.

Shapes: B batch, C channels (4: RGBA with associated alpha, 3: RGB over white), D code length, K codes; grid 16×16.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from trainer.codebook import Codebook
from trainer.config import VQVAEConfig
from trainer.networks.paper import PaperDecoder, PaperEncoder
from trainer.networks.residual import ResidualDecoder, ResidualEncoder

GRID = 16
"""Rows and columns of the token grid."""


class Reconstruction(NamedTuple):
    """What a training step needs of :meth:`VQVAE.forward`."""

    x_hat: Tensor
    """(B, C, 64, 64), not clipped."""
    indices: Tensor
    """(B, 16, 16), int64."""
    commitment_loss: Tensor
    """Scalar, unweighted."""
    unevenness: Tensor
    """Scalar, unweighted: see :class:`trainer.codebook.Quantized`."""


class VQVAE(nn.Module):
    """Picture → 256 indices of K codes → picture."""

    def __init__(self, config: VQVAEConfig, channels: int) -> None:
        super().__init__()
        self.config = config
        self.channels = channels
        self.codebook = Codebook(config.codebook)
        if config.network == "paper":
            self.encoder: nn.Module = PaperEncoder(channels, config.codebook.dim)
            self.decoder: nn.Module = PaperDecoder(channels, config.codebook.dim)
        else:
            self.encoder = ResidualEncoder(channels, config)
            self.decoder = ResidualDecoder(channels, config)
        if config.decoder_alone:
            self.encoder.requires_grad_(False)
        self.train()

    def train(self, mode: bool = True) -> Self:
        """As for any module; beside a decoder that is trained alone, encoder and codebook stay in eval mode.

        A BatchNorm without gradients would still normalize by each batch and move its averages, and with them every token.
        """
        super().train(mode)
        if self.config.decoder_alone:
            self.encoder.eval()
            self.codebook.eval()
        return self

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, 64, 64) in [0, 1] → z_e (B, D, 16, 16), indices (B, 16, 16)."""
        z_e = self.codebook.normalize(self.encoder(x).float())
        B, D, H, W = z_e.shape
        z_MD = z_e.permute(0, 2, 3, 1).reshape(B * H * W, D)  # (B, D, H, W) → (M, D)
        return z_e, self.codebook.nearest(z_MD).view(B, H, W)

    def decode(self, z: Tensor) -> Tensor:
        """(B, D, 16, 16), quantized or not → (B, C, 64, 64) in [0, 1]; with four channels no colour exceeds its alpha."""
        x = self.decoder(z).float().clamp(0, 1)
        if self.channels == 4:
            x = torch.cat([torch.minimum(x[:, :3], x[:, 3:]), x[:, 3:]], 1)
        return x

    def forward(self, x: Tensor, given: Tensor | None = None, *, with_unevenness: bool = False) -> Reconstruction:
        """What a training step needs; in training mode the codebook moves, unless the decoder is trained alone.

        Args:
            x: (B, C, 64, 64).
            given: tokens (B, 16, 16) that a decoder trained alone paints in place of the encoder's; below 0 where there are none.
            with_unevenness: measure that of the codes, in training; else it is 0.
        """
        if self.config.decoder_alone:
            indices = self._encode_missing(x, given)
            z_q = self.codebook.lookup(indices)
            return Reconstruction(self.decoder(z_q).float(), indices, z_q.new_zeros(()), z_q.new_zeros(()))
        z_e = self.codebook.normalize(self.encoder(x).float())
        quantized = self.codebook(z_e, with_unevenness=with_unevenness)
        return Reconstruction(self.decoder(quantized.z_q).float(), quantized.indices, quantized.commitment_loss, quantized.unevenness)

    @torch.no_grad()
    def _encode_missing(self, x: Tensor, given: Tensor | None) -> Tensor:
        """The tokens (B, 16, 16) that are given, and the encoder's where none are: encoding all would be a third of a training step."""
        if given is None:
            return self.encode(x)[1]
        missing_B = given[:, 0, 0] < 0
        if not missing_B.any():
            return given
        indices = given.clone()
        indices[missing_B] = self.encode(x[missing_B].contiguous(memory_format=torch.channels_last))[1]
        return indices
