"""The dialog that writes a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.export import ExportDialog
from emoterm.tui.shorten import cut_end, cut_middle
from emoterm.tui.widgets.choice import Choice
from tests.tui.conftest import Drive, Keys, notices, screen_text


@pytest.mark.parametrize("tabs", range(4))
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
        assert app.screen.query_one("#file", Input).value.endswith(".png ")

    drive(script)


def test_without_a_name_it_asks_for_one(drive: Drive, home: Path) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("e", "ctrl+u", "tab", "enter")
        assert "The file needs a name" in screen_text(app)
        assert isinstance(app.focused, Input)
        assert list((home / "here").iterdir()) == []
        await keys(*"a.png")
        assert "The file needs a name" not in screen_text(app)
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
        app.screen.query_one("#file", Input).value = str(deep / "b.png")
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
