"""What is random in a stage comes from its seed and from how far it is, and from nothing before: there is no state of a generator to save.

The random numbers of a step are those of (seed, stage, step), the order of the pictures that of (seed, stage, epoch).
"""

from __future__ import annotations

import zlib

import torch
from torch import Tensor


def stage_seed(seed: int, stage: str) -> int:
    """The seed of a run → that of one of its stages, by name: two stages draw nothing alike."""
    return seed ^ zlib.crc32(stage.encode())


def epoch_order(weights: Tensor, n: int, *, seed: int, epoch: int) -> Tensor:
    """The rows of one epoch: n draws by weight, (n,) int64, without repeats where there are enough rows."""
    generator = torch.Generator().manual_seed(mix(seed, epoch, 0))
    return torch.multinomial(weights.double().cpu(), n, replacement=n > int((weights > 0).sum()), generator=generator)


def mix(*values: int) -> int:
    """One 63-bit seed from several numbers (splitmix64), so that neighbouring steps have unrelated draws."""
    state = 0
    for value in values:
        state = (state ^ (value & 0xFFFFFFFFFFFFFFFF)) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 31
    return state >> 1
