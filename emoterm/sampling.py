"""The sampling law: what can be asked of it, and the random numbers it draws with.

guidance → temperature → top-k → softmax → top-p → min-p → draw

Temperature comes before top-p because it changes which tokens make up the nucleus. The arithmetic itself, from logits to tokens, is a part
of the prior's graphs (``export/graphs/sampler.py``), so that tokens need not leave the device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.manifest import SamplingDefaults

F64 = NDArray[np.float64]
MAX_SEED = 2**64 - 1


@dataclass(frozen=True)
class SamplingParams:
    """How a token is chosen from the logits.

    Raises:
        UsageError: a value out of range, naming its flag.
    """

    temperature: float = 1.0
    """Divides the logits; below 1 safer, above 1 wilder, 0 always the likeliest token."""
    top_k: int | None = None
    """Draw from the k likeliest tokens only, and those that are as likely as the k-th; None: from all."""
    top_p: float = 1.0
    """Draw from the smallest set of tokens whose probabilities add up to this; 1: from all."""
    guidance: float = 1.0
    """How strongly the conditions count: 0 not at all, 1 as trained, above 1 exaggerated. Classifier-free guidance on logits: Ho and
    Salimans, https://arxiv.org/abs/2207.12598, eq. (6), with guidance = 1 + w."""
    min_p: float = 0.0
    """Draw from tokens only that are at least this share as likely as the likeliest; 0: from all. Nguyen et al. 2024,
    https://arxiv.org/abs/2407.01082, section 3."""

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise UsageError(f"--temperature must be 0 or more, is {self.temperature}.", fix="0 is greedy, 1 is the model's own spread.")
        if self.top_k is not None and self.top_k < 1:
            raise UsageError(f"--top-k must be 1 or more, is {self.top_k}.", fix="Leave it out to draw from all codes.")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"--top-p must be above 0 and at most 1, is {self.top_p}.", fix="1 draws from all codes.")
        if not 0 <= self.min_p <= 1:
            raise UsageError(f"--min-p must be between 0 and 1, is {self.min_p}.", fix="0 draws from all codes, 1 takes the likeliest.")
        if not (self.guidance >= 0 and math.isfinite(self.guidance)):
            raise UsageError(f"--guidance must be 0 or more, is {self.guidance}.", fix="1 is no guidance; 2 to 4 follows a prompt closely.")


def law_of(
    usual: SamplingDefaults | SamplingParams,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    guidance: float | None = None,
) -> SamplingParams:
    """The usual law, but for what a person says; see :class:`SamplingParams`.

    Args:
        usual: that of a bundle, or of what is done.
        temperature: None: the usual one, as for the others.
        top_k: likewise.
        top_p: likewise.
        min_p: likewise.
        guidance: likewise.

    Raises:
        UsageError: a value out of range.
    """
    return SamplingParams(
        temperature=usual.temperature if temperature is None else temperature,
        top_k=usual.top_k if top_k is None else top_k,
        top_p=usual.top_p if top_p is None else top_p,
        min_p=usual.min_p if min_p is None else min_p,
        guidance=usual.guidance if guidance is None else guidance,
    )


def uniforms(seed: int, picture: int, n: int) -> F64:
    """The random numbers of one picture, in [0, 1).

    Philox (Salmon et al., SC 2011) is counter-based: the key (seed, picture) names the stream, so it is the same in any batch, in any
    order, on any machine. The bits are turned into floats here because numpy fixes the stream of a bit generator for good, but not
    what ``Generator.random`` makes of it.

    Args:
        seed: 0 … 2⁶⁴ − 1.
        picture: index of the picture among all of this seed.
        n: how many.

    Returns:
        (n,) multiples of 2⁻⁵³.

    Raises:
        UsageError: a seed out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"--seed must be between 0 and {MAX_SEED}, is {seed}.")
    bits = np.random.Philox(key=np.array([seed, picture], np.uint64)).random_raw(n)
    return np.asarray(bits >> np.uint64(11), np.float64) * 2.0**-53
