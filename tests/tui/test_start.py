"""What happens before a person sees something, and what has time until then."""

from __future__ import annotations

import pytest

from emoterm.prior_graphs import PriorGraphs
from emoterm.tui.app import EmotermApp
from emoterm.tui.engine import Engine
from emoterm.tui.widgets.keys import KeyBar
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked for, in order."""
    asked: list[str] = []
    pixels, preload = Engine.entry_pixels, PriorGraphs.preload

    def entry_pixels(self: Engine, entries: object) -> object:
        asked.append("pictures")
        return pixels(self, entries)  # type: ignore[arg-type]

    def preloaded(self: PriorGraphs) -> None:
        asked.append("prior")
        preload(self)

    monkeypatch.setattr(Engine, "entry_pixels", entry_pixels)
    monkeypatch.setattr(PriorGraphs, "preload", preloaded)
    return asked


def test_the_prior_loads_once_and_behind_the_first_pictures(drive: Drive, loaded: list[str]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("right", "down", "2", "1")

    drive(script)
    assert loaded[0] == "pictures"
    assert loaded.count("prior") == 1


def test_without_pictures_it_loads_after_a_while(drive: Drive, loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoterm.tui.app._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(Engine, "search", lambda *_, **__: [])

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys.pilot.pause(0.4)
        await keys.settle()

    drive(script)
    assert loaded == ["prior"]


def test_the_keys_are_put_together_once(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[int] = []
    recompose = KeyBar.recompose

    async def counted(self: KeyBar) -> None:
        before = list(self.children)
        await recompose(self)
        if list(self.children) != before:
            said.append(len(self.children))

    monkeypatch.setattr(KeyBar, "recompose", counted)

    async def script(app: EmotermApp, keys: Keys) -> None:
        assert isinstance(app.focused, ThumbnailGrid)

    drive(script)
    assert len(said) == 1
    assert said[0] > 3
