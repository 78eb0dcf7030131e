"""Full collections wait for a quiet moment, and every setting is put back."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from emoterm.tui import smooth
from emoterm.tui.smooth import Smooth


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(smooth.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def settings(clock: list[float]) -> Iterator[Smooth]:
    found = Smooth()
    found.begin()
    yield found
    found.end()
    gc.freeze()  # again, as tests/conftest.py does


def pend(monkeypatch: pytest.MonkeyPatch, collections: int) -> None:
    monkeypatch.setattr(smooth.gc, "get_count", lambda: (0, 0, collections))


def test_everything_is_put_back(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    gc.unfreeze()  # what tests/conftest.py has frozen, for an app begins with nothing frozen
    before = gc.get_threshold(), gc.get_freeze_count()
    found = Smooth()
    found.begin()
    assert gc.get_threshold()[2] > before[0][2]
    clock[0] += 10
    pend(monkeypatch, 50)
    assert found.tidy(is_busy=False)
    assert gc.get_freeze_count() > before[1]
    found.end()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_it_waits_for_a_quiet_moment(settings: Smooth, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    pend(monkeypatch, 10)
    settings.note_event()
    clock[0] += 0.5
    assert not settings.tidy(is_busy=False)  # somebody types
    clock[0] += 5
    assert not settings.tidy(is_busy=True)  # something runs
    clock[0] += 0.5
    assert not settings.tidy(is_busy=False)  # it has only just ended
    clock[0] += 1
    assert settings.tidy(is_busy=False)


def test_it_does_not_wait_for_ever(settings: Smooth, monkeypatch: pytest.MonkeyPatch) -> None:
    pend(monkeypatch, 10_000)
    settings.note_event()
    assert settings.tidy(is_busy=True)


def test_it_does_nothing_where_there_is_nothing_to_collect(settings: Smooth, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    pend(monkeypatch, 0)
    clock[0] += 60
    assert not settings.tidy(is_busy=False)
