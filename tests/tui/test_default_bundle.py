"""The model that ships, end to end: search, mark two, morph, export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from textual.widgets import Input

from emoterm.bundle import open_bundle
from emoterm.imaging.metadata import read_recipe
from emoterm.recreate import Kitchen
from emoterm.tui.app import EmotermApp
from tests.tui.conftest import Drive, Keys, notices, screen_text


def test_from_a_search_to_a_file(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        assert "3,664 emojis" in screen_text(app)
        for end, words in (("a", "octopus"), ("b", "grinning cat")):
            await keys("slash")
            app.screen.query_one("#query", Input).value = ""
            await keys.type(words)
            await keys("enter")
            await keys(end)
        assert [app.ends[end].spec for end in "ab"] == ["🐙@noto", "😺@noto"]
        await keys("3")
        await keys("e")
        await keys("enter")
        assert "Written: emoterm-morph.gif" in notices(app)

    drive(script, bundle=None)
    file = Path("emoterm-morph.gif")
    recipe = read_recipe(file.read_bytes())
    assert recipe is not None
    assert recipe.command == "morph"
    assert recipe.parameters["device"] == "cpu"
    with open_bundle() as opened:
        assert Kitchen(opened).recreate(file.read_bytes(), recipe).differences == ()
    with Image.open(file) as image:
        assert image.size == (64, 64)
        assert image.n_frames == 18  # ten steps there, eight back
        assert image.info["duration"] in (80, 90)
        first = np.asarray(image.convert("RGBA")).astype(int)
        image.seek(9)
        last = np.asarray(image.convert("RGBA")).astype(int)
    assert abs(first - last).mean() > 10
