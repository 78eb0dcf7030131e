"""Cells to text with 24-bit SGR escapes, vectorised.

A Python loop over the 2,048 cells of one picture takes milliseconds. Here each change of colours gets a slot of 48 bytes in one array,
filled from tables; a byte that is not needed is 0, and one pass at the end deletes the zeros.

ECMA-48, 8.3.117 (SGR); 24-bit colours as in ISO/IEC 8613-6: ``38;2;R;G;B`` and ``48;2;R;G;B``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.imaging.compose import U8

U32 = NDArray[np.uint32]  # four bytes of text


def words(text: str, n: int) -> U32:
    """Text as n words of four bytes, padded in front with zeros."""
    return np.frombuffer(text.encode().rjust(4 * n, b"\0"), np.uint32)


def glyphs(text: str) -> U32:
    """Each character as one word, ``(len(text),)``; UTF-8 never needs more than four bytes."""
    return np.concatenate([words(char, 1) for char in text])


_NUMBERS = np.concatenate([words(f";{value}", 1) for value in range(256)])

# A slot: [start, 1 word] [48;2, 2] [background, 3] [38;2, 2] [foreground, 3] [m, 1].
_BACKGROUND, _FOREGROUND = slice(3, 6), slice(8, 11)
_N_WORDS = 12


def _slot(start: str, background: str, foreground: str, end: str) -> U32:
    empty = np.zeros(3, np.uint32)
    return np.concatenate([words(start, 1), words(background, 2), empty, words(foreground, 2), empty, words(end, 1)])


# What sets the colours of a cell, by foreground painted + 2 * background painted. One that sets both needs no reset first.
_SLOTS = np.stack(
    [
        _slot("\x1b[0", "", "", "m"),
        _slot("\x1b[0", "", ";38;2", "m"),
        _slot("\x1b[0", ";48;2", "", "m"),
        _slot("\x1b[", "48;2", ";38;2", "m"),
    ]
)
_END = words("\n", 1)


def packed(pixels: U8) -> U32:
    """Pixels ``(..., 4)`` as words ``(...)``, to compare a colour at once; 0 is a pixel that is not painted."""
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def ansi_rows(foreground: U32, background: U32, glyph: U32) -> list[str]:
    """Draw cells; escapes are written only where the colours change.

    Args:
        foreground: ``(rows, W)``, colours as :func:`packed` gives them, alpha 255; 0: the terminal's own.
        background: the same for what is behind the glyph.
        glyph: ``(rows, W)``, characters as :func:`glyphs` gives them.

    Returns:
        One string a row, starting from and ending in the default colours.
    """
    rows, width = glyph.shape
    # One more column for the end of the row, in the terminal's own colours, so that what was set before it gets reset.
    cells = np.zeros((3, rows, width + 1), np.uint32)
    cells[0, :, :width], cells[1, :, :width], cells[2, :, :width], cells[2, :, width] = foreground, background, glyph, _END
    changed = np.empty((rows, width + 1), np.bool_)
    changed[:, 0] = (cells[0, :, 0] | cells[1, :, 0]) != 0
    changed[:, 1:] = (cells[:2, :, 1:] != cells[:2, :, :-1]).any(axis=0)

    # A cell is one word, its glyph, and has a slot in front of it where the colours change.
    front, behind, text = cells.reshape(3, -1)  # (3, rows, W + 1) -> (3, cells)
    where = np.flatnonzero(changed)
    ends = np.arange(text.size) + _N_WORDS * np.cumsum(changed)  # index of each glyph in the text
    slots = np.empty((where.size, _N_WORDS), np.uint32)
    front, behind = front[where], behind[where]
    slots[:] = _SLOTS[(front != 0) + 2 * (behind != 0)]
    for words_at, color in ((_FOREGROUND, front), (_BACKGROUND, behind)):
        set_here = np.flatnonzero(color)
        slots[set_here, words_at] = _NUMBERS[color[set_here, None].view(np.uint8)[:, :3]]  # (n,) words -> (n, 4) bytes
    out = np.empty(text.size + slots.size, np.uint32)
    is_glyph = np.zeros(out.size, np.bool_)
    is_glyph[ends] = True
    out[is_glyph], out[~is_glyph] = text, slots.ravel()
    drawn: str = out.tobytes().translate(None, b"\0").decode()
    return drawn.split("\n")[:-1]
