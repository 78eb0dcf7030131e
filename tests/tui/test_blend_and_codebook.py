"""Blend and Codebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input

from emoterm.restyling import LAW, own_style, restyle, words_of
from emoterm.tui.app import EmotermApp
from emoterm.tui.screens import codebook
from emoterm.tui.screens.blend import BlendScreen
from emoterm.tui.screens.codebook import CodebookScreen
from emoterm.tui.widgets.cells import CellMap
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.slider import Slider
from tests.tui.conftest import Drive, Keys, notices, screen_text


def test_a_blend_follows_its_weights(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "end", "w", "4")
        screen = app.screen
        assert isinstance(screen, BlendScreen)
        first, last = app.ingredients
        assert "50% 😀 grinning face + 50% 🐙 octopus" in screen_text(app)
        assert screen.item() is not None
        await keys("home")  # the first weight to 0
        assert (screen.item().pixels == last.pixels).all()  # type: ignore[union-attr]
        await keys("end", "tab", "home")
        assert (screen.item().pixels == first.pixels).all()  # type: ignore[union-attr]
        await keys("shift+tab", "home")
        assert "Every weight is 0" in screen_text(app)
        await keys("slash")
        await keys.type("heart eyes")
        await keys("enter")
        assert len(app.screen.query(Slider)) == 3
        await keys("escape", "x")
        assert [item.label for item in app.ingredients] == ["🐙 octopus", "😍 smiling face with heart-eyes"]

    drive(script)


def test_with_nothing_in_it_it_says_how_to_add_something(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("4")
        assert "/ adds an emoji." in screen_text(app)
        await keys("1", "w", "4")
        assert "/ adds an emoji." not in screen_text(app)
        await keys("x")
        assert "/ adds an emoji." in screen_text(app)

    drive(script)


def test_taking_one_out_leaves_the_keys_with_the_next_weight(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "right", "w", "right", "w", "4", "tab")
        names = [item.label for item in app.ingredients]
        await keys("x")
        assert [item.label for item in app.ingredients] == [names[0], names[2]]
        assert isinstance(app.focused, Slider)
        assert app.focused.label == names[2]
        await keys("x")
        assert isinstance(app.focused, Slider)
        assert app.focused.label == names[0]
        await keys("x", "x")
        assert app.ingredients == []
        assert app.screen.query_one("#add", Input).value == ""
        await keys("1")
        assert app.current_mode == "browse"

    drive(script)


def test_the_same_emoji_twice_has_two_weights(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "w", "end", "w", "4")
        first = app.ingredients[0]
        app.ingredients[1] = app.screen._shown[1] = first  # type: ignore[attr-defined]  # the same object, as from the Sample screen
        await keys("home", "tab", "end")
        await keys("1", "w", "4")
        assert app.screen._weights == [0, 1, 0.5, 0.5]  # type: ignore[attr-defined]
        assert [slider.value for slider in app.screen.query(Slider)] == [0, 1, 0.5, 0.5]
        await keys("x")
        assert app.screen._weights == [0, 0.5, 0.5]  # type: ignore[attr-defined]
        assert app.ingredients[0] is first

    drive(script)


def test_the_ninth_pushes_the_first_out(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "4", "home", "1", "right", *["w"] * 8, "4")
        assert len(app.ingredients) == len(app.screen.query(Slider)) == 8
        assert [slider.value for slider in app.screen.query(Slider)] == [0.5] * 8
        assert {item.label for item in app.ingredients} == {slider.label for slider in app.screen.query(Slider)}

    drive(script)


def test_an_emoji_is_redrawn_in_another_style(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "4", "s", "right")
        screen = app.screen
        assert isinstance(screen, BlendScreen)
        style = screen.query_one("#style", Choice)
        assert style.options == ["as it is", *app.engine.prior.vocabulary.styles]
        redrawn = screen.item()
        assert redrawn is not None
        assert redrawn.label == f"{app.ingredients[0].label} as {style.value}"
        assert redrawn.command[:2] == ("emoterm", "restyle")
        assert redrawn.command[-1] == "0"
        assert f"drawn as {style.value}, seed 0" in screen_text(app)
        await keys("n")
        again = screen.item()
        assert again is not None
        assert again.command[-1] == "1"
        assert (again.tokens != redrawn.tokens).any()
        await keys("left")
        assert screen.item() is app.ingredients[0]
        await keys("n")
        assert "Choose a style first" in notices(app)

    drive(script)


def test_what_the_screen_redraws_the_command_line_makes_too(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("w", "4", "s", "right")
        item = app.screen.item()  # type: ignore[attr-defined]
        engine = app.engine
        style, seed = item.command[4], int(item.command[6])
        source = app.ingredients[0]
        words = words_of(source.entry, engine.prior.vocabulary)
        unlike = own_style(source.entry, words, engine.prior.vocabulary)
        tokens = restyle(source.tokens, [style], prior=engine.prior, words=words, unlike=unlike, seed=seed, params=LAW)
        assert (tokens[0] == item.tokens).all()

    drive(script)


def test_the_two_cursors_of_the_codebook_follow_each_other(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("end", "i")
        assert app.current_mode == "codebook"
        screen = app.screen
        assert isinstance(screen, CodebookScreen)
        item = screen.item()
        assert item is not None
        assert item.label == "🐙 octopus"
        size = len(app.engine.codec.codebook)
        assert sorted(screen._order) == list(range(size))
        await keys("right", "down")
        assert screen._code == item.tokens[17]
        times = int((item.tokens == screen._code).sum())
        assert f"code {screen._code}: {times} in this emoji" in screen_text(app)
        assert "in the gallery" in screen_text(app)

        await keys("tab")
        codes, cells = screen.query_one("#codes", CellMap), screen.query_one("#cells", CellMap)
        assert codes.has_focus
        await keys(*["left"] * 2, *["right"] * 3)
        code = screen._code
        assert cells._marked == frozenset(np.flatnonzero(item.tokens == code).tolist())
        await keys("enter")
        changed = screen.item()
        assert changed is not None
        assert changed.tokens[17] == code
        assert (np.delete(changed.tokens, 17) == np.delete(item.tokens, 17)).all()
        assert "changed" in screen_text(app)
        await keys("u")
        assert screen.item() is item
        await keys("u")
        assert "Nothing to undo" in notices(app)

    drive(script)


def test_the_codebook_fits_both_screens(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("5")
        for name in ("#codes", "#cells", "#code-facts", "#cell-facts"):
            region = app.screen.query_one(name).region
            assert region.height > 0
            assert app.screen.region.contains_region(region), name
        assert screen_text(app)

    drive(script)
    drive(script, size=(200, 60))


def test_where_the_last_row_is_not_full_the_rest_of_it_is_empty(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codebook, "_COLUMNS", 30)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("5", "tab", "end")
        screen = app.screen
        assert isinstance(screen, CodebookScreen)
        assert sorted(screen._order) == list(range(64))  # two rows of 30 and four more
        assert screen._code is None
        assert "no code here" in screen_text(app)
        before = screen.item()
        await keys("enter")
        assert screen.item() is before
        assert before is not None
        await keys("home")
        assert f"code {screen._code}: " in screen_text(app)
        assert notices(app) == ""

    drive(script)


def test_a_bundle_without_a_gallery_has_codes_too(drive: Drive, tiny_bundle_path: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_bundle_path, tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["gallery"] = {}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("5", "tab", "right")
        screen = app.screen
        assert isinstance(screen, CodebookScreen)
        assert f"code {screen._order[1]} " in screen_text(app)
        assert "in the gallery" not in screen_text(app)
        assert "in this emoji" not in screen_text(app)
        assert "This is a bug" not in notices(app)

    drive(script, bundle=str(folder))
