"""The tokens of a picture that this program has made, as its file tells, so that it is still that picture when it is used again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import Codec
from emoterm.errors import InputError
from emoterm.imaging.compose import from_uint8, to_uint8
from emoterm.imaging.metadata import read_recipe

_ROUNDING = 2.5 / 255
"""By how much a value may differ, as processors round differently."""


def told_tokens(data: bytes, image: NDArray[np.float32], *, codec: Codec) -> NDArray[np.int64] | None:
    """The tokens (256,) in the recipe of a file, where they make the picture that is in it.

    Encoded again, a picture would get others, and look a little different. One that was painted, dressed or edited by hand since is no
    longer what its tokens make.

    Args:
        data: the file, which anybody may have made.
        image: what it shows, (4, 64, 64), associated alpha.
        codec: of the bundle in use.

    Returns:
        None where no recipe of this bundle tells, or where it tells of something else.
    """
    try:
        recipe = read_recipe(data)
        if recipe is None or recipe.bundle_sha256 != codec.bundle_sha256:
            return None
        grid = recipe.token_grid(len(codec.codebook))
    except InputError:  # a damaged recipe does no harm to its picture
        return None
    if len(grid) != 1:
        return None
    drawn = from_uint8(to_uint8(codec.decode_tokens(grid)))[0]  # as a file keeps it, (1, 4, 64, 64) → (4, 64, 64)
    tokens: NDArray[np.int64] = grid[0]  # (1, 256) → (256,)
    return tokens if np.abs(drawn - image).max() <= _ROUNDING else None
