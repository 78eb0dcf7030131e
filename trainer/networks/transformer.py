"""A block of the prior: causal self-attention and a feed-forward network.

Shapes: B batch, T new positions, P cached positions, S = P + T, C d_model, nh heads, n_kv key/value heads, hd head dimension.
Sources: Vaswani et al. 2017; GPT-2 block order (pre-norm); multi-query attention, Shazeer 2019 (arXiv:1911.02150).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.config import PriorConfig
from trainer.networks.dropout import Dropout
from trainer.positions import BLOCK_SIZE, rotate

QUERY_BLOCK = math.ceil(BLOCK_SIZE / 4)


class Attention(nn.Module):
    """Causal self-attention with fewer key/value heads than query heads."""

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.nh, self.n_kv, self.hd = config.n_head, config.n_kv_head, config.head_dim
        self.drop = Dropout(config.dropout)
        self.rotary = config.axial_positions
        self.qkv = nn.Linear(config.d_model, (self.nh + 2 * self.n_kv) * self.hd)
        self.proj = nn.Linear(self.nh * self.hd, config.d_model)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None, hidden: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(B, T, C) → (B, T, C) and the grown cache."""
        B, T, _ = x.shape
        q, k, v = self.qkv(x).split([self.nh * self.hd, self.n_kv * self.hd, self.n_kv * self.hd], dim=-1)
        q = q.view(B, T, self.nh, self.hd).transpose(1, 2)  # (B, nh, T, hd)
        k = k.view(B, T, self.n_kv, self.hd).transpose(1, 2)  # (B, n_kv, T, hd)
        v = v.view(B, T, self.n_kv, self.hd).transpose(1, 2)  # (B, n_kv, T, hd)
        if self.rotary:
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)  # (B, n_kv, P + T, hd)
        return self.proj(self.attend(q, k, v, hidden)), (k, v)

    def attend(self, q: Tensor, k: Tensor, v: Tensor, hidden: Tensor) -> Tensor:
        """(B, nh, T, hd), 2 × (B, n_kv, S, hd), mask of what lies ahead (T, S) → (B, T, nh·hd)."""
        T, S = hidden.shape
        if q.is_cuda and T == S:
            # Whole sequences on a GPU: the fused kernel wins. On a CPU its backward pass is slower than these plain products.
            k, v = (x.repeat_interleave(self.nh // self.n_kv, 1) for x in (k, v))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.drop.p if self.training else 0.0)
            return y.transpose(1, 2).flatten(2)  # (B, nh, T, hd) → (B, T, nh·hd)
        if not self.training:
            return self._attend_plainly(q, k, v, hidden)
        # A block of queries needs no keys behind its end, so four of them make 10 of 16 blocks of scores.
        blocks = []
        for start in range(0, T, QUERY_BLOCK):
            end = min(start + QUERY_BLOCK, T)
            seen = S - T + end
            blocks.append(self._attend_plainly(q[:, :, start:end], k[:, :, :seen], v[:, :, :seen], hidden[start:end, :seen]))
        return torch.cat(blocks, 1)

    def _attend_plainly(self, q: Tensor, k: Tensor, v: Tensor, hidden: Tensor) -> Tensor:
        """As :meth:`attend`.

        The query heads that share a key head are folded into its rows, so that keys and values are read once and never copied per head.
        """
        B, nh, T, hd = q.shape
        folded = q.reshape(B, self.n_kv, -1, hd)  # (B, nh, T, hd) → (B, n_kv, nh/n_kv·T, hd)
        scores = folded @ k.transpose(2, 3) * (1 / math.sqrt(hd))
        scores = scores.reshape(B, nh, T, -1).masked_fill(hidden, float("-inf"))  # (B, n_kv, nh/n_kv·T, S) → (B, nh, T, S)
        weights = self.drop(scores.softmax(-1))
        y = weights.reshape(B, self.n_kv, nh // self.n_kv * T, -1).to(v.dtype) @ v  # (B, nh, T, S) → (B, n_kv, nh/n_kv·T, S)
        return y.reshape(B, nh, T, hd).transpose(1, 2).reshape(B, T, nh * hd)  # (B, n_kv, nh/n_kv·T, hd) → (B, T, nh·hd)


class Block(nn.Module):
    """Pre-norm transformer block: attention, then a GELU feed-forward."""

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.d_model)
        self.attention = Attention(config)
        self.norm2 = nn.LayerNorm(config.d_model)
        self.fc = nn.Linear(config.d_model, config.d_ff)
        self.out = nn.Linear(config.d_ff, config.d_model)
        self.drop = Dropout(config.dropout)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, past: tuple[Tensor, Tensor] | None, hidden: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(B, T, C) → (B, T, C) and the grown cache."""
        y, cache = self.attention(self.norm1(x), cos, sin, past, hidden)
        x = x + self.drop(y)
        # The tanh form of GELU (Hendrycks & Gimpel 2016) is the one that ONNX Runtime fuses and that needs no erf.
        x = x + self.drop(self.out(F.gelu(self.fc(self.norm2(x)), approximate="tanh")))
        return x, cache
