"""Several pictures mixed into one in latent space, and repainted where that does not hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emoterm.codec import F32, I64, Codec
from emoterm.latent import blend
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from emoterm.steering import FREE, free_least_likely
from emoterm.vocabulary import Condition

ATTEMPTS = 8
"""Repaints to choose from; of many more the likeliest would be the blandest."""


@dataclass(frozen=True, eq=False)
class Blend:
    """What came of it."""

    z: F32
    """(1, D, 16, 16): new codes where a token was drawn anew, the weighted mean elsewhere."""
    tokens: I64
    """(1, 256), the nearest codes."""
    repainted: int = 0
    """Tokens that were drawn anew."""


def mix(latents: Sequence[F32], weights: Sequence[float], *, codec: Codec) -> Blend:
    """The weighted mean of latents (D, 16, 16).

    Raises:
        UsageError: see :func:`emoterm.latent.blend`.
    """
    z = blend(latents, weights)[None]  # (D, 16, 16) → (1, D, 16, 16)
    return Blend(z, codec.quantize(z).reshape(1, -1))  # (1, 16, 16) → (1, 256)


def repaint(mixed: Blend, share: float, *, codec: Codec, prior: Prior, condition: Condition, seed: int, params: SamplingParams) -> Blend:
    """Let the prior draw the tokens anew that it finds least likely.

    Args:
        mixed: the blend.
        share: how many to draw anew, 0 … 1 of them.
        codec: looks up the new codes.
        prior: judges and draws.
        condition: what the prior is told.
        seed: of the draws.
        params: the sampling law.

    Raises:
        UsageError: a share or a seed out of range.
    """
    given = free_least_likely(mixed.tokens[0], prior.token_bits([condition], mixed.tokens)[0], share)[None]  # (256,) → (1, 256)
    # While the prior writes a token it does not see the old ones behind it, so most attempts fit them badly; the likeliest whole is taken.
    conditions = [condition] * ATTEMPTS
    attempts = prior.generate(conditions, seed=seed, params=params, given=given.repeat(ATTEMPTS, axis=0))  # (ATTEMPTS, 256)
    written = attempts[[prior.bits(conditions, attempts).argmin()]]  # (1, 256)
    grid = written.reshape(1, *mixed.z.shape[2:])  # (1, 256) → (1, 16, 16)
    free = (given == FREE).reshape(1, 1, *mixed.z.shape[2:])  # (1, 256) → (1, 1, 16, 16)
    return Blend(np.where(free, codec.lookup(grid), mixed.z), written, int(free.sum()))
