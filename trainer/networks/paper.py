"""The published network: strided convolutions, BatchNorm, two residual blocks at each width.

(B, C, 64, 64) → 128 × 32 × 32 → 256 × 16 × 16 and back.
"""

from __future__ import annotations

from torch import Tensor, nn

WIDTH_32 = 128
WIDTH_16 = 256


class ResidualBlock(nn.Module):
    """x + BN(conv1(ReLU(BN(conv3(ReLU(x)))))), the block of the first VQ-VAE with BatchNorm added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) → the same."""
        return x + self.body(x)


class PaperEncoder(nn.Sequential):
    """(B, C, 64, 64) → z_e (B, D, 16, 16)."""

    def __init__(self, channels: int, code_dim: int) -> None:
        super().__init__(
            nn.Conv2d(channels, WIDTH_32, 4, stride=2, padding=1),
            nn.BatchNorm2d(WIDTH_32),
            nn.ReLU(),
            ResidualBlock(WIDTH_32),
            ResidualBlock(WIDTH_32),
            nn.Conv2d(WIDTH_32, WIDTH_16, 4, stride=2, padding=1),
            nn.BatchNorm2d(WIDTH_16),
            nn.ReLU(),
            ResidualBlock(WIDTH_16),
            ResidualBlock(WIDTH_16),
            nn.Conv2d(WIDTH_16, code_dim, 1),
        )


class PaperDecoder(nn.Sequential):
    """z_q (B, D, 16, 16) → (B, C, 64, 64), not yet clipped to [0, 1]."""

    def __init__(self, channels: int, code_dim: int) -> None:
        super().__init__(
            nn.Conv2d(code_dim, WIDTH_16, 3, padding=1),
            ResidualBlock(WIDTH_16),
            ResidualBlock(WIDTH_16),
            nn.ConvTranspose2d(WIDTH_16, WIDTH_32, 4, stride=2, padding=1),
            nn.BatchNorm2d(WIDTH_32),
            nn.ReLU(),
            ResidualBlock(WIDTH_32),
            ResidualBlock(WIDTH_32),
            nn.ConvTranspose2d(WIDTH_32, channels, 4, stride=2, padding=1),
        )
