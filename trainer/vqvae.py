"""The VQ-VAE: encoder, codebook, decoder.

Shapes: B batch, C channels (4: RGBA with associated alpha, 3: RGB over white), D code length, K codes; grid 16×16.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trainer.codebook import Codebook
from trainer.config import VQVAEConfig
from trainer.errors import TrainerError
from trainer.networks.paper import PaperDecoder, PaperEncoder
from trainer.networks.residual import ResidualDecoder, ResidualEncoder

GRID = 16
"""Rows and columns of the token grid."""


class Reconstruction(NamedTuple):
    """What a training step needs of :meth:`VQVAE.forward`."""

    x_hat: Tensor
    """(B, C, 64, 64), not clipped."""
    z_e: Tensor
    """(B, D, 16, 16)."""
    indices: Tensor
    """(B, 16, 16), int64."""
    commitment_loss: Tensor
    """Scalar, unweighted."""


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
        elif config.network == "residual":
            self.encoder = ResidualEncoder(channels, config)
            self.decoder = ResidualDecoder(channels, config)
        else:
            raise TrainerError(f"vqvae.network is {config.network!r}.", fix="Use 'paper' or 'residual'.")
        if config.decoder_alone:
            self.encoder.requires_grad_(False)

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

    def forward(self, x: Tensor, given: Tensor | None = None) -> Reconstruction:
        """What a training step needs; in training mode the codebook moves, unless the decoder is trained alone.

        Args:
            x: (B, C, 64, 64).
            given: tokens (B, 16, 16) that a decoder trained alone paints in place of the encoder's; below 0 where there are none.
        """
        if self.config.decoder_alone:
            with torch.no_grad():
                z_e, indices = self.encode(x)
            if given is not None:
                indices = torch.where(given >= 0, given, indices)
            return Reconstruction(self.decoder(self.codebook.lookup(indices)).float(), z_e, indices, z_e.new_zeros(()))
        z_e = self.codebook.normalize(self.encoder(x).float())
        quantized = self.codebook(z_e)
        return Reconstruction(self.decoder(quantized.z_q).float(), z_e, quantized.indices, quantized.commitment_loss)
