"""The terminal interface, measured as it runs: the program on a pseudo-terminal of its own, keys in, bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from benchmarks.figures import Row
from benchmarks.tui.hour import hour
from benchmarks.tui.start import first_paint
from benchmarks.tui.use import scroll_rows, slider_rows, standing_rows


class Part(Protocol):
    """Some rows of the table."""

    def __call__(self, *, quick: bool) -> Iterator[Row]: ...


PARTS: dict[str, Part] = {"start": first_paint, "slider": slider_rows, "loop": standing_rows, "scroll": scroll_rows, "memory": hour}
