"""Faces, taken from smileys and put on things.

Smileys of one style are drawn on the same head: what of one differs from the head that most of them agree on is its face. On a thing it
goes where it fits at its largest.

N pictures · S edge of one in pixels
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoterm.emotions import find_emotion
from emoterm.errors import CannotSatisfyError, UsageError
from emoterm.feelings import ENOUGH, FACES, faces_for, smileys_of
from emoterm.gallery_index import default_style
from emoterm.imaging.resize import resize
from emoterm.imaging.shapes import Bools, bounding_box, eroded
from emoterm.names import check_style
from emoterm.oklab import straight_oklab, to_srgb

if TYPE_CHECKING:
    from emoterm.codec import Codec
    from emoterm.face_box import FaceBox
    from emoterm.gallery import Gallery
    from emoterm.gallery_index import GalleryEntry

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_ON_HEAD = 0.14
"""Distance in Oklab from the head's main colour within which a pixel counts as head, of the smileys that the head is made out from."""
_SAME, _OTHER = 0.06, 0.22
"""Distance in Oklab from the head up to which a pixel is none of the face, and from which on it is all of it."""
_EDGE = 2
"""Pixels at the edge of the head that are left out: outlines, hands and hats."""
_LEAST_OPACITY = 0.25
"""Below it nothing can be said of the colour of a pixel that the head shines through."""
_SEEN = 0.3
"""Opacity from which on a pixel of a face must be on the thing, with :data:`_COVERED` of these pixels."""
_SOLID = 0.9
_COVERED = 0.97
_SIZES = tuple(percent / 100 for percent in range(100, 25, -5))
"""Of a face, as shares of the size that it has on a head."""
_DARK = 0.5
"""Lightness below which a pixel of a face is ink: eyes, brows, mouth."""
_CONTRAST = 0.2
"""Between the lightness of ink and of what it is on; with less, a white rim of one pixel goes around it."""
_RIM_OPACITY = 0.8


def choose_faces(emotion: str, style: str | None, gallery: Gallery) -> list[GalleryEntry]:
    """The faces for an emotion that a person names.

    Args:
        emotion: its name or a synonym.
        style: of the faces; None: that which an emoji has when nobody names one.
        gallery: that has them.

    Raises:
        UsageError: an unknown emotion or style, an emotion without a face of its own, or a gallery without one.
    """
    feeling = find_emotion(emotion).name
    known = f"Emotions with a face: {', '.join(FACES)}"
    if feeling not in FACES:
        raise UsageError(f"No smiley with a plain head is {feeling}: it takes a hand, a hat or another skin.", fix=known)
    names = gallery.styles()
    chosen = check_style(style, names) if style else default_style(names)
    faces = faces_for(feeling, chosen, gallery)
    if not faces:
        raise UsageError(f"The gallery of this bundle has no {feeling} face in {chosen or 'any style'}.", fix="Try another --style.")
    return faces


class FaceReader:
    """Takes faces from the emojis of a gallery.

    Args:
        gallery: the emojis.
        codec: of the same bundle.
    """

    def __init__(self, gallery: Gallery, codec: Codec) -> None:
        self._gallery, self._codec = gallery, codec
        self._heads: dict[str, tuple[F64, Bools]] = {}
        self._faces: dict[GalleryEntry, F32] = {}

    def read(self, entry: GalleryEntry) -> F32:
        """The face of an emoji, one of :func:`emoterm.feelings.faces_for`, cut out: (4, h, w), associated alpha."""
        if entry not in self._faces:
            if entry.style not in self._heads:
                smileys = [emoji.entry(entry.style) for emoji in smileys_of(entry.style, self._gallery)]
                self._heads[entry.style] = head_of(self._decode(smileys))
            head, inside = self._heads[entry.style]
            self._faces[entry] = face_on(self._decode([entry])[0], head, inside)
        return self._faces[entry]

    def _decode(self, entries: Sequence[GalleryEntry]) -> F32:
        return self._codec.decode_tokens(np.stack([self._gallery.tokens(entry) for entry in entries]))


