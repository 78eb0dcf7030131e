"""What holds on every screen: errors, sizes, help, palette, colours, settings."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.widgets import Static

from emoterm.tui.app import EmotermApp
from emoterm.tui.item import command_line
from emoterm.tui.screens.export import ExportDialog
from emoterm.tui.screens.help import HelpScreen
from emoterm.tui.screens.table import SCREENS, screen_class
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.detail import DetailPane
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys, notices, screen_text


def test_every_screen_survives_any_size(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        for number in "123456":
            await keys(number)
            for size in ((20, 5), (1, 1) if number == "1" else (200, 60), (80, 24)):
                await keys.pilot.resize_terminal(*size)
                await keys.settle()
                assert screen_text(app)
            assert app.current_mode == list(app.MODES)[int(number) - 1]
        assert notices(app) == ""

    drive(script)


def test_a_tiny_terminal_keeps_the_pictures_and_drops_the_details(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        for size, shown in (((20, 5), False), ((80, 24), True)):
            await keys.pilot.resize_terminal(*size)
            await keys.settle()
            assert app.screen.query_one(ThumbnailGrid).size.width > size[0] // 3
            assert app.screen.query_one(DetailPane).display is shown

    drive(script)


def test_a_missing_bundle_is_a_notice_with_the_way_out(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        assert "There is no bundle 'nowhere'" in notices(app)
        assert "emoterm doctor" in notices(app)
        await keys("2", "enter", "3", "5", "1")
        assert app.current_mode == "browse"
        assert "Browse" in screen_text(app)

    assert drive(script, bundle="nowhere").return_code is None  # it did not end by itself


def test_an_unexpected_failure_is_a_notice_and_the_screen_lives(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("boom")

        monkeypatch.setattr(app.engine, "facts", fail)
        await keys("right")
        assert "RuntimeError: boom" in notices(app)
        monkeypatch.undo()
        await keys("right")
        assert "smiling face with heart-eyes" in screen_text(app)

    drive(script)


@pytest.mark.parametrize(("number", "size"), [*((number, (80, 24)) for number in "123456"), ("2", (60, 20)), ("4", (120, 40))])
def test_help_has_the_keys_of_the_screen_and_scrolls(drive: Drive, size: tuple[int, int], number: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys(number)
        own = [binding for binding in type(app.screen).BINDINGS if isinstance(binding, Binding) and binding.description]
        await keys("question_mark")
        assert isinstance(app.screen, HelpScreen)
        pages = [screen_text(app)]
        for _ in range(4):
            await keys("pagedown")
            pages.append(screen_text(app))
        assert all(binding.description in pages[0] for binding in own)
        for word in ("Everywhere", "1 2 3 4 5 6", "Find every action by its name", "Quit", "Back", "Copy"):
            assert any(word in page for page in pages), word
        if number == "1":
            assert any("Arrows" in page for page in pages)
        await keys("pageup", "pageup", "pageup", "pageup")
        assert screen_text(app) == pages[0]
        if pages[0] != pages[-1]:
            await keys("down")
            assert screen_text(app) != pages[0]
        await keys("escape")
        assert app.current_mode == list(app.MODES)[int(number) - 1]
        assert not isinstance(app.screen, HelpScreen)

    drive(script, size=size)


@pytest.mark.parametrize("key", ["escape", "question_mark", "f1", "q"])
def test_help_closes_by_several_keys_and_the_focus_is_where_it_was(drive: Drive, key: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        app.screen.query_one("#style", Choice).focus()
        await keys("question_mark")
        assert "A letter jumps" in " ".join(str(part.render()) for part in app.screen.query(Static))
        await keys(key)
        assert app.is_running
        assert isinstance(app.focused, Choice)

    drive(script)


def test_help_names_the_keys_that_a_person_has_chosen(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("H")
        text = " ".join(screen_text(app).split())
        assert "M Alike" in text
        await keys("H")
        assert not isinstance(app.screen, HelpScreen)

    drive(script, keymap={"more": "M", "help": "H"})


def test_the_palette_has_every_action_and_runs_it(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        titles = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        shown = {active.binding.description for active in app.screen.active_bindings.values() if active.binding.description}
        assert {"Find", "Keep", "Alike", "Look at its codes", "Copy", "Theme", "Help"} <= set(titles) | {"Look at its codes"}
        assert {name for name in shown if name not in ("palette", "Palette")} <= set(titles)
        await titles["Make it end A of the morph"]()  # type: ignore[misc]
        await keys.settle()
        assert set(app.ends) == {"a"}

    drive(script)


@pytest.mark.parametrize("word", ["export", "save", "png"])
def test_the_palette_finds_what_writes_a_file_by_other_words(word: str, drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("colon")
        await keys.type(word)
        found = screen_text(app)
        assert "Export or save as PNG" in found
        assert ("Save to the library" in found) == (word == "save")
        if word != "save":
            await keys("enter")
            assert isinstance(app.screen, ExportDialog)

    drive(script)


def test_no_key_is_one_that_tmux_or_a_terminal_takes() -> None:
    taken = {f"ctrl+{letter}" for letter in "abszqr"}
    owners = {
        owner for each in (EmotermApp, *map(screen_class, SCREENS)) for owner in each.__mro__ if owner.__module__.startswith("emoterm")
    }
    keys = {
        key
        for owner in owners
        for binding in owner.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.action != "nothing"
        for key in binding.key.split(",")
    }
    assert {"q", "a", "space", "escape"} <= keys
    assert not keys & taken


@pytest.mark.parametrize("settings", [{"theme": "textual-light"}, {"theme": "ansi-dark"}, {"grey": True}])
def test_themes_and_no_colours(drive: Drive, settings: dict[str, object]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        text = screen_text(app)
        assert "grinning face" in text
        if settings.get("grey"):
            assert "▀" not in text
            assert any(char in text for char in "░▒▓█")
        else:
            assert app.theme == settings["theme"]
            assert "▀" in text

    drive(script, **settings)


def test_keys_can_be_chosen(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("A")
        assert set(app.ends) == {"a"}

    drive(script, keymap={"mark.a": "A"})


def test_a_command_line_is_quoted_only_where_a_shell_needs_it() -> None:
    assert command_line(("emoterm", "show", "😊@noto")) == "emoterm show 😊@noto"
    assert command_line(("emoterm", "show", "heart eyes")) == "emoterm show 'heart eyes'"
    assert command_line(("emoterm", "show", "it's $HOME")) == "emoterm show 'it'\"'\"'s $HOME'"
