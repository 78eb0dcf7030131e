"""Sample: pictures that appear while they are written, and what can be done with them."""

from __future__ import annotations

import asyncio
import shlex
import threading
from pathlib import Path

import pytest
from textual.widgets import Input, ProgressBar, Static

from emoterm.cli.main import app as command_line
from emoterm.emotions import EMOTIONS
from emoterm.imaging.metadata import read_recipe
from emoterm.recreate import Kitchen
from emoterm.tui.app import EmotermApp
from emoterm.tui.messages import Written
from emoterm.tui.screens.sample import SampleScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.sample_form import AFTER_EMOJIS, AFTER_NOTHING
from emoterm.tui.widgets.slider import Slider
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys, notices, screen_text
from tests.tui.sample_screen import go, screen


def test_pictures_appear_row_by_row_and_the_same_seed_makes_them_again(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[Written] = []
    handle = SampleScreen.on_written
    monkeypatch.setattr(SampleScreen, "on_written", lambda self, message: (states.append(message), handle(self, message)))
    monkeypatch.setattr("emoterm.tui.run._DRAWING_SHARE", 1.0)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        assert app.screen.query_one("#seed_mode", Choice).value == "locked"
        await keys("enter")
        grid = app.screen.query_one(ThumbnailGrid)
        assert len(grid.items) == 4
        assert "seed 7" in screen_text(app)
        assert states
        assert all(0 < state.done < state.total for state in states)
        first = screen(app).item()
        assert first is not None
        unfinished = states[0].pixels[0]
        assert not unfinished[-4:].any()  # nothing is written there yet
        await keys("y")
        assert app.clipboard.startswith("emoterm sample --n 4 --seed 7 --temperature")
        await keys("enter")
        again = screen(app).item()
        assert again is not None
        assert (first.tokens == again.tokens).all()
        assert len(grid.items) == 4

    drive(script)


def test_other_sizes_show_the_same_pictures(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        await keys("enter")
        grid = app.screen.query_one(ThumbnailGrid)
        for key, grows in (("minus", False), ("plus", True)):
            size = grid.size_px
            await keys(key)
            assert (grid.size_px > size) is grows
            assert {thumb.key for thumb in grid.items} <= grid._pixels.keys()
            assert all(pixels.shape == (grid.size_px, grid.size_px, 4) for pixels in grid._pixels.values())
            assert "·" not in "".join(strip.text for strip in grid.render_lines(grid.size.region))

    drive(script)


def test_the_prompt_is_completed_and_counts(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        words = app.engine.prior.vocabulary.words
        word = next(word for word in words if len(word) > 4 and " " not in word)
        await keys("slash")
        await keys.type(word[:3])
        prompt = app.screen.query_one("#words", Input)
        assert prompt._suggestion in words
        await keys("right")
        assert prompt.value in words
        await keys("enter")
        made = screen(app).item()
        assert made is not None
        assert made.recipe.parameters["prompt"] == prompt.value
        await keys("slash")
        prompt.value = "xyzzy"
        await keys("enter")
        assert "knows none of the words of the prompt: 'xyzzy'" in notices(app)
        assert "Plain words work best" in notices(app)

    drive(script)


def test_without_words_chance_picks_emojis_to_draw_after_or_nothing(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        await keys("enter")
        assert "after " in screen_text(app)
        made = screen(app).item()
        assert made is not None
        assert made.recipe.parameters["by_chance"] is True
        await keys("k")
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        assert Kitchen(app.engine.bundle).recreate(kept.path.read_bytes(), kept.recipe).identical
        app.screen.query_one("#drawn", Choice).value = AFTER_NOTHING
        await keys.settle()
        await keys("enter")
        free = screen(app).item()
        assert free is not None
        assert "by_chance" not in free.recipe.parameters
        await keys("y")
        assert "--free" in app.clipboard

    drive(script)


def test_words_are_drawn_after_emojis_that_fit_by_a_law_that_suits_them(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        temperature, guidance = (app.screen.query_one(f"#{name}", Slider) for name in ("temperature", "guidance"))
        await keys("slash")
        await keys.type("cat")
        assert (temperature.value, guidance.value) == (0.7, 3)
        await keys("enter")
        assert "after " in screen_text(app)
        made = screen(app).item()
        assert made is not None
        assert "cat" in made.recipe.parameters["sought"]  # type: ignore[operator]
        await keys("k")
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        assert Kitchen(app.engine.bundle).recreate(kept.path.read_bytes(), kept.recipe).identical
        app.screen.query_one("#drawn", Choice).value = AFTER_NOTHING
        await keys.settle()
        law = app.engine.bundle.manifest.prior.sampling
        usual = (law.temperature, law.guidance)
        assert (temperature.value, guidance.value) == usual != (0.7, 3)
        await keys("enter")
        alone = screen(app).item()
        assert alone is not None
        assert "sought" not in alone.recipe.parameters
        assert (alone.tokens != made.tokens).any()
        await keys("y")
        assert "--words-alone" in app.clipboard
        temperature.value = 1.5
        app.screen.query_one("#drawn", Choice).value = AFTER_EMOJIS
        await keys.settle()
        assert (temperature.value, guidance.value) == (1.5, usual[1])  # set by hand

    drive(script)


def test_keep_discard_vary_and_undo(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        await keys("enter", "right")
        grid = app.screen.query_one(ThumbnailGrid)
        start = screen(app).item()
        assert start is not None
        await keys("k")
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        assert (kept.recipe.token_grid()[0] == start.tokens).all()
        again = Kitchen(app.engine.bundle).recreate(kept.path.read_bytes(), kept.recipe)
        assert again.identical, again.differences
        await keys("x")
        assert len(grid.items) == 3
        assert start.tokens is not screen(app).item()
        await keys("u", "home", "right")
        assert len(grid.items) == 4
        assert screen(app).item() is start
        await keys("v")
        half = len(start.tokens) // 2
        varied = screen(app).item()
        assert varied is not None
        assert (varied.tokens[:half] == start.tokens[:half]).all()
        assert (varied.tokens[half:] != start.tokens[half:]).any()
        await keys("u")
        assert screen(app).item() in screen(app)._shown._items.values()

    drive(script)


def test_no_command_is_copied_for_variations_and_the_right_one_after_undo(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        await keys("enter", "y")
        copied = app.clipboard
        assert copied.startswith("emoterm sample --n 4 --seed 7 ")
        app.copy_to_clipboard("")
        await keys("v", "y")
        assert app.clipboard == ""
        assert "No command makes this one" in notices(app)
        await keys("u", "y")
        assert app.clipboard == copied

    drive(script)


def test_esc_cancels_between_tokens(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="64")
        before = app.engine.prior.generate_rows

        def slowly(*arguments: object, **settings: object) -> object:
            import time

            for item in before(*arguments, **settings):  # type: ignore[arg-type]
                time.sleep(0.02)
                yield item

        monkeypatch.setattr(app.engine.prior, "generate_rows", slowly)
        await keys.pilot.press("enter")
        await asyncio.sleep(0.1)
        await keys.pilot.press("slash", "escape")  # leaves the prompt
        assert isinstance(app.focused, ThumbnailGrid)
        assert screen(app).query_one(ProgressBar).display
        await keys("escape")
        assert "Cancelled" in screen_text(app)
        assert app.screen.query_one(ThumbnailGrid).items == []

    drive(script)


def test_a_run_that_fails_leaves_the_screen_at_rest(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        grid, prompt = app.screen.query_one(ThumbnailGrid), app.screen.query_one("#words", Input)
        prompt.value = "xyzzy"
        await keys("enter")
        assert "knows none of the words of the prompt: 'xyzzy'" in notices(app)
        assert grid.items == []
        prompt.value = "cat"
        await keys("enter", "y")
        shown, copied = list(grid.items), app.clipboard
        prompt.value = "xyzzy"
        await keys("enter")
        assert grid.items == shown
        assert not app.screen.query_one(ProgressBar).display
        assert "Esc cancels" not in screen_text(app)
        assert "Nothing was made." in screen_text(app)
        await keys("y")
        assert app.clipboard == copied
        await keys("v")  # asks for what is shown, and not for what failed
        assert str(app.screen.query_one("#told", Static).content).startswith("seed ")
        await keys("u", "u")
        assert grid.items == []

    drive(script)


@pytest.mark.parametrize("key", ["x", "u"])
def test_a_run_may_fail_while_something_else_is_shown(drive: Drive, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        await keys("enter")
        grid, failing = app.screen.query_one(ThumbnailGrid), threading.Event()
        shown = list(grid.items)

        def fail(*_: object, **__: object) -> None:
            failing.wait(10)
            raise MemoryError

        monkeypatch.setattr(app.engine.prior, "generate_rows", fail)
        await keys.pilot.press("enter", key)
        failing.set()
        await keys.settle()
        assert "Not enough memory" in notices(app)
        assert grid.items == shown
        await keys("u")
        assert grid.items == []

    drive(script)


def test_a_colour_is_painted_in_and_a_feeling_kept(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        await keys("slash")
        await keys.type("happy blue car")
        await keys("enter")
        assert "painting in blue" in screen_text(app)
        made = screen(app).item()
        assert made is not None
        assert (made.recipe.parameters["color"], made.recipe.parameters["feeling"]) == ("blue", "happy")
        await keys("k")
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        assert Kitchen(app.engine.bundle).recreate(kept.path.read_bytes(), kept.recipe).identical

    drive(script, size=(80, 30))  # room for all that is told


@pytest.mark.parametrize("words", ["", "heart"])
def test_an_emotion_is_asked_for_as_the_command_line_does(drive: Drive, words: str) -> None:
    copied: list[tuple[str, bytes]] = []

    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        emotion = app.screen.query_one("#emotion", Choice)
        assert set(emotion.options[1:]) <= {each.name for each in EMOTIONS}
        app.screen.query_one("#words", Input).value = words
        emotion.value = "happy"
        await keys.settle()
        await keys("enter")
        assert "after " in screen_text(app)
        made = screen(app).item()
        assert made is not None
        assert made.recipe.parameters.get("feeling") == ("happy" if words else None)
        assert made.label == f"{words} happy 7-0".strip()
        await keys("y")
        assert "--emotion happy" in app.clipboard
        copied.append((app.clipboard, made.packed))
        app.screen.query_one("#drawn", Choice).value = AFTER_NOTHING
        await keys.settle()
        await keys("enter", "y")
        assert "--emotion happy --words-alone" in app.clipboard

    drive(script)
    ((line, packed),) = copied
    with pytest.raises(SystemExit):
        command_line([*shlex.split(line)[1:], "--device", "cpu", "-o", "same.png"])
    same = read_recipe(Path("same.png").read_bytes())
    assert same is not None
    assert same.tokens == packed
