"""Cut frames before they are fitted into a square: to a box, to what can be seen, to a square around the middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emoterm.boxes import Box, check_within, parse_box
from emoterm.errors import UsageError
from emoterm.imaging.compose import U8
from emoterm.imaging.shapes import Bools, bounding_box

FILL = "fill"
"""The largest square around the middle, in place of a box."""
_FLAG = "--crop"


@dataclass(frozen=True)
class Crop:
    """What is left of a picture, the same of every frame."""

    box: Box | None = None
    fill: bool = False
    """Whether the longer edges are cut to the length of the shorter ones."""
    trim: bool = False
    """Whether the margins go that are transparent in every frame."""

    @classmethod
    def parse(cls, text: str | None, *, trim: bool) -> Crop:
        """Read ``fill`` or ``X,Y,W,H``.

        Raises:
            UsageError: neither of both, or a box without a pixel.
        """
        if text is None or text.strip().casefold() == FILL:
            return cls(fill=text is not None, trim=trim)
        box = parse_box(text, _FLAG)
        if min(box[2:]) < 1:
            raise UsageError(f"{_FLAG} {text:.40} has no pixels.", fix="Give a width and a height of at least 1.")
        return cls(box=box, trim=trim)

    def cut(self, frames: U8) -> U8:
        """Frames (N, H, W, 4) → (N, h, w, 4): first the box, then the margins, then the square. What is all transparent has no margins.

        Raises:
            UsageError: the box does not lie within the frames.
        """
        if self.box is not None:
            check_within(self.box, (frames.shape[2], frames.shape[1]), _FLAG)
            left, top, width, height = map(int, self.box)
            frames = frames[:, top : top + height, left : left + width]
        seen: Bools = np.logical_or.reduce(frames[..., 3] > 0)
        if self.trim and seen.any():
            top, bottom, left, right = bounding_box(seen)
            frames = frames[:, top:bottom, left:right]
        if self.fill:
            height, width = frames.shape[1:3]
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
            frames = frames[:, top : top + side, left : left + side]
        return np.ascontiguousarray(frames)
