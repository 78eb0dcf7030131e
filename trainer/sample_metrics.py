"""How samples compare with real pictures, as sets of points in a feature space. Pure functions of tensors.

    N real points · M others · D features · features are float (N, D)

All of them compare sets; none says of a single picture that it is good. A figure depends on how many points there are, so only figures of
as many points can be compared with each other.
"""

from __future__ import annotations

import torch
from torch import Tensor

MEMORISED_QUANTILE = 0.05
"""Of the distances of real test pictures to their nearest training pictures; what is nearer than that counts as memorised."""
_CHUNK = 512


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances, (N, D), (M, D) → (N, M). Equal points are exactly 0 apart, which the faster way by products would miss."""
    parts = [torch.cdist(part, b, compute_mode="donot_use_mm_for_euclid_dist") for part in a.split(_CHUNK)]
    return torch.cat(parts) if parts else torch.zeros(0, len(b))


def nearest(a: Tensor, b: Tensor) -> Tensor:
    """Distance of each point of ``a`` to the nearest of ``b``: (N, D), (M, D) → (N,)."""
    return torch.cat([distances(part, b).amin(1) for part in a.split(_CHUNK)])


def radii(points: Tensor, k: int) -> Tensor:
    """Distance of each point to its k-th nearest neighbour in the same set: (N, D) → (N,).

    Raises:
        ValueError: the set has no k others.
    """
    if not 1 <= k < len(points):
        raise ValueError(f"{len(points)} points have no {k} neighbours each")
    return distances(points, points).kthvalue(k + 1, dim=1).values  # the nearest of all is the point itself


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two sets: (N, D), (M, D) → number, 0 for equal sets.

    Heusel et al. 2017, "GANs trained by a two time-scale update rule", eq. 6: |μ_a − μ_b|² + tr(Σ_a + Σ_b − 2 (Σ_a Σ_b)^½). The trace of
    the root is that of (Σ_a^½ Σ_b Σ_a^½)^½, which is symmetric.
    """
    a64, b64 = a.double(), b.double()
    cov_a, cov_b = torch.atleast_2d(torch.cov(a64.T)), torch.atleast_2d(torch.cov(b64.T))  # (D, D)
    values, vectors = torch.linalg.eigh(cov_a)
    root_a = vectors * values.clamp(min=0).sqrt() @ vectors.T
    root_trace = torch.linalg.eigvalsh(root_a @ cov_b @ root_a).clamp(min=0).sqrt().sum()
    shift = (a64.mean(0) - b64.mean(0)).square().sum()
    return max(0.0, float(shift + cov_a.trace() + cov_b.trace() - 2 * root_trace))


def precision_recall(real: Tensor, others: Tensor, k: int = 3) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, eq. 1 and 2).

    A set covers the balls about its points that reach to the k-th neighbour. Precision is the share of the others that lie where the real
    points are, recall the share of the real points that lie where the others are: (N, D), (M, D) → two numbers in [0, 1].
    """
    apart = distances(real, others)  # (N, M)
    precision = (apart <= radii(real, k)[:, None]).any(0).double().mean()
    recall = (apart <= radii(others, k)[None]).any(1).double().mean()
    return float(precision), float(recall)


def density_coverage(real: Tensor, others: Tensor, k: int = 5) -> tuple[float, float]:
    """Density and coverage (Naeem et al. 2020, eq. 4 and 5): (N, D), (M, D) → a number from 0, about 1 for like sets, and one in [0, 1].

    Density counts in how many real balls each of the others lies, over the k that may be expected: one stray real point with a huge ball
    cannot lift it, as it lifts precision. Coverage is the share of the real balls that have one of the others inside.
    """
    inside = distances(real, others) <= radii(real, k)[:, None]  # (N, M)
    return float(inside.double().sum() / (k * len(others))), float(inside.any(1).double().mean())


def memorised_share(to_training: Tensor, real_to_training: Tensor, quantile: float = MEMORISED_QUANTILE) -> float:
    """Share of pictures that are nearer to a training picture than all but the nearest of the real test pictures.

    Args:
        to_training: distance of each picture to its nearest training picture, (M,).
        real_to_training: the same of the real test pictures, (N,).
        quantile: share of the real ones that count as too near; 0.05 means the nearest 5%.
    """
    return float((to_training < real_to_training.double().quantile(quantile)).double().mean())


def prototypes(embeddings: Tensor, classes: Tensor, n_classes: int) -> Tensor:
    """Mean direction of the embeddings of each class, unit length; NaN for a class without any: (N, E), (N,) → (n_classes, E)."""
    sums = torch.zeros(n_classes, embeddings.shape[1]).index_add_(0, classes, embeddings)
    lengths = sums.norm(dim=1, keepdim=True)
    return torch.where(lengths > 0, sums / lengths.clamp(min=1e-12), torch.nan)


def ranks(queries: Tensor, classes: Tensor, candidates: Tensor) -> Tensor:
    """Which place the right class has among all that have a prototype, by cosine, 1 for the first.

    Args:
        queries: (M, E), unit length.
        classes: the right class of each, (M,).
        candidates: (n_classes, E) of :func:`prototypes`; a class of NaN is no candidate.

    Returns:
        (M,) int64; of equally near classes the right one is last. 0 where the right class is no candidate.
    """
    cosines = (queries @ candidates.T).nan_to_num(nan=-torch.inf)  # (M, n_classes)
    right = cosines.gather(1, classes[:, None])  # (M, 1)
    place = (cosines >= right).sum(1)
    return torch.where(right[:, 0].isinf(), 0, place)


def top_share(places: Tensor, k: int) -> float:
    """Share of the ranks that are at most k, of those that are ranks at all: (M,) → [0, 1]; NaN where there is none."""
    return float((places[places > 0] <= k).double().mean())
