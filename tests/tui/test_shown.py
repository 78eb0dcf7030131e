"""What the Sample screen shows, and can go back to."""

from __future__ import annotations

from typing import cast

import numpy as np

from emoterm.tui.form import Form
from emoterm.tui.item import Item
from emoterm.tui.run import Run
from emoterm.tui.shown import _STEPS_BACK, Shown


def begun(shown: Shown, n: int) -> Run:
    run = Run(Form(n, "", None, 1, 64, 1, 0, 1, 7))
    shown.begin(run)
    for index in range(n):
        assert shown.put((run.number, index), np.full((64, 64, 4), run.number, np.uint8))
    shown.add_items(run, [cast("Item", f"{run.number}-{index}") for index in range(n)])
    return run


def test_one_goes_back_step_by_step_as_far_as_pictures_are_held() -> None:
    shown = Shown()
    runs = [begun(shown, 2) for _ in range(_STEPS_BACK + 3)]
    for run in reversed(runs[-_STEPS_BACK:]):
        assert shown.run is run
        assert shown.item((run.number, 1)) == f"{run.number}-1"
        assert shown.go_back()
    assert shown.keys == [(3, 0), (3, 1)]
    assert shown.pixels((3, 0)) is not None
    assert not shown.go_back()
    assert shown.item((2, 0)) is shown.pixels((2, 0)) is None
    assert shown.item((4, 0)) is None  # nothing goes forward


def test_what_is_dropped_comes_back() -> None:
    shown = Shown()
    run = begun(shown, 3)
    shown.drop((run.number, 1))
    assert shown.keys == [(1, 0), (1, 2)]
    assert shown.go_back()
    assert shown.keys == [(1, 0), (1, 1), (1, 2)]
    assert shown.item((1, 1)) == "1-1"


def test_a_run_without_pictures_leaves_no_trace() -> None:
    shown = Shown()
    first, second = begun(shown, 2), begun(shown, 1)
    assert shown.give_up(second)
    assert shown.run is first
    third = begun(shown, 1)
    shown.drop((third.number, 0))
    assert shown.go_back()
    assert shown.go_back()
    assert not shown.give_up(third)  # something else is shown by now
    assert shown.run is first
    assert shown.go_back()
    assert shown.run is None
    assert not shown.go_back()


def test_only_what_looks_otherwise_is_put_again() -> None:
    shown = Shown()
    begun(shown, 1)
    assert not shown.put((1, 0), np.full((64, 64, 4), 1, np.uint8))
    assert shown.put((1, 0), np.full((64, 64, 4), 2, np.uint8))