def head_of(smileys: F32) -> tuple[F64, Bools]:
    """The head that smileys of one style have in common.

    Args:
        smileys: (N, 4, S, S) in [0, 1], associated alpha.

    Returns:
        Its colours in Oklab, (S, S, 3), and where it is, but for its edge: (S, S).
    """
    colors = np.stack([straight_oklab(smiley) for smiley in smileys])  # (N, S, S, 3)
    solid = np.median(smileys[:, 3], axis=0) > _SOLID
    median = np.median(colors, axis=0)
    main = np.median(median[solid], axis=0)  # (S, S, 3) → (3,)
    bare = np.linalg.norm(colors - main, axis=-1) < _ON_HEAD  # (N, S, S)
    # Where enough smileys show their skin, the median of those; else, under the mouth that most have, of all.
    weighed = np.where(bare[..., None], colors, np.nan)
    weighed = np.where((bare.sum(axis=0) >= ENOUGH // 2)[None, ..., None], weighed, median)
    return np.nanmedian(weighed, axis=0), eroded(solid, _EDGE)


def face_on(smiley: F32, head: F64, inside: Bools) -> F32:
    """What is on a head, cut out.

    Args:
        smiley: (4, S, S) in [0, 1], associated alpha.
        head: (S, S, 3) as :func:`head_of` gives it.
        inside: (S, S) where the face can be.

    Returns:
        (4, h, w) in [0, 1], associated alpha: as small as the face is; (4, 0, 0) where there is none.
    """
    colors = straight_oklab(smiley)
    apart = np.linalg.norm(colors - head, axis=-1)
    opacity = np.clip((apart - _SAME) / (_OTHER - _SAME), 0, 1) * smiley[3] * inside  # (S, S)
    # What the head shines through is a mixture of both: take the head out of it.
    seen, skin = to_srgb(colors), to_srgb(head)
    ink = np.clip(skin + (seen - skin) / np.maximum(opacity, _LEAST_OPACITY)[..., None], 0, 1)
    face = np.concatenate([np.moveaxis(ink * opacity[..., None], -1, 0), opacity[None]])  # (S, S, 3), (S, S) → (4, S, S)
    if not (opacity > _SEEN).any():
        return np.zeros((4, 0, 0), np.float32)
    top, bottom, left, right = bounding_box(opacity > _SEEN)
    return face[:, top:bottom, left:right].astype(np.float32)


def with_faces(thing: F32, faces: Sequence[GalleryEntry], *, codec: Codec, gallery: Gallery, box: FaceBox | None = None) -> F32:
    """A thing once with each face.

    Args:
        thing: (4, S, S) in [0, 1], associated alpha.
        faces: N emojis of :func:`emoterm.feelings.faces_for`.
        codec: of the bundle.
        gallery: of the same bundle.
        box: where its face is; None: where one fits.

    Returns:
        (N, 4, S, S).

    Raises:
        CannotSatisfyError: the thing is too thin for one of them.
        BundleError: the gallery is damaged.
    """
    reader = FaceReader(gallery, codec)
    cut_out = map(reader.read, faces)
    results = [put_on(thing, face) if box is None else put_in(thing, face, box) for face in cut_out]
    if any(result is thing for result in results):
        raise CannotSatisfyError("The picture has no solid place that is large enough for a face.", fix="Fill more of the picture.")
    return np.stack(results)


def put_on(thing: F32, face: F32) -> F32:
    """A thing with a face: where it fits at its largest, as near to the middle as can be.

    Args:
        thing: (4, S, S) in [0, 1], associated alpha.
        face: (4, h, w), as :func:`face_on` gives it.

    Returns:
        (4, S, S); the thing itself, where it is too thin for a face.
    """
    solid = thing[3] > _SOLID
    if not face.size or not solid.any():
        return thing
    middle = [float(places.mean()) for places in np.nonzero(solid)]
    for size in _SIZES:
        height, width = (max(1, round(edge * size)) for edge in face.shape[1:])
        smaller = resize(face, width, height)
        place = _place(solid, smaller[3] > _SEEN, middle)
        if place is not None:
            return _with_face(thing, smaller, *place)
    return thing


def put_in(thing: F32, face: F32, box: FaceBox) -> F32:
    """A thing with a face where it has one, as large as goes there.

    Args:
        thing: (4, S, S) in [0, 1], associated alpha.
        face: (4, h, w), as :func:`face_on` gives it.
        box: within the thing.

    Returns:
        (4, S, S); the thing itself, where nothing of it is there.
    """
    if not face.size:
        return thing
    room = box.features
    size = min(room.height / face.shape[1], room.width / face.shape[2])
    height, width = (max(1, round(edge * size)) for edge in face.shape[1:])
    edge = thing.shape[1]
    top = min(max(0, round(room.top + (room.height - height) / 2)), edge - height)
    left = min(max(0, round(room.left + (room.width - width) / 2)), edge - width)
    result = _with_face(thing, resize(face, width, height), top, left)
    return thing if np.array_equal(result, thing) else result


def _with_face(thing: F32, face: F32, top: int, left: int) -> F32:
    """A thing (4, S, S) with a face (4, h, w) that lies within it."""
    margin = ((0, 0), (1, 1), (1, 1))  # for a rim; the face may touch the edge of the picture
    result = np.pad(thing, margin)
    part = np.s_[:, top : top + face.shape[1] + 2, left : left + face.shape[2] + 2]
    result[part] = _over(result[part], np.pad(face, margin))
    return result[:, 1:-1, 1:-1]


def _place(solid: Bools, face: Bools, middle: Sequence[float]) -> tuple[int, int] | None:
    """Top and left of a face (h, w) where it is on what is solid (S, S), nearest to the middle; None where it is nowhere."""
    rows, columns = (edge - part + 1 for edge, part in zip(solid.shape, face.shape, strict=True))
    if rows < 1 or columns < 1:
        return None
    shape = tuple(2 * edge for edge in solid.shape)  # room for what reaches over the edge
    spectrum = np.fft.rfft2(solid, shape) * np.conj(np.fft.rfft2(face, shape))
    covered = np.rint(np.fft.irfft2(spectrum, shape)[:rows, :columns])  # pixels, so whole numbers on any machine
    tops, lefts = np.nonzero(covered >= _COVERED * face.sum())
    if not tops.size:
        return None
    away = (tops + (face.shape[0] - 1) / 2 - middle[0]) ** 2 + (lefts + (face.shape[1] - 1) / 2 - middle[1]) ** 2
    nearest = int(away.argmin())
    return int(tops[nearest]), int(lefts[nearest])


def _over(ground: F32, face: F32) -> F32:
    """A face (4, h, w) on its ground (4, h, w), with a light rim where it would not be seen."""
    lightness = straight_oklab(face)[..., 0]
    ink = face[3] * (lightness < _DARK)
    mixed = ground.copy()
    if ink.sum() > 0 and ((straight_oklab(ground)[..., 0] - lightness) * ink).sum() < _CONTRAST * ink.sum():
        padded = np.pad(face[3], 1)
        around = [padded[y : y + face.shape[1], x : x + face.shape[2]] for y, x in ((0, 1), (1, 0), (1, 1), (1, 2), (2, 1))]
        rim = _RIM_OPACITY * np.maximum.reduce(around)  # (h, w)
        mixed[:3] = mixed[:3] * (1 - rim) + rim * ground[3]
    mixed[:3] = mixed[:3] * (1 - face[3]) + face[:3] * ground[3]
    return mixed
