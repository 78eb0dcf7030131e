"""What a grid still has to draw: the newest picture of each key, nothing out of view, one worker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from emoterm.tui.widgets.drawn_thumbs import Cell
from emoterm.tui.widgets.pending import Pending
from emoterm.tui.widgets.thumb import Thumb

LOOK: Any = SimpleNamespace()
OTHER_LOOK: Any = SimpleNamespace(other=True)


def cell(key: object) -> Cell:
    return Cell(Thumb(key))  # type: ignore[arg-type]


def picture(value: int) -> np.ndarray:
    return np.full((64, 64, 4), value, np.uint8)


def test_only_the_newest_picture_of_a_key_is_drawn_and_one_worker_begins() -> None:
    pending = Pending()
    assert pending.give(cell("a"), picture(1), LOOK)
    assert not pending.give(cell("a"), picture(2), LOOK)
    assert not pending.give(cell("b"), picture(3), LOOK)
    taken = pending.take(6)
    assert taken is not None
    assert [(job.thumb.key, int(pixels[0, 0, 0])) for job, pixels in taken[0] if pixels is not None] == [("a", 2), ("b", 3)]
    assert pending.take(6) is None  # the worker ends
    assert pending.give(cell("c"), picture(4), LOOK)  # and another must begin


def test_what_is_wanted_replaces_what_was_wanted_before() -> None:
    pending = Pending()
    assert pending.want([(cell(i), None) for i in range(4)], LOOK)
    first = pending.take(2)
    assert first is not None
    assert [job.thumb.key for job, _ in first[0]] == [0, 1]
    assert not pending.want([(cell(i), None) for i in (1, 8, 9)], LOOK)  # 1 is being drawn
    second = pending.take(6)
    assert second is not None
    assert [job.thumb.key for job, _ in second[0]] == [8, 9]


def test_pictures_that_were_given_come_before_those_that_are_wanted() -> None:
    pending = Pending()
    pending.want([(cell("far"), None)], LOOK)
    pending.give(cell("new"), picture(1), LOOK)
    taken = pending.take(6)
    assert taken is not None
    assert [job.thumb.key for job, _ in taken[0]] == ["new"]


def test_another_look_draws_again_what_is_being_drawn() -> None:
    pending = Pending()
    pending.want([(cell("a"), None)], LOOK)
    pending.take(1)
    pending.want([(cell("a"), None)], OTHER_LOOK)
    taken = pending.take(1)
    assert taken is not None
    assert taken[1] is OTHER_LOOK
    assert len(taken[0]) == 1


def test_nothing_wanted_starts_nothing() -> None:
    assert not Pending().want([], LOOK)


def test_after_a_failure_the_next_request_starts_a_worker() -> None:
    pending = Pending()
    pending.give(cell("a"), picture(1), LOOK)
    pending.take(1)
    pending.abandon()
    assert pending.give(cell("a"), picture(1), LOOK)
