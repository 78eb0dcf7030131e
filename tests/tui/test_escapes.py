"""No text from outside is a command to the terminal: names in the library, prompts in recipes, styles, errors."""

from __future__ import annotations

import numpy as np
import pytest
from rich.segment import Segment
from textual.color import Color

from emoterm.bundle import Bundle
from emoterm.errors import InputError
from emoterm.imaging.metadata import embed_recipe
from emoterm.imaging.png import encode_png
from emoterm.library import library_folder
from emoterm.recipe import make_recipe
from emoterm.safe_text import is_safe
from emoterm.tui.app import EmotermApp
from emoterm.tui.safe_lines import SafeLines
from tests.tui.conftest import Drive, Keys

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil"


def all_text(app: EmotermApp) -> str:
    """Every text that goes to the terminal, without the escapes that Textual itself writes for colours and positions."""
    return "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip if not segment.control)


def test_names_prompts_and_errors_bring_no_escapes(drive: Drive, tiny_bundle: Bundle) -> None:
    folder = library_folder()
    folder.mkdir(parents=True)
    recipe = make_recipe(tiny_bundle, "sample", {"prompt": EVIL, "seed": 7}, tokens=np.zeros((1, 256), np.int64))
    data = embed_recipe(encode_png(np.full((64, 64, 4), 200, np.uint8)), recipe)
    (folder / f"{EVIL}.png").write_bytes(data)
    (folder / "\udcff undecodable.png").write_bytes(data)
    seen = []

    async def script(app: EmotermApp, keys: Keys) -> None:
        await keys("6")
        for _ in range(2):
            seen.append(all_text(app))
            await keys("right")
        app.report(InputError(f"{EVIL} is damaged", fix=EVIL))
        await keys.settle()
        seen.append(all_text(app))
        await keys("4")  # the blend, with what its labels are
        seen.append(all_text(app))

    drive(script, size=(150, 40))
    text = "".join(seen)
    assert text.count("owned") >= 3
    assert "evil" in text
    assert "undecodable" in text
    assert is_safe(text), sorted({char for char in text if not is_safe(char)})


@pytest.mark.parametrize("text", ["cat 😊👩‍💻❤️", "  "])
def test_other_text_stays_as_it_is(text: str) -> None:
    segments = [Segment(text), Segment("▀")]
    assert SafeLines().apply(segments, Color(0, 0, 0)) is segments
