"""What the Codebook screen asks of the engine: the codes one by one, on a plane, and put into an emoji."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emoterm.tui.item import Item

if TYPE_CHECKING:
    from emoterm.codec import I64
    from emoterm.imaging.compose import U8
    from emoterm.tui.engine import Engine


def code_patches(engine: Engine) -> Iterator[tuple[slice, U8]]:
    """What each code looks like by itself, in parts: which codes, and (n, 4, 4, 4) from the middle of a field of nothing else."""
    import numpy as np

    rows, columns = engine.bundle.manifest.grid
    size = len(engine.codec.codebook)
    for start in range(0, size, 64):
        codes = np.arange(start, min(size, start + 64))
        pictures = engine.pixels(np.repeat(codes[:, None], rows * columns, axis=1))  # (n, 1) → (n, 256)
        high, wide = pictures.shape[1] // rows, pictures.shape[2] // columns
        top, left = high * (rows // 2), wide * (columns // 2)
        yield slice(start, start + len(codes)), pictures[:, top : top + high, left : left + wide]


def arrange_codes(parts: Sequence[tuple[slice, U8]], columns: int) -> tuple[I64, U8]:
    """The codes on a grid of ``columns``, likes side by side, and the patch of each: (K,) and (K, 4, 4, 4).

    Args:
        parts: all of :func:`code_patches`.
        columns: of the grid.
    """
    import numpy as np

    from emoterm.codebook_map import arrange
    from emoterm.imaging.compose import from_uint8

    patches = np.concatenate([pixels for _, pixels in parts])
    return arrange(from_uint8(patches).reshape(len(patches), -1), columns), patches  # (K, 4, 4, 4) → (K, 64)


def with_code(engine: Engine, item: Item, cell: int, code: int) -> Item:
    """The same emoji with another code in one cell."""
    tokens = item.tokens.copy()
    tokens[cell] = code
    label = item.label if item.label.startswith("changed ") else f"changed {item.label}"
    return engine.item(tokens, label, made=("swap", {"picture": item.label}), command=())
