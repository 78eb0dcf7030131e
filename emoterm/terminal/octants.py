"""Pictures as text: eight pixels in a character cell, two columns of four.

A cell shows one of 256 patterns in two colours. Where it holds more than two, the pixels are parted in the two groups that their means
stand for best: of all 127 ways to part them, the one with the least squared error. Where some of its pixels are not painted the terminal's
own background stays, and the others share one colour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.imaging.compose import U8, Color
from emoterm.terminal.blocks import paint
from emoterm.terminal.sgr import U32, ansi_rows, glyphs, packed

CELL_WIDTH_PX, CELL_HEIGHT_PX = 2, 4

_FIRST_OCTANT = 0x1CD00
# Patterns that Unicode had before, or has outside the block of octants; bit n is octant n + 1, counted along the rows.
_ELSEWHERE = {
    0b00000000: " ", 0b11111111: "█",
    0b00001111: "▀", 0b11110000: "▄", 0b01010101: "▌", 0b10101010: "▐",
    0b00000101: "▘", 0b00001010: "▝", 0b01010000: "▖", 0b10100000: "▗", 0b10100101: "▚", 0b01011010: "▞",
    0b11110101: "▙", 0b01011111: "▛", 0b10101111: "▜", 0b11111010: "▟",
    0b00000011: "\U0001fb82", 0b00111111: "\U0001fb85", 0b11000000: "▂", 0b11111100: "▆",  # one and three quarters, from above and below
    0b00010100: "\U0001fbe6", 0b00101000: "\U0001fbe7",  # middle left, middle right
    0b00000001: "\U0001cea8", 0b00000010: "\U0001ceab", 0b01000000: "\U0001cea3", 0b10000000: "\U0001cea0",  # the four corners
}  # fmt: skip


def octant_characters() -> str:
    """The 256 characters of the 2×4 patterns; bit n of the index says whether octant n + 1 is filled.

    Unicode 16 encodes BLOCK OCTANT-1 … BLOCK OCTANT-12345678 from U+1CD00 on in the order of that index, without the 26 that have a
    character elsewhere.
    """
    codepoint = _FIRST_OCTANT
    characters = []
    for pattern in range(256):
        characters.append(_ELSEWHERE.get(pattern, chr(codepoint)))
        codepoint += pattern not in _ELSEWHERE
    return "".join(characters)


_OCTANTS = glyphs(octant_characters())
_N_SET = np.array([pattern.bit_count() for pattern in range(256)], np.float32)

# The ways to part eight pixels in two groups: pixel 8 is always in the second one. (127, 8) of 0 and 1.
_GROUPS = (np.arange(1, 128)[:, None] >> np.arange(8) & 1).astype(np.float32)
_SIZES = _N_SET[1:128]
# (8, 127), so that the square of a sum over a group is already what parting the pixels there gains.
_SCALED_GROUPS = np.ascontiguousarray((_GROUPS * np.sqrt(8 / (_SIZES * (8 - _SIZES)))[:, None]).T)


def octant(pixels: U8, *, background: Color | None = None, matte: Color | None = None) -> list[str]:
    """Draw with octants in 24-bit colour.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        background: as in :func:`emoterm.terminal.blocks.paint`.
        matte: as in :func:`emoterm.terminal.blocks.paint`.

    Returns:
        ``ceil(H / 4)`` strings of ``ceil(W / 2)`` columns, each starting from and ending in the default colours.
    """
    words, (rows, columns) = _cells(packed(paint(pixels, background=background, matte=matte)))  # (8, n)
    patterns = np.packbits(words != 0, axis=0, bitorder="little")[0].astype(np.intp)  # (n,) which pixels are painted
    foreground = np.where(patterns == 255, words[0], 0)  # right already where a cell is of one colour
    behind = np.zeros_like(foreground)

    partly = np.flatnonzero((patterns > 0) & (patterns < 255))
    sums = _rgb(words[:, partly]).sum(axis=0, dtype=np.float32)  # (8, m, 3) -> (m, 3); unpainted pixels are 0
    foreground[partly] = _opaque(sums / _N_SET[patterns[partly], None])

    mixed = np.flatnonzero((patterns == 255) & (words[1:] != words[0]).any(axis=0))
    if mixed.size:
        patterns[mixed], front, back = _two_colors(_rgb(words[:, mixed]))
        foreground[mixed], behind[mixed] = _opaque(front), _opaque(back)
    shape = (rows, columns)  # (n,) -> (rows, columns)
    return ansi_rows(foreground.reshape(shape), behind.reshape(shape), _OCTANTS[patterns].reshape(shape))


def _cells(words: U32) -> tuple[U32, tuple[int, int]]:
    """Words of pixels ``(H, W)`` → ``(8, rows * columns)``, and the rows and columns of cells; beyond the picture nothing is painted."""
    height, width = words.shape
    rows, columns = -(-height // CELL_HEIGHT_PX), -(-width // CELL_WIDTH_PX)
    if (rows * CELL_HEIGHT_PX, columns * CELL_WIDTH_PX) != (height, width):
        words = np.pad(words, ((0, rows * CELL_HEIGHT_PX - height), (0, columns * CELL_WIDTH_PX - width)))
    parts = words.reshape(rows, CELL_HEIGHT_PX, columns, CELL_WIDTH_PX)  # (4 rows, 2 columns) -> (rows, 4, columns, 2)
    return parts.transpose(1, 3, 0, 2).reshape(8, rows * columns), (rows, columns)  # -> (4, 2, rows, columns) -> (8, n)


def _rgb(words: U32) -> U8:
    """Words ``(8, n)`` → ``(8, n, 3)``."""
    return np.ascontiguousarray(words)[..., None].view(np.uint8)[..., :3]


def _opaque(rgb: NDArray[np.float32]) -> U32:
    """Colours ``(n, 3)``, rounded, as the words ``(n,)`` of painted pixels."""
    pixels = np.full((len(rgb), 4), 255, np.uint8)
    pixels[:, :3] = np.rint(rgb)
    return packed(pixels)


def _two_colors(rgb: U8) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """The two colours that fit each cell best, in squared error.

    With the mean of a cell taken away, two groups of k and 8 - k pixels have the sums S and -S, and replacing every pixel by the mean of
    its group lowers the squared error by ``S² (1 / k + 1 / (8 - k))``. So the best groups are those where this is largest.

    Args:
        rgb: ``(8, n, 3)``.

    Returns:
        The pattern of the foreground ``(n,)``, its colour and the one behind it, ``(n, 3)`` each.
    """
    pixels = rgb.transpose(2, 1, 0).astype(np.float32, order="C")  # (8, n, 3) -> (3, n, 8)
    mean = pixels.mean(axis=2)  # (3, n)
    pixels -= mean[..., None]
    scaled = pixels @ _SCALED_GROUPS  # (3, n, 8) @ (8, 127) -> (3, n, 127)
    scaled *= scaled
    gain = scaled[0]
    gain += scaled[1]
    gain += scaled[2]
    best = gain.argmax(axis=1)  # (n,)
    own = (pixels * _GROUPS[best]).sum(axis=2)  # (3, n, 8) -> (3, n)
    n_own = _SIZES[best]
    return best + 1, (mean + own / n_own).T, (mean - own / (8 - n_own)).T
