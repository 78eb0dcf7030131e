"""Pixels to half blocks with 24-bit SGR escapes, vectorised.

A Python loop over the 2,048 cells of one picture takes milliseconds. Here each cell gets a slot of 44 bytes in one array, filled from
tables; a byte that a cell does not need is 0, and one pass at the end deletes the zeros.

ECMA-48, 8.3.117 (SGR); 24-bit colours as in ISO/IEC 8613-6: ``38;2;R;G;B`` and ``48;2;R;G;B``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.imaging.compose import U8

U32 = NDArray[np.uint32]  # four bytes of text


def _words(text: str, n: int) -> U32:
    """Text as n words, padded in front with zeros."""
    return np.frombuffer(text.encode().rjust(4 * n, b"\0"), np.uint32)


_NUMBERS = np.concatenate([_words(f";{value}", 1) for value in range(256)])

# A slot: [start, 1 word] [48;2, 1] [background, 3] [;38;2, 2] [foreground, 3] [m and glyph, 1].
_BACKGROUND, _FOREGROUND = slice(2, 5), slice(7, 10)

# Kinds of cells: upper painted + 2 * lower painted, and what ends a row.
_BLANK, _UPPER, _LOWER, _BOTH, _END = range(5)
_N_KINDS = 5


def _slot(start: str, background: str, foreground: str, end: str) -> U32:
    empty = np.zeros(3, np.uint32)
    return np.concatenate([_words(start, 1), _words(background, 1), empty, _words(foreground, 2), empty, _words(end, 1)])


_SLOTS = np.stack(
    [
        # same colours as the cell before, by kind
        *(_slot("", "", "", glyph) for glyph in (" ", "▀", "▄", "▀", "\n")),
        # other colours, by kind
        _slot("\x1b[0m", "", "", " "),
        _slot("\x1b[0", "", ";38;2", "m▀"),
        _slot("\x1b[0", "", ";38;2", "m▄"),
        _slot("\x1b[", "48;2", ";38;2", "m▀"),
        _slot("\x1b[0m", "", "", "\n"),
    ]
)


def ansi_rows(pixels: U8) -> list[str]:
    """Draw painted pixels; escapes are written only where the colours change.

    Args:
        pixels: ``(2 * rows, W, 4)``, alpha 255 or 0, colour 0 where alpha is 0.

    Returns:
        One string a row, starting from and ending in the default colours.
    """
    height, width, _ = pixels.shape
    # One more column for the end of the row; unpainted, so that what was set before it gets reset.
    padded = np.zeros((height, width + 1, 4), np.uint8)
    padded[:, :width] = pixels
    packed = padded.view(np.uint32)[..., 0]  # (H, W + 1, 4) bytes -> (H, W + 1) words, to compare a pixel at once
    upper, lower = packed[0::2], packed[1::2]  # (rows, W + 1) each
    kind = (upper != 0) + 2 * (lower != 0)
    kind[:, width] = _END

    changed = np.empty(kind.shape, np.bool_)
    changed[:, 0] = (upper[:, 0] | lower[:, 0]) != 0
    changed[:, 1:] = (upper[:, 1:] != upper[:, :-1]) | (lower[:, 1:] != lower[:, :-1])

    kind, changed = kind.ravel(), changed.ravel()  # (cells,)
    slots = _SLOTS[kind + _N_KINDS * changed]  # (cells, 11)
    rgb_upper, rgb_lower = (padded[half::2].reshape(-1, 4)[:, :3] for half in (0, 1))  # (rows, W + 1, 4) -> (cells, 3)
    for select, words, rgb in (
        ((kind == _UPPER) | (kind == _BOTH), _FOREGROUND, rgb_upper),
        (kind == _LOWER, _FOREGROUND, rgb_lower),
        (kind == _BOTH, _BACKGROUND, rgb_lower),
    ):
        cells = np.flatnonzero(select & changed)
        slots[cells, words] = _NUMBERS[rgb[cells]]
    text: str = slots.tobytes().translate(None, b"\0").decode()
    return text.split("\n")[:-1]
