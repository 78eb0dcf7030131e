"""The grid beside its loader: what is asked for may be gone by the time it is loaded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pytest

from emoterm.tui.app import EmotermApp
from emoterm.tui.widgets.pending import Pending
from emoterm.tui.widgets.thumb import Thumb
from emoterm.tui.widgets.thumbnails import ThumbnailGrid
from tests.tui.conftest import Drive, Keys


def test_pictures_that_are_gone_are_left_out_and_no_worker_fails(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Pending] = []
    monkeypatch.setattr(Pending, "abandon", failed.append)
    there = {"b", "c"}

    def load(keys: Sequence[Hashable]) -> list[np.ndarray]:
        return [np.full((64, 64, 4), ord(str(key)), np.uint8) for key in keys if key in there]

    async def script(app: EmotermApp, keys: Keys) -> None:
        grid = app.screen.query_one(ThumbnailGrid)
        grid._loader = load
        grid.set_items([Thumb(key) for key in "abc"])
        await keys.settle()
        assert failed == []
        assert not {"a", "b", "c"} & grid._pixels.keys()
        grid.set_items([Thumb(key) for key in "bc"])  # as after a search that changed what there is
        await keys.settle()
        assert {key: int(pixels[0, 0, 0]) for key, pixels in grid._pixels.items() if key in there} == {"b": ord("b"), "c": ord("c")}

    drive(script)
