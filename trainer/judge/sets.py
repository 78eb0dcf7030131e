"""Which pictures sets are compared by."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from trainer.data import EmojiRow


def one_of_each(rows: Sequence[EmojiRow]) -> Tensor:
    """One picture of each drawing: the plain emoji, and the first of its skin-tone variants; (N,) bool.

    As many pictures of hands as training draws (see :meth:`trainer.data.EmojiSet.weights`), so that sets of real pictures and of samples
    hold like shares of everything.
    """
    seen: set[tuple[str, str, bool]] = set()
    first = []
    for row in rows:
        key = (row.base, row.style, bool(row.skin_tone))
        first.append(key not in seen)
        seen.add(key)
    return torch.tensor(first, dtype=torch.bool)


def spread(n: int, most: int) -> Tensor:
    """At most so many of n rows, drawn without order but always the same: (min(n, most),) int64, rising."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(n))[:most].sort().values
