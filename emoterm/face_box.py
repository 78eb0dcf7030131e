"""Where a picture has its face, told by somebody who sees it.

S edge of a picture in pixels
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from emoterm.boxes import check_within, parse_box
from emoterm.errors import UsageError

_EYES_ROW = 0.4
"""Of a face from its hairline to its chin, as a share of its height."""
_GLASSES, _HAT = 0.95, 1.2
"""Width of glasses and of a hat, which sits on hair too, as shares of the face's."""
_FEATURES, _FEATURES_MIDDLE = 0.75, 0.55
"""Edges of what eyes and mouth take of a face, and the row of its middle, as shares of its own."""
_LEAST_PX = 5
"""Edge of a face in the square below which nothing of what is put there could be made out."""
_FLAG = "--face"


class Spot(NamedTuple):
    """Where something is put on, in pixels."""

    middle: float
    """Column of its middle."""
    width: float
    row: float


@dataclass(frozen=True)
class FaceBox:
    """The box around a face, in pixels of a square picture."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def parse(cls, text: str, size: tuple[int, int], *, side_px: int) -> FaceBox:
        """Read ``X,Y,W,H``: pixels of a picture that is fitted into a square.

        Args:
            text: as typed.
            size: width and height of the picture in pixels.
            side_px: edge of the square.

        Raises:
            UsageError: not of that form, not within the picture, or too small.
        """
        left, top, width, height = box = parse_box(text, _FLAG)
        check_within(box, size, _FLAG)
        scale = side_px / max(size)
        if min(width, height) * scale < _LEAST_PX:
            least = -(-_LEAST_PX * max(size) // side_px)
            raise UsageError(
                f"--face {text} is too small: fewer than {least} of {size[0]}×{size[1]} pixels.", fix="Cut the picture to the face first."
            )
        x, y = ((side_px - edge * scale) / 2 for edge in size)  # what is no square is padded evenly
        return cls(*(round(value, 2) for value in (left * scale + x, top * scale + y, width * scale, height * scale)))

    def is_within(self, side_px: int) -> bool:
        """Whether it is one that :meth:`parse` may have given."""
        edges = ((self.left, self.width), (self.top, self.height))
        return all(start >= 0 and edge >= _LEAST_PX - 0.01 and start + edge <= side_px + 0.02 for start, edge in edges)

    @property
    def glasses(self) -> Spot:
        """Where glasses go, by their middle."""
        return Spot(self._middle, _GLASSES * self.width, self.top + _EYES_ROW * self.height)

    @property
    def hat(self) -> Spot:
        """Where a hat goes, by what it sits on."""
        return Spot(self._middle, _HAT * self.width, self.top)

    @property
    def features(self) -> FaceBox:
        """The part of it that eyes and mouth take."""
        width, height = _FEATURES * self.width, _FEATURES * self.height
        return FaceBox(self._middle - width / 2, self.top + _FEATURES_MIDDLE * self.height - height / 2, width, height)

    def moved(self, scale: float, across: float, down: float) -> FaceBox:
        """Where it is when the picture is shrunk, and moved then."""
        return FaceBox(self.left * scale + across, self.top * scale + down, self.width * scale, self.height * scale)

    @property
    def _middle(self) -> float:
        return self.left + self.width / 2
