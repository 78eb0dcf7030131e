"""What is done to a picture once the prior has drawn it: painted in a colour, given a face, a hat, glasses. Tokens in, tokens out.

N pictures · P tokens of a picture · S edge of one in pixels
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emoterm.brief import Finish
from emoterm.codec import Codec
from emoterm.colors import is_near, paint
from emoterm.faces import FaceReader, put_on
from emoterm.gallery import Gallery
from emoterm.gallery_index import GalleryEntry
from emoterm.wearing import wear_all

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

_AT_ONCE = 64
"""Pictures that are finished together; bounds the memory."""


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
    faces, items = FaceReader(gallery, codec), _decoded([item for finish in finishes for item, _ in finish.worn], codec, gallery)
    chosen = np.array([number for number, finish in enumerate(finishes) if finish != Finish()], np.int64)
    for start in range(0, len(chosen), _AT_ONCE):
        part = chosen[start : start + _AT_ONCE]
        changed: dict[int, F32] = {}
        for number, picture in zip(part.tolist(), codec.decode_tokens(tokens[part]), strict=True):
            result = _finish(picture, finishes[number], faces, items)
            if result is not picture:
                changed[number] = result
        if changed:
            _, indices = codec.encode(np.stack(list(changed.values())))
            finished[list(changed)] = indices.reshape(len(changed), -1)  # (n, R, C) → (n, P)
    return finished


def _decoded(entries: Sequence[GalleryEntry], codec: Codec, gallery: Gallery) -> dict[GalleryEntry, F32]:
    """The pictures of emojis, each (4, S, S)."""
    distinct = list(dict.fromkeys(entries))
    if not distinct:
        return {}
    return dict(zip(distinct, codec.decode_tokens(np.stack([gallery.tokens(entry) for entry in distinct])), strict=True))


def _finish(picture: F32, finish: Finish, faces: FaceReader, items: dict[GalleryEntry, F32]) -> F32:
    if finish.color is not None and not (finish.unless_near and is_near(picture, finish.color)):
        picture = paint(picture[None], finish.color)[0]
    if finish.face is not None:
        picture = put_on(picture, faces.read(finish.face))
    worn = [(items[item], place) for item, place in finish.worn]
    return wear_all(picture, worn, glasses_in_front=finish.glasses_in_front)
