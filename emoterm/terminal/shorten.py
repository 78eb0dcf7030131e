"""Texts that are longer than their place."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def cut_end(text: str, width: int) -> str:
    """The text in so many columns at most; one that was cut ends with ``…``."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)).rstrip(" ,") + "…" * (width > 0)


def fill(text: str, width: int) -> str:
    """The text in exactly so many columns, cut as by :func:`cut_end` or with blanks behind it."""
    return set_cell_size(cut_end(text, width), width)


def cut_middle(text: str, width: int) -> str:
    """The text in so many columns at most; beginning and end of one that was cut, such as a path, with ``…`` between them."""
    if cell_len(text) <= width or width < 3:
        return cut_end(text, width)
    left = set_cell_size(text, (width - 1) // 2)
    right = set_cell_size(text[::-1], width - 1 - cell_len(left))[::-1]
    return f"{left}…{right}"
