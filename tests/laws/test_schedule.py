"""How far a run is, by steps and by the clock."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from trainer.config import OptimConfig
from trainer.schedule import FREE_STEPS, Schedule

OPTIM = OptimConfig(epochs=1, lr=0.1, min_lr=0.01)


def by_steps(steps: int, optim: OptimConfig = OPTIM) -> list[Schedule]:
    """The schedule of a run of so many steps, before each step and after the last."""
    found = []
    for step in range(steps + 1):
        found.append(Schedule(optim, steps))
        found[-1].at(step)
    return found


def by_the_clock(minutes: float, *, seconds_a_step: float, calls: int = 1) -> tuple[Schedule, int]:
    """Run to the end, in so many calls that share what is left equally; the schedule of the last call, and all steps that were done."""
    now, step, seconds = 0.0, 0, 0.0

    def clock() -> float:
        return now

    schedule = Schedule(replace(OPTIM, minutes=minutes), 100)
    for call in range(calls):
        schedule = Schedule(replace(OPTIM, minutes=minutes), 100, seconds=seconds, clock=clock)
        schedule.at(step)
        while not schedule.is_over and schedule.share < (call + 1) / calls:
            now += seconds_a_step
            step += 1
            schedule.at(step)
        seconds = schedule.seconds
        now += 1000.0  # between the calls
    return schedule, step


def test_the_learning_rate_starts_at_lr_and_ends_at_min_lr() -> None:
    rates = [schedule.learning_rate for schedule in by_steps(1000)]
    assert rates[0] == OPTIM.lr
    assert rates[500] == pytest.approx((OPTIM.lr + OPTIM.min_lr) / 2)
    assert rates[999] == pytest.approx(OPTIM.min_lr, rel=1e-3)
    assert rates[1000] == pytest.approx(OPTIM.min_lr)


def test_the_learning_rate_warms_up_in_a_line_and_then_falls_along_a_cosine() -> None:
    optim = replace(OPTIM, warmup_steps=10)
    rates = [schedule.learning_rate for schedule in by_steps(110, optim)]
    assert rates[:10] == pytest.approx([optim.lr * (step + 1) / 10 for step in range(10)])
    assert rates[9] == rates[10] == optim.lr
    assert all(later < earlier for earlier, later in itertools.pairwise(rates[10:]))
    by_hand = [optim.min_lr + (optim.lr - optim.min_lr) * math.cos(math.pi * k / 200) ** 2 for k in range(101)]
    assert rates[10:] == pytest.approx(by_hand)


def test_a_warm_up_longer_than_the_run_takes_half_of_it() -> None:
    optim = replace(OPTIM, warmup_steps=100)
    rates = [schedule.learning_rate for schedule in by_steps(10, optim)]
    assert rates == [schedule.learning_rate for schedule in by_steps(10, replace(OPTIM, warmup_steps=5))]
    assert max(rates) == optim.lr
    assert all(0 < schedule.learning_rate <= optim.lr for schedule in by_steps(1, optim))


def test_by_steps_a_run_is_over_after_the_last_of_them() -> None:
    assert [schedule.is_over for schedule in by_steps(3)] == [False, False, False, True]


def test_by_the_clock_a_run_takes_its_minutes_after_the_steps_that_compile() -> None:
    schedule, steps = by_the_clock(2.0, seconds_a_step=0.5)
    assert steps == FREE_STEPS + 240
    assert schedule.seconds == 120.0
    assert schedule.total_steps == steps


def test_by_the_clock_an_interrupted_run_takes_no_longer() -> None:
    schedule, steps = by_the_clock(2.0, seconds_a_step=0.5, calls=3)
    assert steps == 3 * FREE_STEPS + 240
    assert schedule.seconds == 120.0


def test_by_the_clock_the_learning_rate_follows_it() -> None:
    now = 0.0
    optim = replace(OPTIM, minutes=1.0)
    schedule = Schedule(optim, 100, clock=lambda: now)
    rates = []
    for step in range(FREE_STEPS + 61):
        schedule.at(step)
        rates.append(schedule.learning_rate)
        now += 1.0
    assert rates[:FREE_STEPS] == [optim.lr] * FREE_STEPS
    assert rates[FREE_STEPS:] == pytest.approx(
        [optim.min_lr + (optim.lr - optim.min_lr) * math.cos(math.pi * k / 120) ** 2 for k in range(61)]
    )
    assert schedule.is_over


def test_by_the_clock_the_number_of_epochs_is_told_from_what_is_done() -> None:
    now = 0.0
    schedule = Schedule(replace(OPTIM, minutes=1.0), 10, clock=lambda: now)
    assert schedule.total_steps == 0
    for step in range(FREE_STEPS + 31):  # half of the minute
        schedule.at(step)
        now += 1.0
    assert schedule.share == 0.5
    assert schedule.total_steps == 2 * (FREE_STEPS + 30)
    assert schedule.epochs == 8
