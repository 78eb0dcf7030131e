"""Helpers for the tests of the Sample screen."""

from __future__ import annotations

from textual.widgets import Input

from emoterm.tui.app import EmotermApp
from emoterm.tui.form import Form
from emoterm.tui.screens.sample import SampleScreen
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.sample_form import SampleForm
from tests.tui.conftest import Keys


def asked(app: EmotermApp) -> Form:
    return screen(app).query_one(SampleForm).read()


def screen(app: EmotermApp) -> SampleScreen:
    assert isinstance(app.screen, SampleScreen)
    return app.screen


async def go(app: EmotermApp, keys: Keys, *, count: str = "4", seed: str = "7") -> None:
    await keys("2")
    app.screen.query_one("#count", Choice).value = count
    app.screen.query_one("#seed", Input).value = seed
    await keys.settle()
