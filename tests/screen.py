"""A small terminal of our own: reads text with colours back into the pixels that a person would see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Pixel = tuple[int, int, int] | None
"""A colour, or None where the terminal's own background is."""
TOKEN = re.compile(r"\x1b\[([0-9;]*)m|(.)", re.DOTALL)


def cells(row: str) -> Iterator[tuple[str, Pixel, Pixel]]:
    """Glyph, foreground and background of each cell. Fails on an escape it does not know, and on colours that run into what follows."""
    foreground: Pixel = None
    background: Pixel = None
    for match in TOKEN.finditer(row):
        codes, glyph = match.groups()
        if codes is None:
            assert glyph == " " or foreground is not None  # else it would show in the text colour of the user
            yield glyph, foreground, background
            continue
        numbers = [int(number or 0) for number in codes.split(";")]
        while numbers:
            if numbers[0] == 0:
                foreground = background = None
                del numbers[0]
                continue
            kind, two, red, green, blue = numbers[:5]
            assert kind in (38, 48)
            assert two == 2
            if kind == 38:
                foreground = (red, green, blue)
            else:
                background = (red, green, blue)
            del numbers[:5]
    assert foreground is None
    assert background is None


def screen(rows: Sequence[str], filled: Callable[[str], int], width: int, height: int) -> list[list[Pixel]]:
    """The pixels of rows of cells.

    Args:
        rows: text.
        filled: the pattern of a glyph; bit n: the n-th pixel of the cell, along its rows, has the foreground.
        width: pixels in the width of a cell.
        height: pixels in its height.
    """
    pixels: list[list[Pixel]] = []
    for row in rows:
        lines: list[list[Pixel]] = [[] for _ in range(height)]
        for glyph, foreground, background in cells(row):
            pattern = filled(glyph)
            for n in range(width * height):
                lines[n // width].append(foreground if pattern >> n & 1 else background)
        pixels += lines
    return pixels
