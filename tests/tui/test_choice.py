"""One of a few words, chosen by its letter."""

from __future__ import annotations

from emoterm.tui.app import EmotermApp
from emoterm.tui.widgets.choice import Choice
from tests.tui.conftest import Drive, Keys, notices


def test_a_letter_jumps_to_the_next_word_that_begins_with_it(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        choice = app.screen.query_one("#style", Choice)
        choice.set_options(["first", "keep", "noto", "kind", "bold"])
        choice.focus()
        for key, value in (("k", "keep"), ("k", "kind"), ("K", "keep"), ("n", "noto"), ("k", "kind"), ("k", "keep"), ("b", "bold")):
            await keys(key)
            assert choice.value == value
        assert app.library.entries() == []
        assert app.ends == {}

    drive(script)


def test_letters_that_begin_no_word_and_digits_are_left_to_the_screen(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        choice = app.screen.query_one("#style", Choice)
        choice.set_options(["first", "2 styles"])
        choice.focus()
        await keys("a")
        assert choice.value == "first"
        assert "end A of the morph" in notices(app)
        await keys("2")
        assert app.current_mode == "sample"

    drive(script)


def test_letters_that_jump_are_not_offered_as_keys(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        choice = app.screen.query_one("#style", Choice)
        choice.focus()
        await keys.settle()
        assert {"a", "k"} <= set(app.screen.active_bindings)
        choice.set_options(["first", "keep"])
        await keys.settle()
        assert "k" not in app.screen.active_bindings
        assert "a" in app.screen.active_bindings

    drive(script)
