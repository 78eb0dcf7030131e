"""The dialog that writes many emojis into a folder."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.widgets import Input

from emoterm.files import distinct, safe_stem
from emoterm.imaging.metadata import read_recipe
from emoterm.rendering import render
from emoterm.stickers.fit import problems
from emoterm.stickers.places import place_named
from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.pack import PackDialog
from emoterm.tui.screens.sample import SampleScreen
from emoterm.tui.widgets.choice import Choice
from tests.tui.conftest import Drive, Keys, notices


def test_new_emojis_become_a_pack_for_a_place(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("2")
        app.screen.query_one("#count", Choice).value = "4"
        app.screen.query_one("#words", Input).value = "face"
        app.screen.query_one("#seed", Input).value = "7"
        await keys("enter", "E")
        assert isinstance(app.screen, PackDialog)
        assert app.screen.query_one("#name", Input).value == "emoterm-7"
        app.screen.query_one("#place", Choice).value = "slack"
        await keys.settle()
        assert app.screen.query_one("#name", Input).value == "emoterm-7-slack"
        await keys("enter")
        assert "Written: 4 files\nSlack: 4 files" in notices(app)
        assert not isinstance(app.screen, PackDialog)

    drive(script)
    folder = home / "here" / "emoterm-7-slack"
    names = [f"face_{number}.png" for number in range(1, 5)]
    assert sorted(file.name for file in folder.iterdir()) == names
    for index, file in enumerate(map(folder.joinpath, names)):
        assert problems(file.read_bytes(), place_named("slack")) == []
        recipe = read_recipe(file.read_bytes())
        assert recipe is not None
        assert (recipe.parameters["first_picture"], recipe.parameters["for"]) == (index, "slack")


def test_what_was_kept_is_written_as_it_is_called(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "6", "E", "enter")
        assert "Written: 2 files" in notices(app)
        await keys("E", *["backspace"] * 40, *"emoterm-kept", "enter")  # a folder that is there, with files that are there
        assert "already exists" in notices(app)
        assert isinstance(app.screen, PackDialog)
        await keys(*["tab"] * 3, "space", "enter")
        assert not isinstance(app.screen, PackDialog)

    app = drive(script)
    kept = {entry.name: app.library.pixels(entry) for entry in app.library.entries()}
    files = {file.stem: file for file in (home / "here" / "emoterm-kept").iterdir()}
    assert files.keys() == kept.keys()
    for name, file in files.items():
        with Image.open(file) as image:
            assert (image.convert("RGBA").tobytes()) == kept[name].tobytes()


def test_only_what_fits_the_search(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "6", "slash")
        name = app.library.entries()[0].name
        await keys.type(name)
        await keys("enter", "E", "enter")
        assert [file.stem for file in (home / "here" / "emoterm-kept").iterdir()] == [name]

    drive(script)


def test_there_must_be_something(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        for screen in ("2", "6"):
            await keys(screen, "E")
            assert "There is nothing yet to write." in notices(app)
            assert not isinstance(app.screen, PackDialog)

    drive(script)


def test_what_nobody_asked_for_is_called_as_what_it_is_drawn_after(drive: Drive, home: Path) -> None:
    names: list[str] = []

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("2")
        app.screen.query_one("#count", Choice).value = "4"
        await keys("enter")
        assert isinstance(app.screen, SampleScreen)
        names.extend(name for name, _ in app.screen.all_emojis())
        await keys("x", "E")
        app.screen.query_one("#name", Input).value = "pack"
        await keys("enter")
        assert "Written: 3 files" in notices(app)

    drive(script)
    assert not any(name.startswith("emoji") for name in names)
    assert sorted(file.stem for file in (home / "here" / "pack").iterdir()) == sorted(distinct(map(safe_stem, names[1:])))


def slowly(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Each file waits for the event."""
    go_on = threading.Event()

    def slow(*arguments: Any, **named: Any) -> Any:
        go_on.wait(5)
        return render(*arguments, **named)

    monkeypatch.setattr("emoterm.tui.screens.file_dialog.render", slow)
    return go_on


def test_a_second_enter_while_it_writes_does_nothing(drive: Drive, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = slowly(monkeypatch)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "right", "k")
        await keys("6", "E")
        await keys.pilot.press("enter", "enter", "enter")
        go_on.set()
        await keys.settle()
        assert "Written: 3 files" in notices(app)
        assert "already exists" not in notices(app)

    drive(script)
    assert len(list((home / "here" / "emoterm-kept").iterdir())) == 3


def test_what_is_left_undone_is_told(drive: Drive, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = slowly(monkeypatch)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "right", "k")
        await keys("6", "E")
        await keys.pilot.press("enter", "escape")
        go_on.set()
        await keys.settle()
        assert not isinstance(app.screen, PackDialog)
        for _ in range(100):  # a worker that was cancelled counts as finished, and its thread is at its last file
            if notices(app).strip():
                break
            await keys.pilot.pause(0.05)
        assert "Stopped: 1 of 3 files are in emoterm-kept" in notices(app)
        await keys("E")
        app.library.entries()[1].path.unlink()
        await keys("enter")
        assert "Written: 2 of 3 files; gone meanwhile: " in notices(app)

    drive(script)


def test_what_is_odd_about_a_picture_is_told(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        app.library.folder.mkdir(parents=True)
        Image.new("RGBA", (64, 64)).save(app.library.folder / "nothing.png")
        await keys("6", "E")
        app.screen.query_one("#place", Choice).value = "slack"
        await keys("enter")
        assert "The picture is empty" in notices(app)

    drive(script)


def test_somebody_elses_home_is_told(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k")
        await keys("6", "E")
        app.screen.query_one("#name", Input).value = "~nobody-of-this-name/x"
        await keys("enter")
        assert "home folder" in notices(app)
        assert isinstance(app.screen, PackDialog)

    drive(script)
