"""Notices: short, once, and out of the way when somebody says so."""

from __future__ import annotations

import pytest

from emoterm.errors import InputError
from emoterm.tui.app import EmotermApp
from tests.tui.conftest import Drive, Keys, notices, screen_text

LONG = "\n".join(f"line {i} of a text that is too long, with-a-word-without-a-space-that-is-longer-than-a-line" for i in range(30))


def toasts(app: EmotermApp) -> int:
    return len(app.screen.query("Toast"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (200, 60)])
def test_a_long_one_is_cut_to_some_lines_and_keeps_the_way_out(drive: Drive, size: tuple[int, int]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        app.report(InputError(LONG, fix="Type something shorter."))
        await keys.settle()
        (toast,) = app.screen.query("Toast")
        assert toast.region.height <= 12
        text = " ".join(screen_text(app).split())
        assert "Type something shorter." in text or size[0] < 80  # broken over lines
        assert "Type something shorter." in notices(app)
        assert "…" in notices(app)
        app.notify(LONG, markup=False)
        await keys.settle()
        assert all(toast.region.height <= 12 for toast in app.screen.query("Toast"))

    drive(script, size=size, toasts=True)


def test_an_equal_one_takes_the_place_of_the_one_that_is_there(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("4", "y", "y", "y")
        assert toasts(app) == len(app.screen.query("ToastHolder")) == 1
        assert notices(app).count("nothing yet to copy") + notices(app).count("Choose an emoji") == 1

    drive(script, toasts=True)


def test_esc_takes_them_down_before_anything_else(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("slash")
        await keys.type("cat")
        await keys("enter", "a", "b")
        assert toasts(app) == 2
        await keys("escape")
        assert toasts(app) == len(app.screen.query("ToastHolder")) == 0
        assert app.screen.query_one("#query").value == "cat"  # type: ignore[attr-defined]
        await keys("escape")
        assert app.screen.query_one("#query").value == ""  # type: ignore[attr-defined]

    drive(script, toasts=True)


def test_several_deletions_are_told_in_one(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "right", "k", "6", "x")
        assert "deleted; u brings it back." in notices(app)
        await keys("x", "x")
        assert toasts(app) == 1
        assert "3 deleted, " in notices(app)
        await keys("u")
        assert toasts(app) == 0
        await keys("x")
        assert "deleted; u brings it back." in notices(app)

    drive(script, toasts=True)
