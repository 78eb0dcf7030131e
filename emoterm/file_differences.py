"""In what two files of pictures differ, for people."""

from __future__ import annotations

import numpy as np

from emoterm.errors import InputError
from emoterm.imaging.frames import load_frames


def differences(before: bytes, after: bytes) -> list[str]:
    """What to say of two files that are not the same: the first thing that differs, of sizes, pixels, times and bytes.

    Raises:
        InputError: one of them is no picture that can be read.
    """
    try:
        a, b = (load_frames(data, size_px=None) for data in (before, after))
    except InputError:
        return ["bytes: the files are too large to compare their pixels"]
    if (a.size, len(a.pixels)) != (b.size, len(b.pixels)):
        shapes = (f"{len(each.pixels)} × {each.size[0]}×{each.size[1]}" for each in (a, b))
        return ["size: the file has {}, made again it has {} pixels".format(*shapes)]
    if not np.array_equal(a.pixels, b.pixels):
        off = np.abs(a.pixels.astype(np.int16) - b.pixels)
        share = (off > 0).any(axis=-1).mean()
        return [f"pixels: {share:.2%} of them differ, by {off.max()} of 255 at most"]
    if a.durations_ms != b.durations_ms or a.loop != b.loop:
        return ["timing: the frames are the same, and shown for other times"]
    return ["bytes: every pixel is the same; the file was written in another way, or by other libraries"]
