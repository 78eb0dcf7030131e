"""Hats put on heads and glasses on eyes, wherever these are on a picture.

S edge of a picture in pixels
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.accessories import accessory_of
from emoterm.errors import CannotSatisfyError
from emoterm.face_box import FaceBox, Spot
from emoterm.faces import put_on
from emoterm.head_and_eyes import SOLID, find_eyes, find_head
from emoterm.imaging.compose import composite
from emoterm.imaging.resize import resize
from emoterm.imaging.shapes import Bools, bounding_box

if TYPE_CHECKING:
    from emoterm.accessories import Place
    from emoterm.codec import Codec
    from emoterm.gallery import Gallery
    from emoterm.gallery_index import GalleryEntry

F32 = NDArray[np.float32]

_SEEN = 0.3
"""Opacity from which on a pixel belongs to what is worn."""
_HAT, _NARROWEST, _WIDEST = 0.75, 0.35, 0.8
"""Width of a hat: as a share of the head's, and its limits as shares of the picture's."""
_PULLED_DOWN = 0.3
"""Share of a hat's height that covers the head."""
_GLASSES, _SMALLEST, _LARGEST = 1.45, 0.55, 0.9
"""Width of glasses: as a multiple of the eyes', and its limits as shares of the picture's."""


def wear(wearer: F32, item: F32, place: Place) -> F32:
    """A picture that wears something.

    Args:
        wearer: (4, S, S) in [0, 1], associated alpha.
        item: (4, S, S), likewise.
        place: where it goes. Glasses of what has nothing like eyes go to its middle.

    Returns:
        (4, S, S). Below a hat the wearer is shrunk as far as it takes to keep both in the picture; it is as it was where either is empty.
    """
    return wear_all(wearer, [(item, place)])


def dressed(
    wearer: F32,
    worn: Sequence[GalleryEntry],
    *,
    codec: Codec,
    gallery: Gallery,
    glasses_in_front: bool = False,
    face: FaceBox | None = None,
) -> F32:
    """A picture (4, S, S) that wears emojis of a gallery, one after the other: (4, S, S).

    Args:
        wearer: in [0, 1], associated alpha.
        worn: emojis of :data:`emoterm.accessories.ACCESSORIES`; others are left out.
        codec: of the bundle.
        gallery: of the same bundle.
        glasses_in_front: as in :func:`wear_all`.
        face: where it has its face; None: that is looked for.

    Raises:
        CannotSatisfyError: there is nothing that could wear it.
        BundleError: the gallery is damaged.
    """
    pictures = codec.decode_tokens(np.stack([gallery.tokens(entry) for entry in worn]))
    items = [(item, found.place) for entry, item in zip(worn, pictures, strict=True) if (found := accessory_of(entry)) is not None]
    dressing = _Dressing(wearer, glasses_in_front, face)
    if not all(dressing.put_on(item, place) for item, place in _in_order(items)):
        raise CannotSatisfyError("The picture has no solid place that is large enough to wear it.", fix="Fill more of the picture.")
    return dressing.picture


def wear_all(wearer: F32, items: Sequence[tuple[F32, Place]], *, glasses_in_front: bool = False) -> F32:
    """As :func:`wear`, for several things.

    Args:
        wearer: (4, S, S) in [0, 1], associated alpha.
        items: (4, S, S), likewise, and where they go.
        glasses_in_front: whether hats go behind glasses, and do not hide those of what has its eyes far up.
    """
    dressing = _Dressing(wearer, glasses_in_front)
    for item, place in _in_order(items):
        dressing.put_on(item, place)
    return dressing.picture


