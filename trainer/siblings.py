"""Pairs of pictures: the same emoji in two styles, which is what the prior learns to redraw from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from trainer import draws
from trainer.errors import TrainerError
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


def have_siblings(rows: Sequence[EmojiRow]) -> bool:
    """Whether any emoji comes in two styles."""
    return len({row.text for row in rows}) < len({(row.text, row.style) for row in rows})


def check_share(share: float, rows: int) -> None:
    """Check that every process draws after a source what it was told to.

    Args:
        share: ``prior.source_share``.
        rows: of a batch, in each process.

    Raises:
        TrainerError: a share that comes to no whole number of these rows, or to none: the batch would have more or fewer of them than that,
            by the number of processes.
    """
    wanted = share * rows
    if share and (round(wanted) < 1 or abs(wanted - round(wanted)) > 1e-9):
        nearest = max(1, round(wanted)) / rows
        raise TrainerError(
            f"prior.source_share={share} of the {rows} rows that a process has of each batch is no whole number of rows.",
            fix=f"Change it with --set prior.source_share={nearest}, or the batch with --set prior_optim.batch_size=ROWS",
        )


def _others(number: int, row: EmojiRow, rows: Sequence[EmojiRow], family: Sequence[int]) -> list[int]:
    place = family.index(number)
    in_turn = [*family[place + 1 :], *family[:place]]  # every style has its turn as the first
    return [other for other in in_turn if rows[other].style != row.style] or [number]
