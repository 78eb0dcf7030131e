"""Pairs of the same emoji in two styles."""

from __future__ import annotations

import torch

from trainer.siblings import Siblings
from trainer.sources.row import EmojiRow

CPU = torch.device("cpu")
ROWS = [
    EmojiRow("cat", style="noto"),
    EmojiRow("dog", style="noto"),
    EmojiRow("cat", style="blob"),
    EmojiRow("cat", style="twemoji"),
    EmojiRow("dog", style="blob"),
    EmojiRow("owl", style="blob"),
]


def test_a_sibling_has_the_same_name_and_another_style() -> None:
    siblings = Siblings(ROWS, CPU)
    torch.manual_seed(0)
    rows = torch.arange(5).repeat(40)
    drawn = siblings.draw(rows)
    assert all(ROWS[a].text == ROWS[b].text and ROWS[a].style != ROWS[b].style for a, b in zip(rows.tolist(), drawn.tolist(), strict=True))
    assert set(drawn[rows == 0].tolist()) == {2, 3}  # each of them comes


def test_who_has_no_sibling_is_its_own() -> None:
    assert Siblings(ROWS, CPU).draw(torch.tensor([5])).tolist() == [5]
    assert Siblings(ROWS, CPU).first(torch.tensor([5])).tolist() == [5]


def test_the_first_sibling_goes_round() -> None:
    assert Siblings(ROWS, CPU).first(torch.tensor([0, 2, 3, 1, 4])).tolist() == [2, 3, 0, 4, 1]
