"""The drawings that no model is trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.sources.line_art import _DRAWINGS, draw


def test_they_are_the_same_every_time_and_more_of_them_begin_with_the_same() -> None:
    few, many = load_emojis("lineart:6"), load_emojis("lineart:30")
    assert torch.equal(few.images, many.images[:6])
    assert len({picture.numpy().tobytes() for picture in many.images}) == 30


def test_every_kind_is_drawn_and_all_belong_to_the_test_split() -> None:
    emojis = load_emojis("lineart:30")
    assert {row.text for row in emojis.rows} == set(_DRAWINGS)
    assert {(row.style, row.split) for row in emojis.rows} == {("lineart", "test")}
    assert emojis.weights().tolist() == [1] * 30


def test_they_have_black_outlines_on_a_transparent_ground_and_stay_inside() -> None:
    images = load_emojis("lineart:60").images.numpy()
    alpha = images[:, 3]
    black = (alpha == 255) & (images[:, :3].max(1) == 0)
    assert (black.mean((1, 2)) > 0.02).all()
    assert (alpha[:, [0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()  # corners
    assert (alpha > 0).mean((1, 2)).min() > 0.03
    assert (images[:, :3] <= alpha[:, None]).all()


def test_a_drawing_needs_no_others_before_it() -> None:
    np.testing.assert_array_equal(np.asarray(draw(17).picture), np.asarray(draw(17).picture))
    assert draw(17).text == load_emojis("lineart:18").rows[17].text


@pytest.mark.parametrize("count", ["", "0", "-3", "many", "10001", "1.5"])
def test_nonsense_is_refused(count: str) -> None:
    with pytest.raises(TrainerError, match="lineart:"):
        load_emojis(f"lineart:{count}")
