"""One large picture: drawn in a worker where that knows it, and never in a look that is none any more."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from textual.geometry import Region
from textual.strip import Strip

from emoterm.tui.app import EmotermApp
from emoterm.tui.widgets import picture
from emoterm.tui.widgets.picture import PictureView
from tests.tui.conftest import Drive, Keys


@pytest.fixture
def drawn_by(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Who has drawn a picture, and for how many columns."""
    found: list[tuple[str, int]] = []
    draw = picture._draw

    def told(pixels: np.ndarray | None, look: picture.Look) -> list[picture.ReadyStrip]:
        found.append(("loop" if threading.current_thread() is threading.main_thread() else "worker", look.space.width))
        return draw(pixels, look)

    monkeypatch.setattr(picture, "_draw", told)
    return found


def view_of(app: EmotermApp) -> PictureView:
    return app.screen.query_one("#between", PictureView)


def lines_of(view: PictureView) -> list[Strip]:
    assert view._drawn is not None
    return list(view._drawn.lines)


def test_the_event_loop_draws_nothing_of_what_the_slider_shows(drive: Drive, drawn_by: list[tuple[str, int]]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        before = lines_of(view_of(app))
        drawn_by.clear()
        await keys("right", "right")
        assert {who for who, _ in drawn_by} == {"worker"}
        assert lines_of(view_of(app)) != before

    drive(script)


def test_what_was_drawn_ahead_in_another_size_is_drawn_anew(drive: Drive, drawn_by: list[tuple[str, int]]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        view = view_of(app)
        pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 4), np.uint8)
        view.draw_ahead(pixels)
        ahead = view._ahead
        await keys.pilot.resize_terminal(100, 30)
        await keys.settle()
        drawn_by.clear()
        view.pixels = pixels
        await keys.settle()
        assert drawn_by == [("loop", view.size.width)]
        assert ahead is not None
        assert ahead.look.space != view.size
        assert len(lines_of(view)) == view.size.height
        assert {line.cell_length for line in lines_of(view)} == {view.size.width}

    drive(script)


def test_another_picture_than_the_one_ahead_is_drawn_as_it_is(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        view = view_of(app)
        first, other = np.random.default_rng(2).integers(0, 256, (2, 64, 64, 4), np.uint8)
        view.draw_ahead(first)
        view.pixels = other
        await keys.settle()
        as_it_is = lines_of(view)
        view.pixels = first
        await keys.settle()
        assert lines_of(view) != as_it_is

    drive(script)


@pytest.mark.parametrize("settings", [{}, {"grey": True}, {"theme": "textual-ansi"}])
def test_a_part_of_it_is_that_part_of_the_whole(drive: Drive, settings: dict[str, Any]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("3")
        view = view_of(app)
        whole = view.render_lines(view.size.region)
        part = view.render_lines(Region(3, 2, 9, 4))
        assert [line.text for line in part] == [line.text[3:12] for line in whole[2:6]]
        assert [list(line) for line in part] == [list(line.crop(3, 12)) for line in whole[2:6]]
        text = "".join(line.text for line in whole)
        assert ("▀" in text) is not settings.get("grey", False)
        ground = view.background_colors[1]
        for line in whole:  # all that the app wants done with a line has been done
            plain = list(line)
            for line_filter in app.get_line_filters():
                assert list(line_filter.apply(plain, ground)) == plain

    drive(script, **settings)
