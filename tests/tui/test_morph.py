"""Morph: the slider, the film, the ends, the file."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.widgets import Input

from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.export import ExportDialog
from emoterm.tui.screens.morph import MorphScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.picture import PictureView
from emoterm.tui.widgets.slider import Slider
from tests.tui.conftest import Drive, Keys, notices, screen_text


def between(app: EmotermApp) -> np.ndarray:
    pixels = app.screen.query_one("#between", PictureView).pixels
    assert pixels is not None
    return pixels


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_the_slider_walks_from_one_end_to_the_other(drive: Drive, size: tuple[int, int]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("a", "end", "b", "3")
        assert {end: item.label for end, item in app.ends.items()} == {"a": "😀 grinning face", "b": "🐙 octopus"}
        middle = between(app)
        await keys("home")
        assert (between(app) == app.ends["a"].pixels).all()
        await keys("end")
        assert (between(app) == app.ends["b"].pixels).all()
        assert (middle != between(app)).any()
        await keys("s")
        assert app.ends["a"].label == "🐙 octopus"
        assert (between(app) == app.ends["b"].pixels).all()
        text = screen_text(app)
        for word in ("1.00", "path ‹ lerp ›", "steps", "octopus", "Play", "▲"):
            assert word in text

    drive(script, size=size)


def test_what_is_kept_is_where_the_slider_stands_and_not_what_was_drawn_last(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        drawn, draw, going_on = between(app), app.engine.morph, threading.Event()

        def late(*arguments: Any) -> Any:
            going_on.wait(10)
            return draw(*arguments)

        monkeypatch.setattr(app.engine, "morph", late)
        await keys.pilot.press("end", "k")
        await keys.pilot.pause()
        assert (between(app) == drawn).all()  # still the one of before
        going_on.set()
        await keys.settle()
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        assert kept.recipe.parameters["share"] == 1
        assert (kept.recipe.token_grid()[0] == app.ends["b"].tokens).all()
        assert (app.library.pixels(kept) == app.ends["b"].pixels).all()

    drive(script)


def test_without_marks_it_has_ends_of_its_own_and_others_can_be_typed(drive: Drive) -> None:
    Image.new("RGBA", (32, 32), "red").save("red.png")

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        assert [app.ends[end].spec for end in "ab"] == ["😊@noto", "😍@noto"]
        await keys("b")
        await keys.type("red.png")
        await keys("enter")
        assert app.ends["b"].spec == "red.png"
        assert app.screen.query_one("#share", Slider).has_focus
        await keys("a")
        await keys.type("no such thing at all")
        await keys("enter")
        assert "No emoji is called" in notices(app)
        await keys("p")
        assert app.screen.query_one("#path", Choice).value == "slerp"
        await keys("y")
        assert app.clipboard.startswith("emoterm morph 😊@noto red.png --steps 10 --path slerp --fps 12 --ping-pong -o emoterm-morph.gif")
        app.screen.query_one("#pingpong", Choice).value = "no"
        await keys("y")
        assert app.clipboard.startswith("emoterm morph 😊@noto red.png --steps 10 --path slerp --fps 12 -o emoterm-morph.gif")

    drive(script)


def test_space_plays_and_nothing_runs_when_it_stops(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        screen = app.screen
        assert isinstance(screen, MorphScreen)
        seen = []
        monkey = screen._draw
        screen._draw = lambda pixels, share: (seen.append(share), monkey(pixels, share))[1]  # type: ignore[method-assign]
        app.screen.query_one("#fps", Choice).value = "30"
        await keys("space")
        await keys.pilot.pause(0.5)
        assert len(set(seen)) > 3
        assert screen._timer is not None
        await keys("space")
        count = len(seen)
        await keys.pilot.pause(0.2)
        assert len(seen) == count
        await keys("space", "1")  # leaving the screen stops it too
        assert screen._timer is None

    drive(script)


def test_with_reduced_motion_space_goes_one_frame_on(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        await keys("space")  # once the frames are made
        screen = app.screen
        assert isinstance(screen, MorphScreen)
        assert screen._timer is None
        assert app.screen.query_one("#share", Slider).value == pytest.approx(1 / 9, abs=1e-5)

    drive(script, moving=False)


def test_the_event_loop_makes_neither_the_emoji_nor_the_recipe(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    makers: set[tuple[str, bool]] = set()

    async def script(app: EmotermApp, keys: Keys) -> None:
        def watch(name: str) -> None:
            make = getattr(app.engine, name)

            def watched(*arguments: Any, **named: Any) -> Any:
                makers.add((name, threading.current_thread() is threading.main_thread()))
                return make(*arguments, **named)

            monkeypatch.setattr(app.engine, name, watched)

        watch("between_item")
        watch("recipe")
        await keys("3", "k")
        await keys.pilot.press("e", "e")
        await keys.settle()
        assert isinstance(app.screen, ExportDialog)
        await keys("escape")
        assert isinstance(app.screen, MorphScreen)  # however often it was asked for

    drive(script)
    assert makers == {("between_item", False), ("recipe", False)}


def test_it_can_be_written_to_a_file(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        for suffix in ("gif", "png", "webp", "apng"):
            await keys("e")
            field = app.screen.query_one("#name", Input)
            app.screen.query_one("#format", Choice).value = suffix
            await keys.settle()
            assert field.value.endswith(f".{suffix}")
            field.value = f"emoterm-morph.{suffix}"
            await keys("enter")
            assert f"Written: emoterm-morph.{suffix}" in notices(app)
            assert isinstance(app.screen, MorphScreen)
        await keys("e")
        app.screen.query_one("#place", Choice).value = "slack"
        await keys.settle()
        assert app.screen.query_one("#name", Input).value == "emoterm-morph-2.gif"
        await keys("enter")
        assert re.search(r"Slack: \d+×\d+ GIF, \d+ frames", notices(app))
        await keys("e")  # an existing file stays, unless one says so
        app.screen.query_one("#name", Input).value = "emoterm-morph.gif"
        await keys("enter")
        assert "already exists" in notices(app)
        await keys("escape")
        assert isinstance(app.screen, MorphScreen)

    drive(script)
    for suffix in ("gif", "png", "webp", "apng"):
        with Image.open(Path(f"emoterm-morph.{suffix}")) as image:
            if suffix == "png":
                assert image.size == (10 * 64 + 9 * 2, 64)
            else:
                assert image.size == (64, 64)
                assert image.n_frames > 10  # there and back


def test_the_key_that_finds_elsewhere_types_the_first_end(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3", "slash")
        assert app.focused is app.screen.query_one("#spec-a")

    drive(script)
