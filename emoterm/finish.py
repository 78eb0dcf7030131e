"""What is done to a picture once the prior has drawn it: painted in a colour, given a face. Tokens in, tokens out.

N pictures · P tokens of a picture
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoterm.codec import Codec
from emoterm.colors import is_near, paint
from emoterm.faces import FaceReader, put_on
from emoterm.gallery import Gallery
from emoterm.gallery_index import GalleryEntry

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

_AT_ONCE = 64
"""Pictures that are finished together; bounds the memory."""


@dataclass(frozen=True)
class Finish:
    """What is done to one picture."""

    color: str | None = None
    """What it is painted in, of :data:`emoterm.colors.COLORS`."""
    unless_near: bool = False
    """Whether a picture stays as it is where its main colour is that one already."""
    face: GalleryEntry | None = None
    """The emoji whose face it is given, of :func:`emoterm.faces.faces_for`."""


def finish_tokens(tokens: I64, finishes: Sequence[Finish], *, codec: Codec, gallery: Gallery) -> I64:
    """The tokens of finished pictures: what the encoder makes of them.

    Args:
        tokens: (N, P).
        finishes: (N,), or empty where nothing is done to any picture.
        codec: of the bundle.
        gallery: of the same bundle.

    Returns:
        (N, P); those of a picture that nothing changes as they were.

    Raises:
        BundleError: the gallery is damaged.
    """
    finished = tokens.copy()
    faces = FaceReader(gallery, codec)
    chosen = np.array([number for number, finish in enumerate(finishes) if finish != Finish()], np.int64)
    for start in range(0, len(chosen), _AT_ONCE):
        part = chosen[start : start + _AT_ONCE]
        changed: dict[int, F32] = {}
        for number, picture in zip(part.tolist(), codec.decode_tokens(tokens[part]), strict=True):
            result = _finish(picture, finishes[number], faces)
            if result is not picture:
                changed[number] = result
        if changed:
            _, indices = codec.encode(np.stack(list(changed.values())))
            finished[list(changed)] = indices.reshape(len(changed), -1)  # (n, R, C) → (n, P)
    return finished


def _finish(picture: F32, finish: Finish, faces: FaceReader) -> F32:
    if finish.color is not None and not (finish.unless_near and is_near(picture, finish.color)):
        picture = paint(picture[None], finish.color)[0]
    return picture if finish.face is None else put_on(picture, faces.read(finish.face))
