"""Pairs of the same emoji in two styles."""

from __future__ import annotations

import pytest
import torch

from trainer.errors import TrainerError
from trainer.siblings import Siblings, check_share, have_siblings
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


def test_data_of_one_style_or_of_none_has_no_siblings() -> None:
    assert have_siblings(ROWS)
    assert not have_siblings([row for row in ROWS if row.style == "noto"])
    assert not have_siblings([EmojiRow("cat"), EmojiRow("cat"), EmojiRow("dog")])


@pytest.mark.parametrize(("share", "rows"), [(0.0, 3), (0.5, 16), (0.5, 2), (1.0, 1), (1 / 3, 3), (0.1, 30)])
def test_a_share_of_whole_rows_is_taken(share: float, rows: int) -> None:
    check_share(share, rows)


@pytest.mark.parametrize(("share", "rows", "nearest"), [(0.5, 3, 2 / 3), (0.5, 1, 1.0), (0.01, 32, 1 / 32), (0.3, 32, 10 / 32)])
def test_a_share_that_would_depend_on_the_number_of_processes_is_refused(share: float, rows: int, nearest: float) -> None:
    with pytest.raises(TrainerError, match="no whole number of rows") as caught:
        check_share(share, rows)
    assert f"--set prior.source_share={nearest}," in str(caught.value.fix)
    check_share(nearest, rows)