class _Dressing:
    """A picture while things are put on it.

    Args:
        picture: (4, S, S) in [0, 1], associated alpha.
        glasses_in_front: as in :func:`wear_all`.
        face: as in :func:`dressed`.
    """

    def __init__(self, picture: F32, glasses_in_front: bool, face: FaceBox | None = None) -> None:
        self.picture = picture
        self._bare = picture if glasses_in_front else None
        self._in_front = np.zeros_like(picture)
        self._face = face

    def put_on(self, item: F32, place: Place) -> bool:
        """Put something (4, S, S) on; False where either is empty, and the picture then as it was."""
        solid, item = self.picture[3] > SOLID, _cropped(item)
        if not solid.any() or not item.size:
            return False
        if place == "head":
            self._put_on_hat(item, solid)
            return True
        before = self.picture
        if self._face is not None:
            self.picture = _with_glasses(before, item, self._face.glasses)
        elif place == "eyes" and (eyes := find_eyes(before, solid)) is not None:
            self.picture = _with_glasses(before, item, _glasses_on(eyes, solid))
        else:
            self.picture = put_on(before, item)
        if self._bare is not None:
            self._in_front = self.picture * (self.picture != self._bare).any(axis=0)
        return self.picture is not before

    def _put_on_hat(self, hat: F32, solid: Bools) -> None:
        size = len(solid)
        top, bottom, left, right = bounding_box(solid)
        spot = _hat_on(solid) if self._face is None else self._face.hat
        middle, width = spot.middle, spot.width
        height = width * hat.shape[1] / hat.shape[2]
        brim = spot.row + _PULLED_DOWN * height
        first, last = min(left, middle - width / 2), max(right, middle + width / 2)
        scale = min(1.0, size / (bottom - min(brim - height, top)), size / (last - first))
        down = round(max(bottom * (1 - scale), -(brim - height) * scale))  # what stands on the ground goes on to, as far as there is room
        across = round(float(np.clip(middle * (1 - scale), -first * scale, size - last * scale)))
        worn = resize(hat, max(1, round(width * scale)), max(1, round(height * scale)))
        y = size + down + round(brim * scale) - worn.shape[1]
        x = size + across + round(middle * scale - worn.shape[2] / 2)
        under = _pasted(_moved(self.picture, scale, down, across), worn, y, x)
        self._in_front = _middle(_moved(self._in_front, scale, down, across))
        self.picture = composite(under, self._in_front)
        if self._face is not None:
            self._face = self._face.moved(scale, across, down)


def _in_order(items: Sequence[tuple[F32, Place]]) -> list[tuple[F32, Place]]:
    """First what is worn on the eyes, which are hard to find under a hat, then the others as they are."""
    return sorted(items, key=lambda each: each[1] == "head")


def _hat_on(solid: Bools) -> Spot:
    """Where a hat goes on a shape (S, S), by what it sits on."""
    top, _, left, right = bounding_box(solid)
    head = find_head(solid)
    middle = sum(head) / 2
    width = float(np.clip(_HAT * (head[1] - head[0]), _NARROWEST * (right - left), _WIDEST * (right - left)))
    # Between two ears the head is lower than they are, and there the hat sits.
    under = solid[:, max(0, int(middle - width / 6)) : int(middle + width / 6) + 1]
    ground = float(np.median(under.argmax(axis=0)[under.any(axis=0)])) if under.any() else top
    return Spot(middle, width, ground)


def _glasses_on(eyes: tuple[int, int], solid: Bools) -> Spot:
    """Where glasses go on the eyes, of :func:`~emoterm.head_and_eyes.find_eyes`, of a shape (S, S): by their middle."""
    *_, left, right = bounding_box(solid)
    row, span = eyes
    width = float(np.clip(_GLASSES * span, _SMALLEST * (right - left), _LARGEST * (right - left)))
    return Spot((left + right) / 2, width, row)


def _with_glasses(wearer: F32, glasses: F32, spot: Spot) -> F32:
    size = wearer.shape[1]
    widest = size * glasses.shape[2] / glasses.shape[1]  # as tall as the picture
    columns = max(1, round(min(widest, spot.width)))
    worn = resize(glasses, columns, min(size, max(1, round(columns * glasses.shape[1] / glasses.shape[2]))))
    canvas = np.pad(wearer, ((0, 0), (size, size), (size, size)))
    return _pasted(canvas, worn, size + int(spot.row) - worn.shape[1] // 2, size + int(2 * spot.middle - columns) // 2)


def _moved(picture: F32, scale: float, down: int, across: int) -> F32:
    """A picture (4, S, S), shrunk and moved, on a canvas (4, 3 S, 3 S) with room for what reaches over its edge."""
    size = picture.shape[1]
    edge = max(1, round(size * scale))
    canvas = np.zeros((4, 3 * size, 3 * size), np.float32)
    canvas[:, size + down : size + down + edge, size + across : size + across + edge] = resize(picture, edge, edge)
    return canvas


def _pasted(canvas: F32, item: F32, y: int, x: int) -> F32:
    """The middle (4, S, S) of a canvas (4, 3 S, 3 S) with something on it."""
    part = np.s_[:, y : y + item.shape[1], x : x + item.shape[2]]
    canvas[part] = composite(canvas[part], item)
    return _middle(canvas)


def _middle(canvas: F32) -> F32:
    """(4, 3 S, 3 S) → (4, S, S)."""
    size = canvas.shape[1] // 3
    return canvas[:, size : 2 * size, size : 2 * size].copy()


def _cropped(item: F32) -> F32:
    """(4, S, S) → (4, h, w), as small as what is seen; (4, 0, 0) where nothing is."""
    seen = item[3] > _SEEN
    if not seen.any():
        return np.zeros((4, 0, 0), np.float32)
    top, bottom, left, right = bounding_box(seen)
    return item[:, top:bottom, left:right]
