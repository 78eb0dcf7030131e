"""The codebook: nearest-code lookup, EMA updates, resets of unused codes.

van den Oord, Vinyals, Kavukcuoglu 2017, "Neural Discrete Representation Learning", section 3 and appendix A.1 (EMA).
Shapes: B batch, H W grid, L = H·W, K codes, D code length, M = B·L latents.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer import metrics, processes
from trainer.config import CodebookConfig

EVEN_ENOUGH = 0.955
"""Entropy of the codes, as a share of its maximum, from which on :attr:`Quantized.unevenness` asks for no more."""
_SOFTNESS = 0.05
"""Temperature of the squared distances: codes that are hardly further than the nearest share a latent with it."""
# Laplace smoothing of the cluster sizes, so that a code nobody uses is not divided by zero.
EPSILON = 1e-5


class Quantized(NamedTuple):
    """What :meth:`Codebook.forward` gives."""

    z_q: Tensor
    """(B, D, H, W); its gradient goes straight through to z_e."""
    indices: Tensor
    """(B, H, W), int64 in [0, K)."""
    commitment_loss: Tensor
    """Scalar, not yet weighted: mean squared distance of z_e from its (fixed) code."""
    unevenness: Tensor
    """Scalar, in nats: what the entropy of the codes in this batch falls short of an almost even use, see :meth:`Codebook.unevenness`."""


class Reset(NamedTuple):
    """What one reset of unused codes did."""

    used_before: int
    """Codes used at least once since the last reset."""
    used_after: int
    """Codes that the recent batch uses with the new codebook."""
    replaced: int
    """Codes that were replaced."""


class Codebook(nn.Module):
    """K codes of length D, learned by exponential moving averages instead of gradients.

    Buffers: ``codes`` (K, D), ``cluster_size`` (K), ``embed_sum`` (K, D), ``usage`` (K, int64: hits since the last reset),
    ``warmup_left`` (int64: training steps until the codes are set by k-means; below 0 they have been).
    """

    codes: Tensor
    cluster_size: Tensor
    embed_sum: Tensor
    usage: Tensor
    warmup_left: Tensor

    def __init__(self, config: CodebookConfig) -> None:
        super().__init__()
        self.config = config
        codes = torch.randn(config.size, config.dim)
        self.register_buffer("codes", codes)
        self.register_buffer("cluster_size", torch.ones(config.size))
        self.register_buffer("embed_sum", codes.clone())
        self.register_buffer("usage", torch.zeros(config.size, dtype=torch.int64))
        start = config.kmeans_start_steps
        self.register_buffer("warmup_left", torch.tensor(-1 if start is None else start))
        self._warmup_left: int | None = None
        """The same on this side, so that no step has to wait for a GPU to say it; None until it was read."""
        self.register_load_state_dict_post_hook(Codebook._forget)

    def normalize(self, z: Tensor) -> Tensor:
        """Where the encoder's output (B, D, H, W) enters the codebook: the unit sphere, or as it is."""
        return F.normalize(z, dim=1) if self.config.l2_normalize else z

    def nearest(self, z_MD: Tensor) -> Tensor:
        """Index of the nearest code by Euclidean distance: (M, D) → (M,)."""
        return _distances(z_MD, self.codes).argmin(1)

    def unevenness(self, z_MD: Tensor) -> Tensor:
        """How far the use of the codes is from :data:`EVEN_ENOUGH`, in nats, 0 from there on: (M, D) → scalar.

        The entropy is that of the mean of soft assignments, softmax(−distance² / τ), so that it has a gradient (Jansen et al. 2020,
        arXiv:1911.05894). It moves latents that lie between codes towards the rarer one; the codes follow.
        """
        codes = self.codes.clone()  # they are moved before the gradient is taken
        share_K = (-_distances(z_MD, codes) / _SOFTNESS).softmax(1).mean(0)
        entropy = -(share_K * share_K.clamp(min=EPSILON / len(share_K)).log()).sum()
        return (EVEN_ENOUGH * math.log(len(share_K)) - entropy).clamp(min=0)

    def _in_warmup(self) -> int:
        """Training steps until the codes are set; below 0 they have been."""
        if self._warmup_left is None:
            self._warmup_left = int(self.warmup_left)
        return self._warmup_left

    @staticmethod
    def _forget(module: nn.Module, incompatible_keys: object) -> None:
        assert isinstance(module, Codebook)
        module._warmup_left = None

    def lookup(self, indices: Tensor) -> Tensor:
        """Codes of a grid: (B, H, W) → (B, D, H, W)."""
        return F.embedding(indices, self.codes).permute(0, 3, 1, 2)  # (B, H, W, D) → (B, D, H, W)

    def forward(self, z_e: Tensor, *, with_unevenness: bool = False) -> Quantized:
        """Quantize, and in training mode move the codes.

        Args:
            z_e: (B, D, H, W), already through :meth:`normalize`.
            with_unevenness: measure it, in training; else it is 0.
        """
        # In fp32 even under autocast: moving averages of bf16 numbers lose their small steps.
        with torch.autocast(z_e.device.type, enabled=False):
            z_e = z_e.float()
            B, D, H, W = z_e.shape
            z_MD = z_e.detach().permute(0, 2, 3, 1).reshape(B * H * W, D)  # (B, D, H, W) → (M, D)
            if self.training and (left := self._in_warmup()) >= 0:
                if left == 0:
                    self.start_(z_MD)
                self.warmup_left -= 1
                self._warmup_left = left - 1
                if left > 0:  # a plain autoencoder, until there is something worth clustering
                    return Quantized(z_e, self.nearest(z_MD).view(B, H, W), z_e.new_zeros(()), z_e.new_zeros(()))
            indices_M = self.nearest(z_MD)
            indices = indices_M.view(B, H, W)
            flat_MD = z_e.permute(0, 2, 3, 1).reshape(B * H * W, D)  # (B, D, H, W) → (M, D), with its gradient
            unevenness = self.unevenness(flat_MD) if self.training and with_unevenness else z_e.new_zeros(())
            # The lookup comes before the update, so that z_q is made of the codes the indices were chosen from.
            z_q = self.lookup(indices)
            if self.training:
                self.update_(z_MD, indices_M)
            commitment_loss = F.mse_loss(z_e, z_q)
            straight_through = z_e + (z_q - z_e).detach()
        return Quantized(straight_through, indices, commitment_loss, unevenness)

    @torch.no_grad()
    def update_(self, z_MD: Tensor, indices_M: Tensor) -> None:
        """One EMA step (appendix A.1, equations 6–8) over the latents of all processes.

        N_k ← γ N_k + (1−γ) n_k;  m_k ← γ m_k + (1−γ) Σ z;  c_k = m_k / N_k, with N_k Laplace-smoothed.
        """
        counts_K = metrics.code_counts(indices_M, self.config.size)
        sums_KD = torch.zeros_like(self.embed_sum).index_add_(0, indices_M, z_MD)
        processes.add_up_(counts_K)
        processes.add_up_(sums_KD)
        self.usage += counts_K
        self.cluster_size.lerp_(counts_K.to(self.cluster_size.dtype), 1 - self.config.ema_decay)
        self.embed_sum.lerp_(sums_KD, 1 - self.config.ema_decay)
        total = self.cluster_size.sum()
        smoothed_K = (self.cluster_size + EPSILON) / (total + self.config.size * EPSILON) * total
        self.codes.copy_(self.embed_sum / smoothed_K[:, None])

    @torch.no_grad()
    def start_(self, z_MD: Tensor, iterations: int = 10) -> None:
        """Set the first codes by k-means (Lloyd) on the latents of a batch."""
        z_MD = processes.gather(z_MD)
        self._set_(torch.arange(self.config.size, device=z_MD.device), _pick(z_MD, self.config.size))
        for _ in range(iterations):
            indices_M = self.nearest(z_MD)
            counts_K = metrics.code_counts(indices_M, self.config.size)
            sums_KD = torch.zeros_like(self.codes).index_add_(0, indices_M, z_MD)
            means_KD = sums_KD / counts_K.clamp(min=1)[:, None]
            empty_K = counts_K == 0
            means_KD[empty_K] = _pick(z_MD, int(empty_K.sum()))
            self._set_(torch.arange(self.config.size, device=z_MD.device), means_KD)

    @torch.no_grad()
    def reset_unused_(self, recent_MD: Tensor) -> Reset:
        """Replace the codes unused since the last reset by random latents of a recent batch; zero all counters.

        Args:
            recent_MD: (M, D) latents of a recent batch, this process's share.
        """
        recent_MD = processes.gather(recent_MD)
        unused_K = self.usage == 0
        replaced = int(unused_K.sum())
        if replaced:
            self._set_(unused_K.nonzero().flatten(), _pick(recent_MD, replaced))
        used_after = int(self.nearest(recent_MD).unique().numel())
        used_before = self.config.size - replaced
        self.usage.zero_()
        return Reset(used_before=used_before, used_after=used_after, replaced=replaced)

    def _set_(self, which: Tensor, codes: Tensor) -> None:
        """Set codes and their averages, as if each had one latent in its cluster."""
        self.codes[which] = codes
        self.embed_sum[which] = codes
        self.cluster_size[which] = 1.0


def _distances(z_MD: Tensor, codes: Tensor) -> Tensor:
    """Squared, less what is the same for every code of a latent: (M, D), (K, D) → (M, K)."""
    # In fp32 even under autocast: rounded to bf16, many a latent would be given its second nearest code.
    with torch.autocast(z_MD.device.type, enabled=False):
        # ‖z − c‖² = ‖z‖² − 2 z·c + ‖c‖²; the first term is the same for every code.
        return codes.square().sum(1) - 2 * z_MD.float() @ codes.T


def _pick(z_MD: Tensor, n: int) -> Tensor:
    """n random latents, without repeats where there are enough; the same ones on every process."""
    if n > z_MD.shape[0]:
        chosen = torch.randint(z_MD.shape[0], (n,), device=z_MD.device)
    else:
        chosen = torch.randperm(z_MD.shape[0], device=z_MD.device)[:n]
    return z_MD[processes.as_in_first_(chosen)]
