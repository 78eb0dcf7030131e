"""Pairs of pictures: the same emoji in two styles, which is what the prior learns to redraw from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from trainer import draws
from trainer.sources.row import EmojiRow


class Siblings:
    """For each row, the rows of the same name in other styles. A row that has none is its own."""

    def __init__(self, rows: Sequence[EmojiRow], device: torch.device) -> None:
        by_name: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            by_name[row.text].append(number)
        others = [_others(number, row, rows, by_name[row.text]) for number, row in enumerate(rows)]
        width = max(len(found) for found in others)
        self.others_NW = torch.tensor([found + [found[0]] * (width - len(found)) for found in others], device=device)
        self.count_N = torch.tensor([len(found) for found in others], device=device)

    def draw(self, rows: Tensor) -> Tensor:
        """One of the siblings, at random: (B,) → (B,) row numbers."""
        which_B = (draws.rand(len(rows), device=rows.device) * self.count_N[rows]).long()
        return self.others_NW[rows, which_B]

    def first(self, rows: Tensor) -> Tensor:
        """Always the same sibling, the next in the order of the rows: (B,) → (B,) row numbers."""
        return self.others_NW[rows, 0]


def _others(number: int, row: EmojiRow, rows: Sequence[EmojiRow], family: Sequence[int]) -> list[int]:
    place = family.index(number)
    in_turn = [*family[place + 1 :], *family[:place]]  # every style has its turn as the first
    return [other for other in in_turn if rows[other].style != row.style] or [number]
