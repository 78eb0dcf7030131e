"""How good a reconstruction is, and how well a codebook is used. Pure functions of tensors.

    N pictures · C channels · K codes · pictures are float in [0, 1]

Figures that are compared with other work are taken over white, in RGB, per picture and then averaged.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

SMALLEST_MSE = 1e-10
"""Floor of the error inside a PSNR: equal pictures have 100 dB, so that a mean stays finite (8-bit rounding alone is 59 dB)."""
_CHUNK = 128
"""Pictures in float at one time: 8 MiB each of RGBA, and some ten times that inside SSIM."""


def over_white(x: Tensor) -> Tensor:
    """Compose associated RGBA over white: (N, 4, H, W) → (N, 3, H, W)."""
    return x[:, :3] + (1 - x[:, 3:])


def mse(x_hat: Tensor, x: Tensor) -> Tensor:
    """Mean squared error of each picture: (N, C, H, W) twice → (N,)."""
    return (x_hat.float() - x.float()).square().flatten(1).mean(1)


def psnr_of(error: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of mean squared errors, for values in [0, 1]: −10 log10(MSE)."""
    return -10 * error.clamp(min=SMALLEST_MSE).log10()


def psnr(x_hat: Tensor, x: Tensor) -> Tensor:
    """PSNR of each picture in dB: (N, C, H, W) twice → (N,). Its mean is the "mean PSNR"; see also :func:`psnr_of_mean_mse`."""
    return psnr_of(mse(x_hat, x))


def psnr_of_mean_mse(error: Tensor) -> float:
    """PSNR in dB of the averaged error, (N,) → number. Never above the mean PSNR, as −log is convex."""
    return float(psnr_of(error.mean()))


def ssim(x_hat: Tensor, x: Tensor) -> Tensor:
    """Structural similarity of each picture: (N, C, H, W) twice → (N,), 1 for equal pictures.

    Wang et al. 2004, "Image quality assessment", eq. 13, as torchmetrics computes it: Gaussian window 11×11, σ = 1.5.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure  # slow to import; training does not need it

    # Never in bf16: the variances inside are small differences of large numbers.
    with torch.autocast(x.device.type, enabled=False):
        values = structural_similarity_index_measure(x_hat.float(), x.float(), data_range=1.0, reduction="none")
    assert isinstance(values, Tensor)
    return values


def alpha_iou(x_hat: Tensor, x: Tensor, threshold: float = 0.5) -> Tensor:
    """Overlap of the silhouettes, intersection over union of alpha ≥ threshold: (N, 4, H, W) twice → (N,). 1 if both are empty."""
    inside_hat, inside = x_hat[:, 3] >= threshold, x[:, 3] >= threshold  # (N, H, W)
    both = (inside_hat & inside).flatten(1).sum(1)
    either = (inside_hat | inside).flatten(1).sum(1)
    return torch.where(either == 0, 1.0, both / either.clamp(min=1))


def code_counts(indices: Tensor, codebook_size: int) -> Tensor:
    """How often each code occurs: int64 of any shape → (K,) int64."""
    # Not bincount: it waits for a GPU to learn how long its answer is.
    flat = indices.flatten().long()
    return flat.new_zeros(codebook_size).index_add_(0, flat, torch.ones_like(flat))


def codebook_usage(counts: Tensor) -> float:
    """Share of the K codes that occur at all, (K,) → [0, 1]."""
    return float((counts > 0).double().mean())


def codebook_entropy_bits(counts: Tensor) -> float:
    """Entropy of the codes in bits, (K,) → [0, log2 K]: what one index carries on average."""
    total = counts.sum()
    if total == 0:
        return 0.0
    p = counts[counts > 0].double() / total
    return max(0.0, float(-(p * p.log2()).sum()))


def codebook_entropy_share(counts: Tensor) -> float:
    """Entropy as a share of its maximum log2 K, (K,) → [0, 1]."""
    return codebook_entropy_bits(counts) / math.log2(len(counts)) if len(counts) > 1 else 0.0


def codebook_perplexity(counts: Tensor) -> float:
    """2 to the entropy: how many equally frequent codes would carry as much, (K,) → [1, K]."""
    return 2 ** codebook_entropy_bits(counts)


@dataclass(frozen=True)
class ReconstructionScores:
    """Means over some pictures; errors are over white, in RGB."""

    n: int
    """Number of pictures."""
    mse: float
    psnr: float
    """Mean of the pictures' PSNR, dB."""
    psnr_of_mean_mse: float
    """dB."""
    ssim: float
    alpha_iou: float | None
    """None for pictures without alpha."""


@dataclass(frozen=True)
class ReconstructionReport:
    """Scores of a set, and of each of its styles."""

    overall: ReconstructionScores
    styles: dict[str, ReconstructionScores]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)


def reconstruction_report(x_hat: Tensor, x: Tensor, styles: Sequence[str] = ()) -> ReconstructionReport:
    """Score reconstructions against originals.

    Works on 128 pictures at a time, so the sets may be given as uint8 and never exist as float.

    Args:
        x_hat: reconstructions, (N, 4, H, W) RGBA with associated alpha or (N, 3, H, W) RGB over white; float in [0, 1] or uint8.
        x: originals, the same shape.
        styles: style of each picture; empty for a report without styles.

    Raises:
        ValueError: shapes or lengths differ, or there is no picture.
    """
    if x_hat.shape != x.shape or len(x) == 0 or (styles and len(styles) != len(x)):
        raise ValueError(f"reconstructions {tuple(x_hat.shape)}, originals {tuple(x.shape)} and {len(styles)} styles do not match")
    has_alpha = x.shape[1] == 4
    errors, similarities, overlaps = [], [], []
    for part_hat, part in _chunks(x_hat, x):
        overlaps.append(alpha_iou(part_hat, part) if has_alpha else torch.full((len(part),), math.nan))
        white_hat, white = (over_white(part_hat), over_white(part)) if has_alpha else (part_hat, part)
        errors.append(mse(white_hat, white))
        similarities.append(ssim(white_hat, white))
    error, similarity, overlap = torch.cat(errors).cpu(), torch.cat(similarities).cpu(), torch.cat(overlaps).cpu()  # each (N,)

    def scores(which: Tensor) -> ReconstructionScores:
        return ReconstructionScores(
            n=len(which),
            mse=float(error[which].mean()),
            psnr=float(psnr_of(error[which]).mean()),
            psnr_of_mean_mse=psnr_of_mean_mse(error[which]),
            ssim=float(similarity[which].mean()),
            alpha_iou=float(overlap[which].mean()) if has_alpha else None,
        )

    rows = {style: torch.tensor([i for i, other in enumerate(styles) if other == style]) for style in sorted(set(styles))}
    return ReconstructionReport(scores(torch.arange(len(x))), {style: scores(which) for style, which in rows.items()})


def _chunks(*sets: Tensor) -> Iterator[tuple[Tensor, ...]]:
    for start in range(0, len(sets[0]), _CHUNK):
        parts = (pictures[start : start + _CHUNK] for pictures in sets)
        yield tuple(part.float() / 255 if part.dtype == torch.uint8 else part.float() for part in parts)
