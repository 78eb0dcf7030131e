"""Library: keeping, finding, favourites, deleting and taking it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.widgets import Input

from emoterm.errors import OutputError
from emoterm.imaging.metadata import embed_recipe, read_recipe
from emoterm.imaging.png import encode_png
from emoterm.recreate import Kitchen
from emoterm.rendering import Rendering, render
from emoterm.tui.app import EmotermApp
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys, notices, screen_text


def names(app: EmotermApp) -> list[str]:
    return [thumb.caption for thumb in app.screen.query_one(ThumbnailGrid).items]


def test_what_is_kept_can_be_found_starred_deleted_and_brought_back(drive: Drive, home: Path) -> None:
    folder = home / "data" / "emoterm" / "library"

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("6")
        assert "Nothing is kept yet" in screen_text(app)
        await keys("1", "k", "end", "k", "6")
        assert sorted(names(app)) == ["grinning-face", "octopus"]
        data = (folder / "octopus.png").read_bytes()
        recipe = read_recipe(data)
        assert recipe is not None
        assert recipe.parameters["picture"] == "🐙@noto"
        with Image.open(folder / "octopus.png") as image:
            seen = np.asarray(image)
        assert (seen == app.engine.item_from("🐙").pixels).all()

        last = names(app)[1]
        await keys("end", "f")
        assert names(app)[0] == last  # favourites come first
        assert "★" in app.screen.query_one(ThumbnailGrid).marks.values()
        await keys("slash")
        await keys.type("octo")
        assert names(app) == ["octopus"]
        await keys("enter", "x")
        assert names(app) == []
        assert not (folder / "octopus.png").exists()
        await keys("u")
        assert names(app) == ["octopus"]
        assert (folder / "octopus.png").read_bytes() == data
        await keys("r")
        assert app.clipboard == str(folder / "octopus.png")
        await keys("a", "y")
        assert app.ends["a"].spec == str(folder / "octopus.png")
        assert app.clipboard.startswith(f"emoterm show {folder}")

    drive(script)


def test_a_search_reads_no_file(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "end", "k", "6")
        monkeypatch.setattr("emoterm.library.read_file", lambda *_: pytest.fail("a file is read"))
        await keys("slash")
        await keys.type("face")
        assert names(app) == ["grinning-face"]
        assert "1 of 2" in screen_text(app)
        assert notices(app) == ""

    drive(script)


@pytest.mark.parametrize("size", [(80, 24), (50, 20)])
def test_a_search_without_hits_says_so_and_esc_clears_it(drive: Drive, size: tuple[int, int]) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k")
        await keys("6")  # after the notices of what was kept, which it takes down
        await keys("slash")
        await keys.type("octo")
        text = " ".join(screen_text(app).split())
        assert "Nothing that was kept fits." in text
        assert "Esc clears the search." in text
        assert "Nothing is kept yet" not in text
        assert "0 of 2" in text or size[0] < 80  # where the bar has room
        await keys("enter", "escape")
        await keys.type("")
        assert app.screen.query_one("#query", Input).value == ""
        assert len(names(app)) == 2
        assert "2 kept" in screen_text(app) or size[0] < 80

    drive(script, size=size)


def test_however_fast_it_is_pressed_each_x_deletes_one(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "right", "k", "right", "k", "right", "k", "6")
        left = names(app)[-1]
        for _ in range(3):
            app.simulate_key("x")
        await keys.settle()
        assert names(app) == [left]
        assert "gone already" not in notices(app)
        assert "3 deleted" in notices(app)
        await keys("u", "u", "u")
        assert len(names(app)) == 4

    drive(script)


def test_what_cannot_be_deleted_comes_back(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        def refuse(_: object) -> Path:
            raise OutputError("It cannot be deleted.")

        await keys("k", "6")
        monkeypatch.setattr(app.library, "delete", refuse)
        await keys("x")
        assert names(app) == ["grinning-face"]
        assert "It cannot be deleted." in notices(app)

    drive(script)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_a_file_that_is_no_picture_is_a_notice(drive: Drive, home: Path, size: tuple[int, int]) -> None:
    folder = home / "data" / "emoterm" / "library"
    folder.mkdir(parents=True)
    (folder / "broken.png").write_bytes(b"not a picture")

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("6")
        assert names(app) == ["broken"]
        assert "broken.png" in notices(app)
        await keys("x")
        assert names(app) == []

    drive(script, size=size)


def test_a_home_that_cannot_be_written_to_is_a_notice(drive: Drive, home: Path) -> None:
    (home / "data").write_text("a file where a folder should be")

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k")
        assert "cannot be made" in notices(app)
        assert "XDG_DATA_HOME" in notices(app)
        await keys("6")
        assert "Nothing is kept yet" in screen_text(app)

    drive(script)


async def export(app: EmotermApp, keys: Keys, name: str) -> bytes:
    await keys("e")
    app.screen.query_one("#name", Input).value = name
    await keys("enter")
    return Path(name).read_bytes()


@pytest.mark.parametrize("made", ["shown", "sampled", "blended"])
def test_what_was_kept_is_written_as_it_was_made(drive: Drive, made: str) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        if made == "sampled":
            await keys("2")
            app.screen.query_one("#count", Choice).value = "1"
            await keys.settle()
            await keys("enter")
        elif made == "blended":
            await keys("w", "end", "w", "4")
        item = app.screen.item()  # type: ignore[attr-defined]
        await keys("k", "6")
        again = app.screen.item()  # type: ignore[attr-defined]
        # A blend lies between the codes, and has none of its own that make it.
        assert (again.tokens == item.tokens).all() == (made != "blended")
        assert (again.pixels == item.pixels).all()
        assert again.recipe == item.recipe
        data = await export(app, keys, "again.png")
        recipe = read_recipe(data)
        assert recipe is not None
        assert recipe.command == item.recipe.command
        assert recipe.parameters["device"] == "cpu"
        recreation = Kitchen(app.engine.bundle).recreate(data, recipe)
        assert recreation.identical, recreation.differences
        assert await export(app, keys, "again.emo") == again.packed

    drive(script)


def test_what_no_recipe_of_this_bundle_tells_is_encoded_and_shown_as_it_is(drive: Drive, home: Path) -> None:
    folder = home / "data" / "emoterm" / "library"

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("k", "6")
        (kept,) = app.library.entries()
        assert kept.recipe is not None
        for recipe in (None, replace(kept.recipe, bundle_sha256="0" * 64, tokens=b""), replace(kept.recipe, tokens=2 * kept.recipe.tokens)):
            pixels = np.zeros((64, 64, 4), np.uint8)
            pixels[8:40, 8:40] = 200, 40, 40, 255
            data = encode_png(pixels)
            kept.path.write_bytes(data if recipe is None else embed_recipe(data, recipe))
            await keys("1", "6")
            item = app.screen.item()  # type: ignore[attr-defined]
            assert (item.pixels == pixels).all()
            assert item.image is not None
            assert (item.tokens == app.engine.item_from(str(folder / "grinning-face.png")).tokens).all()
            assert recipe in (None, item.recipe)
            assert len(await export(app, keys, f"{recipe is None}{recipe and len(recipe.tokens)}.emo")) == len(kept.recipe.tokens)

    drive(script)


def test_how_a_kept_file_was_laid_out_is_no_part_of_its_picture(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        item = app.screen.item()  # type: ignore[attr-defined]
        how = Rendering(scale=4, background="#336699")
        await keys("k", "6")
        (kept,) = app.library.entries()
        recipe = replace(item.recipe, parameters={**item.recipe.parameters, **how.parameters()})
        kept.path.write_bytes(render(item.pixels[None], how, recipe)[0])
        await keys("1", "6")
        assert app.screen.item().pixels.shape == (64, 64, 4)  # type: ignore[attr-defined]
        data = await export(app, keys, "small.png")
        written = read_recipe(data)
        assert written is not None
        assert "scale" not in written.parameters
        assert written.parameters["background"] == how.background
        with Image.open("small.png") as image:
            assert image.size == (64, 64)

    drive(script)
