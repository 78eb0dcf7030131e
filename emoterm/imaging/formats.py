"""The formats that are written, and which of them a file name asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from emoterm.errors import UsageError

AnimationFormat = Literal["gif", "webp", "apng"]
ANIMATION_FORMATS: tuple[AnimationFormat, ...] = ("gif", "webp", "apng")
PICTURE_SUFFIXES = ("png", *ANIMATION_FORMATS, "jpg", "jpeg", "bmp")
"""By which a file is taken for a picture."""


def format_of(path: Path | str, known: Sequence[str]) -> str:
    """The format that a file name asks for.

    Args:
        path: where to write; ``-`` (standard output) means the first of the known formats.
        known: formats that can be written here, as suffixes without the dot, lower case.

    Raises:
        UsageError: another suffix, or none; lists the known ones.
    """
    if str(path) == "-":
        return known[0]
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in known:
        what = "no suffix to tell the format by"
        if suffix in ANIMATION_FORMATS and list(known) == ["png"]:
            what = f"a still picture becomes PNG, and .{suffix} is for animations"
        elif suffix in PICTURE_SUFFIXES and list(known) == ["gif"]:
            what = f"an animation becomes GIF here, and not .{suffix}"
        elif suffix:
            what = f"pictures are not written as .{suffix} here"
        listed = ", ".join(f".{name}" for name in known)
        raise UsageError(f"{path}: {what}.", fix=f"End the name in {'one of ' if len(known) > 1 else ''}{listed}")
    return suffix
