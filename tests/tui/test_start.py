"""What happens before a person sees something, and what has time until then."""

from __future__ import annotations

from typing import Any

import pytest
from textual.dom import DOMNode
from textual.events import AppBlur, AppFocus
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from emoterm.codec import Codec
from emoterm.prior_graphs import PriorGraphs
from emoterm.tui.app import EmotermApp
from emoterm.tui.engine import Engine
from emoterm.tui.messages import Thumbnails
from emoterm.tui.widgets.keys import KeyBar
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked for, in order."""
    asked: list[str] = []
    show, preload, preload_codec = ThumbnailGrid.on_thumbnails, PriorGraphs.preload, Codec.preload

    def shown(self: ThumbnailGrid, message: Thumbnails) -> None:
        asked.append("pictures are there")
        show(self, message)

    def preloaded(self: PriorGraphs) -> None:
        asked.append("prior")
        preload(self)

    def preloaded_codec(self: Codec, *names: str) -> None:
        asked.extend(names)
        preload_codec(self, *names)

    monkeypatch.setattr(ThumbnailGrid, "on_thumbnails", shown)
    monkeypatch.setattr(PriorGraphs, "preload", preloaded)
    monkeypatch.setattr(Codec, "preload", preloaded_codec)
    return asked


def test_the_prior_loads_once_and_behind_the_first_pictures(drive: Drive, loaded: list[str]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("right", "down", "2", "1")

    drive(script)
    assert list(dict.fromkeys(loaded)) == ["decoder", "pictures are there", "prior"]
    assert loaded.count("prior") == 1


def test_without_pictures_it_loads_after_a_while(drive: Drive, loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoterm.tui.app._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(Engine, "search", lambda *_, **__: [])

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys.pilot.pause(0.4)
        await keys.settle()

    drive(script)
    assert loaded == ["decoder", "prior"]


def test_the_keys_are_put_together_once(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    recompose = Footer.recompose

    async def counted(self: Footer) -> None:
        await recompose(self)
        made.append(len(self.children))

    monkeypatch.setattr(Footer, "recompose", counted)

    async def script(app: EmotermApp, keys: Keys) -> None:
        assert len(made) == 1
        assert made[0] > 3
        bar = app.screen.query_one(KeyBar)
        await bar.recompose()  # as when Textual tells of a change twice
        bar.bindings_changed(app.screen)
        await keys.settle()
        assert len(made) == 1

    drive(script)


def test_no_key_is_styled_twice(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[str] = []
    update = DOMNode.update_node_styles

    def updated(self: DOMNode, animate: bool = True) -> None:
        styled.append(type(self).__name__)
        update(self, animate)

    monkeypatch.setattr(DOMNode, "update_node_styles", updated)

    async def script(app: EmotermApp, keys: Keys) -> None:
        assert app.screen.query("FooterKey")
        assert "FooterKey" not in styled

    drive(script)


def test_only_the_grid_is_given_the_keys(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    set_focus = Screen.set_focus

    def focused(self: Screen[None], widget: Widget | None, *arguments: Any, **named: Any) -> None:
        given.append(type(widget).__name__)
        set_focus(self, widget, *arguments, **named)

    monkeypatch.setattr(Screen, "set_focus", focused)

    async def script(app: EmotermApp, keys: Keys) -> None:
        assert isinstance(app.focused, ThumbnailGrid)

    drive(script)
    assert given[0] == "ThumbnailGrid"
    assert "Input" not in given


def test_a_screen_that_another_came_over_while_the_terminal_looked_away_has_the_keys_again(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        app.simulate_key("i")
        app.post_message(AppBlur())
        await keys.settle()
        app.post_message(AppFocus())
        await keys.settle()
        assert app.current_mode == "codebook"
        await keys("1")
        grid = app.screen.query_one(ThumbnailGrid)
        assert app.focused is grid
        await keys("right")
        assert grid.cursor == 1

    drive(script)
