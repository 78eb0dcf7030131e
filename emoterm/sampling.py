"""The sampling law: from logits to tokens, in one fixed order.

guidance → temperature → top-k → softmax → top-p → draw

Temperature comes before top-p because it changes which tokens make up the nucleus. Everything is plain numpy in float64, row by row: what
is drawn for one picture never depends on the pictures beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Logits = NDArray[np.float32] | F64

# Adding K probabilities in float64 is off by about K·2⁻⁵³ ≈ 1e-13. Without the slack ten times 0.1 would not reach top_p = 0.8 with eight.
_MASS_SLACK = 1e-12

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
    """Draw from the k likeliest tokens only; None: from all."""
    top_p: float = 1.0
    """Draw from the smallest set of tokens whose probabilities add up to this; 1: from all."""
    guidance: float = 1.0
    """How strongly the conditions count: 0 not at all, 1 as trained, above 1 exaggerated."""

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise UsageError(f"--temperature must be 0 or more, is {self.temperature}.", fix="0 is greedy, 1 is the model's own spread.")
        if self.top_k is not None and self.top_k < 1:
            raise UsageError(f"--top-k must be 1 or more, is {self.top_k}.", fix="Leave it out to draw from all codes.")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"--top-p must be above 0 and at most 1, is {self.top_p}.", fix="1 draws from all codes.")
        if not (self.guidance >= 0 and math.isfinite(self.guidance)):
            raise UsageError(f"--guidance must be 0 or more, is {self.guidance}.", fix="1 is no guidance; 2 to 4 follows a prompt closely.")


def guide(cond: Logits, uncond: Logits, guidance: float) -> F64:
    """Classifier-free guidance on logits: ``uncond + guidance · (cond − uncond)``.

    Ho and Salimans, https://arxiv.org/abs/2207.12598, eq. (6), with guidance = 1 + w.

    Args:
        cond: logits under the conditions, (N, K).
        uncond: logits of the same rows without any, (N, K).
        guidance: 1 returns ``cond`` itself, to the bit.
    """
    cond, uncond = np.asarray(cond, np.float64), np.asarray(uncond, np.float64)
    return cond if guidance == 1 else uncond + guidance * (cond - uncond)


def probabilities(logits: Logits, params: SamplingParams) -> F64:
    """Temperature, top-k, softmax and top-p.

    Args:
        logits: (N, K), guidance already applied.
        params: what to apply.

    Returns:
        (N, K), rows that add up to 1; exactly 0 where top-k or top-p cut a token off.
    """
    logits = np.ascontiguousarray(logits, np.float64)
    if params.temperature == 0:
        likeliest: F64 = np.eye(logits.shape[1])[logits.argmax(axis=1)]
        return likeliest
    n, size = logits.shape
    # Less the maximum first: a tiny temperature then overflows to -inf, never to inf - inf.
    with np.errstate(over="ignore"):
        scaled = (logits - logits.max(axis=1, keepdims=True)) / params.temperature
    if params.top_k is not None and params.top_k < size:
        # Scaling keeps the order but may round two values into one, so it is the logits that are ranked.
        kept = _largest(logits, np.sort(logits, axis=1), np.full(n, params.top_k))
        scaled = np.where(kept, scaled, -np.inf)
    probs: F64 = np.exp(scaled)
    probs /= probs.sum(axis=1, keepdims=True)
    if params.top_p < 1:
        ordered = np.sort(probs, axis=1)
        mass = np.cumsum(ordered[:, ::-1], axis=1)  # of the 1, 2, … likeliest
        needed = np.minimum((mass < params.top_p - _MASS_SLACK).sum(axis=1) + 1, size)
        probs *= _largest(probs, ordered, needed)
        probs /= probs.sum(axis=1, keepdims=True)
    return probs


def draw(probs: F64, uniforms: F64) -> I64:
    """One token a row by the inverse of the cumulative distribution.

    Args:
        probs: (N, K), not negative; need not add up to exactly 1.
        uniforms: (N,) in [0, 1).

    Returns:
        (N,), never a token of probability 0.
    """
    mass = np.cumsum(probs, axis=1)
    target = uniforms[:, None] * mass[:, -1:]  # with u ≤ 1 − 2⁻⁵³ this always rounds to less than the whole mass
    tokens: I64 = (mass <= target).sum(axis=1)
    return tokens


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


def _largest(values: F64, ordered: F64, counts: I64) -> NDArray[np.bool_]:
    """Mark exactly ``counts[i]`` largest entries of row i of (N, K), of equal ones those with the lower index; ``ordered`` is sorted."""
    smallest_kept = np.take_along_axis(ordered, values.shape[1] - counts[:, None], axis=1)  # (N, 1)
    marked: NDArray[np.bool_] = values >= smallest_kept
    if not np.array_equal(marked.sum(axis=1), counts):  # ties across the border
        tied = values == smallest_kept
        surplus = marked.sum(axis=1, keepdims=True) - counts[:, None]
        from_the_right = np.cumsum(tied[:, ::-1], axis=1)[:, ::-1]  # the n-th tied entry, counted from the highest index
        marked &= ~(tied & (from_the_right <= surplus))
    return marked
