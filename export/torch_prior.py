"""The prior in torch, as what its graphs are held against."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.conditions import CONTEXT
from trainer.prior import Prior


def logits(prior: Prior, sequence: Tensor, guide: Tensor | None = None, windows: Mapping[int, int] | None = None) -> Tensor:
    """What it makes of whole sequences, without a cache.

    Args:
        prior: in eval mode.
        sequence: (N, T): contexts and codes.
        guide: (N, 256, 2 C), what words or a source say of the cells of each.
        windows: of its local layers, see :meth:`trainer.prior.Prior.extend`.

    Returns:
        (N, T, K).
    """
    positions = torch.arange(sequence.shape[1])
    # Nothing is said to the slots: (N, 256, 2 C) → (N, T, 2 C)
    padded = None if guide is None else F.pad(guide, (0, 0, CONTEXT - 1, 0))[:, : len(positions)]
    return prior.extend(sequence, positions, guide=padded, windows=windows)[0]
