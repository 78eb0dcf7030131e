"""Boxes in pictures as people type them: ``X,Y,W,H`` in pixels."""

from __future__ import annotations

import re

from emoterm.errors import UsageError

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels; none of them negative."""
_NUMBER = r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*"
_TYPED = re.compile(",".join([_NUMBER] * 4))


def parse_box(text: str, flag: str) -> Box:
    """Read a box.

    Args:
        text: as typed.
        flag: that it was typed for, as in ``--crop``.

    Raises:
        UsageError: not of that form.
    """
    typed = _TYPED.fullmatch(text)
    if typed is None:
        raise UsageError(f"{flag} {text!r:.40} is no box.", fix=_how(flag))
    left, top, width, height = map(float, typed.groups())
    return left, top, width, height


def check_within(box: Box, size: tuple[int, int], flag: str) -> None:
    """See that a box lies within a picture.

    Args:
        box: to check.
        size: width and height of the picture in pixels.
        flag: that it was typed for.

    Raises:
        UsageError: it does not.
    """
    if box[0] + box[2] > size[0] or box[1] + box[3] > size[1]:
        typed = ",".join(f"{value:g}" for value in box)
        raise UsageError(f"{flag} {typed} does not lie within the picture, which is {size[0]}×{size[1]} pixels.", fix=_how(flag))


def _how(flag: str) -> str:
    return f"Give left, top, width and height in pixels of the picture: {flag} 120,80,200,240"
