"""Browse: the grid, the search, the filters, the pane."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from emoterm.tui.app import EmotermApp
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.detail import DetailPane
from emoterm.tui.widgets.picture import PictureView
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.gallery_bundle import EMOJIS, ROWS
from tests.tui.conftest import Drive, Keys, notices, screen_text


def shown(app: EmotermApp) -> list[str]:
    return [thumb.caption for thumb in app.screen.query_one(ThumbnailGrid).items]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_it_opens_with_the_gallery_and_the_first_emoji(drive: Drive, size: tuple[int, int]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        assert shown(app) == [name for _, name, *_ in EMOJIS]
        text = screen_text(app)
        for word in ("Browse", "Library", "grinning face", "style noto", "Keep", "Quit", "11 emojis"):
            assert word in text
        pixels = app.screen.query_one("#picture", PictureView).pixels
        assert pixels is not None
        assert pixels.shape == (64, 64, 4)

    drive(script, size=size)


def test_the_search_runs_while_one_types_and_esc_clears_it(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("slash")
        await keys.type("cat")
        assert sorted(shown(app)) == ["cat", "cat face", "smiling cat with heart-eyes"]
        assert shown(app)[0] == "cat"
        await keys("enter")
        assert isinstance(app.focused, ThumbnailGrid)
        await keys("escape")
        await keys.type("")
        assert len(shown(app)) == len(EMOJIS)
        await keys("slash")
        await keys.type("zzzzzz")
        assert shown(app) == []
        assert "No emoji fits" in screen_text(app)

    drive(script)


@pytest.mark.parametrize(("typed", "read_as"), [("cta", "cat"), ("katze", "cat")])
def test_another_spelling_or_language_is_told(drive: Drive, typed: str, read_as: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("slash")
        await keys.type(typed)
        assert shown(app)[0] == "cat"
        assert f"3 for '{read_as}'" in screen_text(app)

    drive(script)


@pytest.mark.parametrize("number", "16")
def test_with_nothing_to_show_the_pane_is_gone_and_comes_back_unless_the_terminal_is_tiny(drive: Drive, number: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", number, "slash")
        await keys.type("zzzzzz")
        assert not app.screen.query_one(DetailPane).display
        assert "grinning" not in screen_text(app)
        await keys("ctrl+u")
        await keys.type("")
        assert app.screen.query_one(DetailPane).display
        await keys.pilot.resize_terminal(40, 20)
        await keys.settle()
        assert not app.screen.query_one(DetailPane).display

    drive(script)


def test_what_does_not_fit_is_cut_with_a_sign(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("right", "m")
        bar, *_ = screen_text(app).splitlines()
        assert bar.rstrip().endswith("…")
        assert "6 Library  most like" in bar
        assert "smiling fac… " in screen_text(app)
        await keys("w", "4")
        assert "smiling face w…" in screen_text(app)

    drive(script)


def test_one_sees_whether_grid_or_pane_has_the_keys(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        grid, pane = app.screen.query_one(ThumbnailGrid), app.screen.query_one(DetailPane)

        def edge() -> set[str]:
            """The characters at the left edge of the pane."""
            return {line[pane.region.x] for line in screen_text(app).splitlines()[pane.region.y : pane.region.bottom]}

        def cursor() -> object:
            """How the name under the cursor is drawn."""
            return next(segment.style for strip in grid.render_lines(grid.size.region) for segment in strip if "▸" in segment.text)

        bright, width = cursor(), pane.query_one(PictureView).size.width
        assert edge() == {" "}
        await keys("tab")
        assert app.focused is pane
        assert edge() == {"▌"}
        assert pane.query_one(PictureView).size.width == width  # nothing moves
        assert cursor() != bright
        await keys("escape")
        assert edge() == {" "}
        assert cursor() == bright

    drive(script)


def test_style_and_group_filter(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        app.screen.query_one("#style", Choice).focus()
        await keys("right")
        assert app.screen.query_one("#style", Choice).value == "every style"
        assert len(shown(app)) == len(ROWS)
        await keys(*["right"] * 3)
        assert app.screen.query_one("#style", Choice).value == "twemoji"
        assert shown(app) == [name for _, name, *_, styles in EMOJIS if "twemoji" in styles]
        app.screen.query_one("#group", Choice).focus()
        await keys("left")
        assert shown(app) == ["cat face", "cat", "octopus"]

    drive(script)


def test_the_cursor_moves_the_pane_follows_and_pictures_can_be_larger(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("end")
        assert "octopus" in str(app.screen.query_one("#facts").render())
        await keys("home", "right")
        assert "smiling face with smiling eyes" in str(app.screen.query_one("#facts").render())
        await keys("left", "left", "up")
        grid = app.screen.query_one(ThumbnailGrid)
        assert grid.cursor == 0
        await keys.pilot.click(ThumbnailGrid, offset=(grid.cell_width + 3, 2))
        await keys.settle()
        assert grid.cursor == 1
        columns = grid.columns
        await keys("plus", "plus")
        assert grid.size_px == 20
        assert grid.columns < columns
        await keys("minus")
        assert grid.size_px == 16

    drive(script)


def test_marks_are_of_the_emoji_under_the_cursor_however_fast_the_keys(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("a", "right", "b")
        assert app.ends["a"].entry is not None
        assert app.ends["b"].entry is not None
        assert [app.ends[end].entry.name for end in "ab"] == ["grinning face", "smiling face with smiling eyes"]  # type: ignore[union-attr]
        assert set(app.screen.query_one(ThumbnailGrid).marks.values()) == {"A", "B"}
        await keys("y")
        assert app.clipboard == f"emoterm show 😊@noto --bundle {app.bundle_name}"
        assert app.clipboard in notices(app)

    drive(script)


def test_more_like_it_lists_the_nearest_first_and_esc_goes_back(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("right", "m")
        assert shown(app)[0] == "smiling face with smiling eyes"
        assert len(shown(app)) == len(set(shown(app))) == len(EMOJIS) - 1  # all but the skin-tone variant
        await keys("escape")
        assert shown(app) == [name for _, name, *_ in EMOJIS]

    drive(script)


def test_the_wide_layout_shows_the_tokens_as_numbers_and_the_look_alikes(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        assert "more like this" in screen_text(app)
        await keys("t")
        tokens = app.screen._detail.item.tokens  # type: ignore[attr-defined]
        assert "".join(f"{token:>3} " for token in tokens[:16]) in screen_text(app)
        picture = app.screen.query_one("#picture", PictureView)
        assert not picture.display
        await keys("t", "g")
        assert picture.display
        assert picture.ground == "checker"

    drive(script, size=(200, 60))


def test_letters_go_into_the_search_not_to_the_actions(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("slash")
        await keys.type("quak ab2")
        assert app.screen.query_one("#query", Input).value == "quak ab2"
        assert app.current_mode == "browse"
        assert app.ends == {}

    drive(script)
