"""Arithmetic between pictures in latent space: straight and spherical paths, and weighted mixes.

A latent is float32 (D, rows, columns), or a batch (N, D, rows, columns); a vector of the codebook's dimension D stands at each position.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError

F32 = NDArray[np.float32]
Path = Literal["lerp", "slerp"]

# Below this sine the two directions are as good as parallel (or opposite, where no arc is the shortest): a straight line is then right.
_PARALLEL = 1e-4


def steps(n: int) -> F32:
    """``n`` values of t, evenly from 0 to 1 with both ends; a single step is the start.

    Raises:
        UsageError: fewer than one.
    """
    if n < 1:
        raise UsageError(f"--steps must be 1 or more, is {n}.")
    return np.linspace(0, 1, n, dtype=np.float32)


def lerp(a: F32, b: F32, t: float) -> F32:
    """The point at share ``t`` of the straight line from ``a`` to ``b``; t = 0 and t = 1 are the ends to the bit."""
    share = np.float32(t)
    return (1 - share) * a + share * b


def slerp(a: F32, b: F32, t: float) -> F32:
    """Spherical interpolation (Shoemake 1985, §3.3), for each position over its D values.

    Directions turn at a steady rate along the arc, and lengths change along with them. Where the two vectors point the same way, opposite
    ways, or one of them is zero, the straight line is taken.

    Args:
        a: (…, D, rows, columns).
        b: same shape.
        t: 0 is ``a``, 1 is ``b``.
    """
    a64, b64 = a.astype(np.float64), b.astype(np.float64)  # near ±1 a float32 cosine says little about its angle
    lengths = np.linalg.norm(a64, axis=-3, keepdims=True) * np.linalg.norm(b64, axis=-3, keepdims=True)  # (…, 1, rows, columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.clip(np.sum(a64 * b64, axis=-3, keepdims=True) / lengths, -1, 1)
        angle = np.arccos(cosine)
        sine = np.sin(angle)
        arc = np.sin((1 - t) * angle) / sine * a64 + np.sin(t * angle) / sine * b64  # the ends get exactly 1 and 0
    curved = (lengths > 0) & (sine > _PARALLEL)
    return np.where(curved, arc, lerp(a, b, t)).astype(np.float32)


def interpolate(a: F32, b: F32, n_steps: int, path: Path = "lerp") -> F32:
    """A walk from ``a`` to ``b`` with both ends.

    Args:
        a: (D, rows, columns).
        b: same shape.
        n_steps: how many latents, 1 or more.
        path: ``lerp`` or ``slerp``.

    Returns:
        (n_steps, D, rows, columns).

    Raises:
        UsageError: fewer than one step, or an unknown path.
    """
    return between(a, b, steps(n_steps).tolist(), path)


def between(a: F32, b: F32, shares: Sequence[float], path: Path = "lerp") -> F32:
    """The points at some shares of the way from ``a`` to ``b``.

    Args:
        a: (D, rows, columns).
        b: same shape.
        shares: N of them, at least one; 0 is ``a``, 1 is ``b``.
        path: ``lerp`` or ``slerp``.

    Returns:
        (N, D, rows, columns).

    Raises:
        UsageError: an unknown path.
    """
    paths = {"lerp": lerp, "slerp": slerp}
    if path not in paths:
        raise UsageError(f"--path {path} is unknown.", fix=f"Use one of: {', '.join(paths)}")
    return np.stack([paths[path](a, b, share) for share in shares])


def blend(latents: Sequence[F32], weights: Sequence[float]) -> F32:
    """The weighted mean of some latents.

    Args:
        latents: at least one, all of one shape.
        weights: as many, 0 or more, in any scale.

    Raises:
        UsageError: a negative or endless weight, all of them 0, or not as many as latents.
    """
    if not latents or len(latents) != len(weights):
        raise UsageError(f"A blend needs one weight for each picture: {len(latents)} pictures, {len(weights)} weights.")
    shares = np.asarray(weights, np.float64)
    total = shares.sum()
    if not np.isfinite(shares).all() or (shares < 0).any() or total <= 0:
        raise UsageError(f"The weights of a blend must be 0 or more, and not all 0: {', '.join(f'{weight:g}' for weight in weights)}.")
    mixed: F32 = np.einsum("n,n...->...", shares / total, np.stack(latents)).astype(np.float32)
    return mixed
