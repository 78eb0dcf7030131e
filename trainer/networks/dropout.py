"""Dropout that costs little on a CPU, too.

Source: Srivastava et al. 2014 (https://jmlr.org/papers/v15/srivastava14a.html).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEVELS = 256
BYTES_OF_A_WORD = 8


def dropout(x: Tensor, p: float) -> Tensor:
    """Zero for a share ``p`` of the elements of ``x``, the others scaled so that their expectation stays; any shape → the same.

    On a CPU torch draws one number after the other, and for the attention weights of a transformer that took longer than all of its
    products. So there a 64-bit number decides on eight elements, a byte on each, and ``p`` is rounded to the nearest 1/256.
    """
    if x.device.type != "cpu":
        return F.dropout(x, p)
    dropped = round(p * LEVELS)
    if dropped == LEVELS:
        return x * 0
    info = torch.iinfo(torch.int64)
    words = torch.randint(info.min, info.max, (-(-x.numel() // BYTES_OF_A_WORD),))
    kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= dropped  # (n / 8,) int64 → (n,) uint8 → as x
    return x * kept * (LEVELS / (LEVELS - dropped))


class Dropout(nn.Dropout):
    """As torch's, by :func:`dropout`."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same."""
        return dropout(x, self.p) if self.p and self.training else x
