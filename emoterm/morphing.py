"""The way from one picture to another through the latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emoterm.codec import F32, Codec

MorphPath = Literal["lerp", "slerp", "codes"]


def walk(a: F32, b: F32, steps: int, path: MorphPath, *, codec: Codec) -> F32:
    """Latents ``(steps, D, 16, 16)`` from ``a`` to ``b``, each ``(D, 16, 16)``; ``codes`` snaps every step to the codebook.

    Raises:
        UsageError: fewer than one step, or an unknown path.
    """
    from emoterm.latent import interpolate

    if path == "codes":
        return codec.lookup(codec.quantize(interpolate(a, b, steps, "lerp")))
    return interpolate(a, b, steps, path)
