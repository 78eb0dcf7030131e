"""Our network: no convolution above 32×32, a bottleneck of residual blocks and one attention layer at 16×16.

Pixels are folded into channels (space to depth) on the way in and unfolded on the way out, so the cost of full-resolution convolutions is
never paid, in training or in the terminal. The decoder is the smaller half: it runs for every sample, the encoder once per picture.
"""

from __future__ import annotations

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from trainer.config import GROUP_CHANNELS, VQVAEConfig
from trainer.errors import TrainerError

HEAD_DIM = 64


def start_at_zero(layer: nn.Conv2d | nn.Linear) -> None:
    """Make the last layer of a residual branch write nothing at first."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def group_norm(width: int) -> nn.GroupNorm:
    """GroupNorm with a group for every :data:`GROUP_CHANNELS` channels.

    Raises:
        TrainerError: there are too few channels, or the groups would not be of one size.
    """
    groups = width // GROUP_CHANNELS
    if not groups or width % groups:
        raise TrainerError(
            f"{width} channels cannot be normalized in groups of {GROUP_CHANNELS} or a few more.",
            fix=f"Give widths and bottlenecks of vqvae multiples of {GROUP_CHANNELS}, or leave the norms out: --set vqvae.norm=false",
        )
    return nn.GroupNorm(groups, width)


class ResidualBlock(nn.Module):
    """Pre-activation residual block with a narrow middle (He et al. 2016); starts as the identity.

    Raises:
        TrainerError: see :func:`group_norm`.
    """

    def __init__(self, width: int, inner: int, *, norm: bool) -> None:
        super().__init__()
        self.norm1 = group_norm(width) if norm else nn.Identity()
        self.conv1 = nn.Conv2d(width, inner, 3, padding=1)
        self.norm2 = group_norm(inner) if norm else nn.Identity()
        self.conv2 = nn.Conv2d(inner, width, 3, padding=1)
        start_at_zero(self.conv2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) → the same."""
        h = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(h)))


class AttentionBlock(nn.Module):
    """Self-attention over the grid, so that a token can depend on the whole picture; starts as the identity."""

    def __init__(self, width: int, n_head: int | None = None) -> None:
        super().__init__()
        self.n_head = width // HEAD_DIM if n_head is None else n_head
        self.norm = group_norm(width)
        self.qkv = nn.Linear(width, 3 * self.n_head * HEAD_DIM)
        self.proj = nn.Linear(self.n_head * HEAD_DIM, width)
        start_at_zero(self.proj)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) → the same."""
        B, C, H, W = x.shape
        y = self.norm(x).flatten(2).transpose(1, 2)  # (B, C, H, W) → (B, L, C)
        q, k, v = (part.reshape(B, H * W, self.n_head, HEAD_DIM).transpose(1, 2) for part in self.qkv(y).chunk(3, dim=-1))  # (B, nh, L, hd)
        if x.is_cuda or not self.training:
            y = F.scaled_dot_product_attention(q, k, v)
        else:  # on a CPU its backward pass is slower than these plain products
            y = (q * HEAD_DIM**-0.5 @ k.transpose(2, 3)).softmax(-1).to(v.dtype) @ v  # (B, nh, L, L) @ (B, nh, L, hd)
        y = y.transpose(1, 2).reshape(B, H * W, -1)  # (B, nh, L, hd) → (B, L, nh·hd)
        return x + self.proj(y).transpose(1, 2).reshape(B, C, H, W)  # (B, L, C) → (B, C, H, W)


class ResidualEncoder(nn.Sequential):
    """(B, C, 64, 64) → z_e (B, D, 16, 16)."""

    def __init__(self, channels: int, config: VQVAEConfig) -> None:
        w32, w16, norm = config.width_32, config.width_16, config.norm
        blocks = [ResidualBlock(w16, config.bottleneck, norm=norm) for _ in range(config.encoder_blocks)]
        super().__init__(
            nn.PixelUnshuffle(2),  # (B, C, 64, 64) → (B, 4C, 32, 32)
            nn.Conv2d(4 * channels, w32, 3, padding=1),
            ResidualBlock(w32, w32, norm=norm),
            nn.PixelUnshuffle(2),  # (B, w32, 32, 32) → (B, 4·w32, 16, 16)
            nn.Conv2d(4 * w32, w16, 1),
            blocks[0],
            AttentionBlock(w16),
            *blocks[1:],
            group_norm(w16),
            nn.ReLU(),
            nn.Conv2d(w16, config.codebook.dim, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return _through(self, x)


class DecoderParts(NamedTuple):
    """What a :class:`ResidualDecoder` is made of, in this order; behind ``unfold`` and ``conv_out`` comes a pixel shuffle by 2."""

    conv_in: nn.Conv2d
    blocks: list[nn.Module]
    """At 16×16: residual blocks, and one place for attention, which may be empty (nn.Identity)."""
    unfold: nn.Conv2d
    fine_block: ResidualBlock
    """At 32×32, followed by a ReLU."""
    conv_out: nn.Conv2d


class ResidualDecoder(nn.Sequential):
    """z_q (B, D, 16, 16) → (B, C, 64, 64), not yet clipped to [0, 1].

    Raises:
        TrainerError: ``decoder_bottlenecks`` has another length than there are blocks; or see :func:`group_norm`.
    """

    def __init__(self, channels: int, config: VQVAEConfig) -> None:
        w32, w16 = config.decoder_width_32 or config.width_32, config.width_16
        norm = config.norm and config.decoder_norm
        inner = config.decoder_bottlenecks or [config.bottleneck] * config.decoder_blocks
        if len(inner) != config.decoder_blocks:
            raise TrainerError(
                f"decoder_bottlenecks has {len(inner)} numbers for {config.decoder_blocks} blocks.",
                fix="Give one for each: --set vqvae.decoder_bottlenecks=80,112,112",
            )
        blocks = [ResidualBlock(w16, width, norm=norm) for width in inner]
        # Without attention its place stays empty, so that a decoder can be given some later.
        attention = nn.Identity() if config.decoder_heads == 0 else AttentionBlock(w16, config.decoder_heads)
        super().__init__(
            nn.Conv2d(config.codebook.dim, w16, 3, padding=1),
            blocks[0],
            attention,
            *blocks[1:],
            nn.Conv2d(w16, 4 * w32, 1),
            nn.PixelShuffle(2),  # (B, 4·w32, 16, 16) → (B, w32, 32, 32)
            ResidualBlock(w32, w32, norm=norm),
            nn.ReLU(),
            nn.Conv2d(w32, 4 * channels, 3, padding=1),
            nn.PixelShuffle(2),  # (B, 4C, 32, 32) → (B, C, 64, 64)
        )

    def parts(self) -> DecoderParts:
        """Its layers by what they are for."""
        conv_in, *blocks, unfold, _, fine_block, _, conv_out, _ = self
        assert isinstance(conv_in, nn.Conv2d)
        assert isinstance(unfold, nn.Conv2d)
        assert isinstance(fine_block, ResidualBlock)
        assert isinstance(conv_out, nn.Conv2d)
        return DecoderParts(conv_in, blocks, unfold, fine_block, conv_out)

    def forward(self, z: Tensor) -> Tensor:
        """See the class."""
        return _through(self, z)


def _through(layers: nn.Sequential, x: Tensor) -> Tensor:
    """What nn.Sequential does; but torch.compile leaves frames of torch alone, and would compile one block after the other."""
    for layer in layers:
        x = layer(x)
    return x
