"""The line at the foot says which keys work, and no others."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.events import AppFocus
from textual.widgets import Input

from emoterm.tui.app import EmotermApp
from emoterm.tui.screens.sample import SampleScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.keys import KeyBar
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys, screen_text


def foot(app: EmotermApp) -> str:
    return screen_text(app).splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("keys_there", "foot_there"),
    [
        (("slash",), "⏎ Done esc Back f1 Help"),
        (("2", "slash"), "⏎ Go esc Back f1 Help"),
        (("3", "a"), "⏎ Done esc Back f1 Help"),
        (("4", "slash"), "⏎ Add esc Back f1 Help"),
        (("6", "slash"), "⏎ Done esc Back f1 Help"),
        (("e",), "⏎ Write esc Cancel"),
    ],
)
def test_in_a_text_field_it_shows_what_is_not_typed_there(drive: Drive, keys_there: tuple[str, ...], foot_there: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys(*keys_there)
        assert isinstance(app.focused, Input)
        assert foot(app) == foot_there
        before = app.focused.value
        await keys(*"q/?:@-_\\1 k")
        assert app.focused.value in (f"{before}q/?:@-_\\1 k", "q/?:@-_\\1 k")  # a name that is selected is replaced

    drive(script)


def test_outside_of_text_fields_nothing_is_missing(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        before = foot(app)
        assert "/ Find" in before
        assert "? Help" in before
        await keys("slash")
        assert foot(app) != before
        await keys("escape")
        assert foot(app) == before

    drive(script, size=(120, 24))


def test_enter_makes_emojis_from_the_grid_and_from_choices_and_is_always_offered(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("2")
        assert isinstance(app.screen, SampleScreen)
        count = app.screen.query_one("#count", Choice)
        count.value = "1"
        await keys("enter")
        assert len(app.screen.query_one(ThumbnailGrid).items) == 1
        assert "⏎ Go" in foot(app)
        count.focus()
        await keys("right")
        assert "⏎ Go" in foot(app)
        await keys("enter")
        assert count.value == "4"
        assert len(app.screen.query_one(ThumbnailGrid).items) == 4

    drive(script)


def test_up_and_down_move_between_the_rows_of_a_form(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        async def walk(key: str, n: int) -> list[str | None]:
            found = []
            for _ in range(n):
                await keys(key)
                found.append(app.focused.id if app.focused is not None else None)
            return found

        await keys("2", "slash")
        form = [widget.id for widget in app.screen.focus_chain]
        assert form[0] == "words"
        assert await walk("down", len(form) - 1) == form[1:]
        assert isinstance(app.focused, ThumbnailGrid)  # which has its own use for them
        await keys("up")
        assert isinstance(app.focused, ThumbnailGrid)
        await keys("shift+tab")
        assert await walk("up", len(form) - 2) == form[-3::-1]

    drive(script)


def test_the_filters_of_browse_stand_side_by_side_and_are_no_rows(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("slash", "down")
        assert isinstance(app.focused, Input)

    drive(script)


@pytest.mark.parametrize("columns", [40, 50, 80, 200])
def test_every_foot_shows_the_way_out(drive: Drive, columns: int) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k")
        for screen in "123456":
            await keys(screen)
            assert foot(app).endswith("? Help q Quit")

    drive(script, size=(columns, 24))


def test_keys_that_were_out_of_sight_come_back_with_the_room_for_them(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        wide = foot(app)
        await keys.pilot.resize_terminal(40, 24)
        await keys.settle()
        assert len(foot(app)) <= 40
        await keys.pilot.resize_terminal(80, 24)
        await keys.settle()
        assert foot(app) == wide

    drive(script)


def test_the_foot_is_there_once_the_terminal_has_the_focus(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App.app_focus, "_default", False)

    async def script(app: EmotermApp, keys: Keys) -> None:
        app.post_message(AppFocus())
        await keys.settle()
        await keys("right")
        assert foot(app).endswith("? Help q Quit")

    drive(script)


def test_what_fits_does_not_depend_on_the_width_before(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        narrowest = len(foot(app))
        for columns in (narrowest, narrowest - 1, narrowest, narrowest + 1):
            await keys.pilot.resize_terminal(columns, 24)
            await keys.settle()
            assert app.screen.query_one(KeyBar).has_class("-full") == (columns < narrowest)

    drive(script)


def test_a_foot_that_fits_again_shows_all_of_it(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("2")
        before = foot(app)
        await keys("slash", "escape")
        assert foot(app) == before
        await keys("slash")
        await keys("escape")
        assert foot(app) == before
        assert before.endswith("Undo ? Help q Quit")
        assert len(before) == 80  # and no column is left

    drive(script)
