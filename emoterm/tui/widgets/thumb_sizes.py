"""How large the thumbnails of a grid are: in pixels, which are columns; a line has two of them, one above the other."""

from __future__ import annotations

SIZES = (10, 12, 16, 20, 24, 32, 48, 64)
"""Those that can be chosen."""


def first_size(width: int) -> int:
    """A good one to begin with in a terminal of so many columns."""
    return 12 if width < 100 else 16 if width < 150 else 20


def size_for(n: int, width: int, height: int) -> int:
    """The largest at which n thumbnails are seen at once in so many columns and lines; the least where none is small enough."""
    fitting = [size for size in SIZES if max(1, width // cell_width(size)) * (height // cell_height(size)) >= n]
    return max(fitting, default=SIZES[0])


def other_size(size_px: int, steps: int) -> int:
    """Some steps larger than the one that comes nearest, or smaller."""
    index = min(range(len(SIZES)), key=lambda i: abs(SIZES[i] - size_px))
    return SIZES[max(0, min(len(SIZES) - 1, index + steps))]


def cell_width(size_px: int) -> int:
    """Columns of a cell: the thumbnail, and what parts it from the next."""
    return size_px + 2


def cell_height(size_px: int) -> int:
    """Lines of a cell: the thumbnail, and a line that has its name or parts it from the next."""
    return size_px // 2 + 1
