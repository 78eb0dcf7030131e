"""The dialog that writes a file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.widgets import Input

from emoterm.imaging.metadata import read_recipe
from emoterm.rendering import render
from emoterm.stickers.fit import problems
from emoterm.stickers.places import place_named
from emoterm.terminal.shorten import cut_end, cut_middle
from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.export import ExportDialog, with_suffix
from emoterm.tui.widgets.choice import Choice
from tests.tui.conftest import Drive, Keys, notices, screen_text


@pytest.mark.parametrize("tabs", range(5))
def test_enter_writes_from_everywhere_and_the_footer_says_so(drive: Drive, home: Path, tabs: int) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e", *["tab"] * tabs)
        assert "⏎ Write esc Cancel" in screen_text(app).splitlines()[-1]
        await keys("enter")
        assert (home / "here" / "grinning-face.png").exists()
        assert not isinstance(app.screen, ExportDialog)

    drive(script)


def test_space_and_arrows_turn_a_choice(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e", "tab")
        choice = app.screen.query_one("#format", Choice)
        await keys("space")
        assert choice.value == "emo"
        await keys("left")
        assert choice.value == "png"
        await keys("shift+tab", "end", "space")
        assert app.screen.query_one("#name", Input).value.endswith(".png ")

    drive(script)


def test_without_a_name_it_asks_for_one(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e", "ctrl+u", "tab", "enter")
        assert "A name is needed" in screen_text(app)
        assert isinstance(app.focused, Input)
        assert list((home / "here").iterdir()) == []
        await keys(*"a.png")
        assert "A name is needed" not in screen_text(app)
        await keys("enter")
        assert [path.name for path in (home / "here").iterdir()] == ["a.png"]

    drive(script)


def test_the_notice_names_the_folder_however_long(drive: Drive, home: Path) -> None:
    deep = home / "here" / "a-folder-with-a-long-name" / "and-another-one-with-a-long-name" / "at-last"
    deep.mkdir(parents=True)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e", "enter")
        assert f"Written: grinning-face.png\nin {cut_middle(str(home / 'here'), 100)}" in notices(app)
        await keys("e")
        app.screen.query_one("#name", Input).value = str(deep / "b.png")
        await keys("enter")
        assert (deep / "b.png").exists()
        told = notices(app).splitlines()[-1]
        assert told.startswith("in /")
        assert told.endswith("at-last")

    drive(script)


def test_texts_are_cut_to_columns_with_a_sign() -> None:
    for text in ("", "a", "emoji", "smiling face with heart-eyes", "📁 ordner 文件夹", "/home/文件夹/emoterm"):
        for width in range(40):
            for cut in (cut_end(text, width), cut_middle(text, width)):
                assert sum(2 if ord(char) > 0x2E80 else 1 for char in cut) <= width
                assert cut == text or not width or "…" in cut
    assert cut_end("grinning face", 9) == "grinning…"
    assert cut_middle("/home/someone/pictures", 11) == "/home…tures"


def test_a_place_chooses_name_format_and_size(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        dialog = app.screen
        name, place = dialog.query_one("#name", Input), dialog.query_one("#place", Choice)
        place.value = "discord"
        await keys.settle()
        assert name.value == "grinning_face.png"  # no hyphens there
        assert not dialog.query_one("#format").display
        assert not dialog.query_one("#size").display
        await keys("enter")
        assert "Discord: 128×128 PNG" in notices(app)
        await keys("e")
        name, place = app.screen.query_one("#name", Input), app.screen.query_one("#place", Choice)
        name.value = "mine.png"
        place.value = "slack"
        await keys.settle()
        assert name.value == "mine.png"  # somebody chose it
        await keys("enter")
        assert "Slack: 128×128 PNG" in notices(app)

    drive(script)
    for file in ("grinning_face.png", "mine.png"):
        data = (home / "here" / file).read_bytes()
        assert problems(data, place_named("discord")) == []
        recipe = read_recipe(data)
        assert recipe is not None
        assert recipe.parameters["for"] in ("discord", "slack")


@pytest.mark.parametrize(("size", "side_px"), [("as drawn", 64), ("256 pixels", 256), ("blocks of 4×4", 256)])
def test_it_can_be_larger(drive: Drive, home: Path, size: str, side_px: int) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        app.screen.query_one("#size", Choice).value = size
        await keys("enter")

    drive(script)
    with Image.open(home / "here" / "grinning-face.png") as image:
        assert image.size == (side_px, side_px)
        blocks = np.asarray(image).reshape(side_px // 4, 4, side_px // 4, 4, 4)  # (S, S, 4) → (S / 4, 4, S / 4, 4, 4)
        assert (blocks == blocks[:, :1, :, :1]).all() == size.startswith("blocks")


def test_nothing_is_written_once_it_is_left(drive: Drive, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()

    def slow(*arguments: Any, **named: Any) -> Any:
        left.wait(5)
        return render(*arguments, **named)

    monkeypatch.setattr("emoterm.tui.screens.file_dialog.render", slow)

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        await keys.pilot.press("enter", "escape")
        left.set()
        await keys.settle()
        assert not isinstance(app.screen, ExportDialog)
        assert "Written" not in notices(app)

    drive(script)
    assert list((home / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "suffix", "name"),
    [
        ("cat.png", "gif", "cat.gif"),
        ("cat.PNG", "emo", "cat.emo"),
        ("Mr. Cat", "png", "Mr. Cat.png"),
        ("my.cat", "png", "my.cat.png"),
        ("here/cat.gif", "png", "here/cat.png"),
        ("pics/", "png", "pics/"),
        ("~/", "png", "~/"),
        (".", "png", "."),
        ("..", "png", ".."),
        ("/", "png", "/"),
    ],
)
def test_another_format_changes_a_suffix_and_nothing_else(typed: str, suffix: str, name: str) -> None:
    assert with_suffix(typed, suffix, known=("png", "gif", "emo")) == name


@pytest.mark.parametrize(("typed", "told"), [("/", "no suffix"), (".", "no suffix"), ("~nobody-of-this-name/a.png", "home folder")])
def test_a_name_that_is_none_is_told_whatever_is_turned(drive: Drive, home: Path, typed: str, told: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        app.screen.query_one("#name", Input).value = typed
        for row, value in (("#format", "emo"), ("#place", "slack"), ("#place", "no place in particular"), ("#format", "png")):
            app.screen.query_one(row, Choice).value = value
            await keys.settle()
        app.screen.query_one("#name", Input).value = typed
        await keys("enter")
        assert told in notices(app)
        assert isinstance(app.screen, ExportDialog)

    drive(script)


def test_a_file_that_exists_is_told_in_words_of_the_dialog(drive: Drive, home: Path) -> None:
    (home / "here" / "a.png").write_bytes(b"mine")

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        app.screen.query_one("#name", Input).value = "a.png"
        await keys("enter")
        assert 'Turn "existing file" to replace' in notices(app)
        assert "--force" not in notices(app)

    drive(script)
    assert (home / "here" / "a.png").read_bytes() == b"mine"


def test_tokens_have_no_size(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e")
        size, kind = app.screen.query_one("#size"), app.screen.query_one("#format", Choice)
        for value, shown in (("emo", False), ("png", True)):
            kind.value = value
            await keys.settle()
            assert size.display == shown

    drive(script)
