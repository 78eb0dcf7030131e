"""What the Sample screen asks to be written, without the screen."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from emoterm.tui.run import write


def test_a_run_that_is_cancelled_stops_writing_and_tells_nothing() -> None:
    written: list[int] = []

    def rows(_: object) -> Iterator[tuple[slice, np.ndarray]]:
        for done in (2, 4, 6, 8):
            written.append(done)
            yield slice(0, 2), np.zeros((2, done), np.int64)

    posted: list[Any] = []
    engine: Any = SimpleNamespace(
        prior=SimpleNamespace(n_tokens=8),
        codec=SimpleNamespace(size_px=4),
        unfinished=lambda tokens: np.zeros((len(tokens), 4, 4, 4), np.uint8),
        pixels=lambda tokens: np.zeros((len(tokens), 4, 4, 4), np.uint8),
    )
    run: Any = SimpleNamespace(n=2, rows=rows, finished=lambda tokens, engine: tokens)
    write(run, engine, is_cancelled=lambda: len(written) > 1, post=posted.append)
    assert written == [2, 4]
    assert len(posted) == 1  # of the first row
