"""The way from one picture to another through the latent space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emoterm.codec import F32, Codec

MorphPath = Literal["lerp", "slerp", "codes"]


def walk(a: F32, b: F32, steps: int, path: MorphPath, *, codec: Codec) -> F32:
    """Latents ``(steps, D, 16, 16)`` from ``a`` to ``b``, each ``(D, 16, 16)``; ``codes`` snaps every step to the codebook.

    Raises:
        UsageError: fewer than one step, or an unknown path.
    """
    from emoterm import latent

    return walk_to(a, b, latent.steps(steps).tolist(), path, codec=codec)


def walk_to(a: F32, b: F32, shares: Sequence[float], path: MorphPath, *, codec: Codec) -> F32:
    """As :func:`walk`, to some shares of the way: ``(N, D, 16, 16)`` for N shares in [0, 1].

    Raises:
        UsageError: an unknown path.
    """
    from emoterm.latent import between

    if path == "codes":
        return codec.lookup(codec.quantize(between(a, b, shares, "lerp")))
    return between(a, b, shares, path)
