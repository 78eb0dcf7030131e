"""The VQ-VAE of a training run as a search for tokens asks for it, before there is a bundle."""

from __future__ import annotations

import numpy as np
import torch

from emoterm.codec import F32, F64, I64
from trainer.train_vqvae import as_channels
from trainer.vqvae import GRID, VQVAE

BATCH = 128
"""Pictures that go through the networks at once; bounds the memory."""


class TorchCodec:
    """:class:`emoterm.token_search.Painter` in PyTorch, in full precision, on the device of the model.

    Shapes: N pictures, grid 16×16 of L = 256 cells, D code length, K candidates.
    """

    def __init__(self, vqvae: VQVAE) -> None:
        self._vqvae = vqvae.eval()
        self.has_alpha = vqvae.channels == 4
        self._device = vqvae.codebook.codes.device
        self.codebook: F32 = vqvae.codebook.codes.cpu().numpy()

    @torch.no_grad()
    def encode(self, images: F32) -> tuple[F32, I64]:
        """(N, 4, 64, 64) → z_e (N, D, 16, 16), the nearest codes (N, 16, 16)."""
        parts = as_channels(torch.from_numpy(images).to(self._device), self._vqvae.channels).split(BATCH)
        z_e, tokens = zip(*(self._vqvae.encode(part) for part in parts), strict=True)
        return torch.cat(z_e).cpu().numpy(), torch.cat(tokens).cpu().numpy()

    @torch.no_grad()
    def nearest(self, z: F32, k: int) -> tuple[I64, F64]:
        """The ``k`` nearest codes, the nearest first, and their squared distances: z_e (N, D, 16, 16) → twice (N, 16, 16, k)."""
        vectors = torch.from_numpy(z).to(self._device).double().permute(0, 2, 3, 1)  # (N, D, 16, 16) → (N, 16, 16, D)
        distances, codes = torch.cdist(vectors.flatten(0, 2), self._vqvae.codebook.codes.double()).square().topk(k, largest=False)
        shape = (*vectors.shape[:3], k)
        return codes.view(shape).cpu().numpy(), distances.view(shape).cpu().numpy()  # (N · L, K) → (N, 16, 16, K)

    @torch.no_grad()
    def decode_tokens(self, tokens: I64) -> F32:
        """(N, L) → (N, 4, 64, 64); a model without alpha paints over white, and its pictures are opaque."""
        found = np.ones((len(tokens), 4, 64, 64), np.float32)
        for start in range(0, len(tokens), BATCH):
            part = torch.from_numpy(tokens[start : start + BATCH]).to(self._device).view(-1, GRID, GRID)  # (B, L) → (B, 16, 16)
            found[start : start + BATCH, : self._vqvae.channels] = self._vqvae.decode(self._vqvae.codebook.lookup(part)).cpu().numpy()
        return found
