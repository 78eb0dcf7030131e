"""Read all frames of a picture or an animation from a file that anybody may have made."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from PIL import Image

from emoterm.errors import InputError
from emoterm.imaging.compose import U8, from_uint8, to_uint8
from emoterm.imaging.decode import decode
from emoterm.imaging.load import open_image, png_depth, reading
from emoterm.imaging.resize import fit_square

MAX_FRAMES = 1000
MAX_PIXELS_OF_ALL = 1 << 26
"""Of all frames together, as they are kept: 256 MiB."""
MAX_PIXELS_DECODED = 1 << 30
"""Of all frames together, as they lie in the file: some ten seconds of work."""
_SLOW_MS = 100  # what browsers make of a frame that says less than 20 ms, or nothing
_FASTEST_MS = 20


@dataclass(frozen=True, eq=False)
class Frames:
    """An animation, or a picture of one frame."""

    pixels: U8
    """``(N, H, W, 4)``, straight alpha; squares unless they were left as they lie."""
    durations_ms: tuple[int, ...]
    """N of them; (0,) for a still picture."""
    kind: str
    """Pillow's name of the format of the file: ``PNG``, ``GIF`` …"""
    size: tuple[int, int]
    """Width and height in the file."""
    loop: int
    """How often to play it; 0 for ever."""


def load_frames(data: bytes, *, size_px: int | None, name: str = "The picture") -> Frames:
    """Read every frame and fit each into a square.

    Args:
        data: PNG, APNG, JPEG, GIF, WebP or BMP.
        size_px: what is larger is shrunk to this side; what is smaller keeps its own. None: every frame as it lies in the file.
        name: what messages call the file.

    Raises:
        InputError: not such a file, more than :data:`MAX_FRAMES` frames, too large, damaged, or frames of several sizes as they lie there.
    """
    with open_image(data, name) as image:
        width, height = image.size
        kind = str(image.format)
        # A GIF does not say how many frames it has, and counting those of a hostile one takes minutes: it is read as far as it may go.
        with reading(name):
            n = 1 if kind == "GIF" else int(getattr(image, "n_frames", 1))
        side = min(max(width, height), size_px or max(width, height))
        kept_px = width * height if size_px is None else side * side
        _check_budget(n, kept_px, width, height, name)
        frames, durations = [], []
        first = 1 if n > 1 and image.info.get("default_image") else 0  # of an APNG: for programs that see no animation
        for i in itertools.count(first):
            if i >= n:
                with reading(name):
                    there = kind == "GIF" and _has_frame(image, i)
                if not there:
                    break
                _check_budget(i + 1, kept_px, width, height, name)
            with reading(name):
                image.seek(i)
                pixels = decode(image, png_depth=png_depth(data), enough_px=4 * side)
                duration_ms = round(image.info.get("duration") or 0)
            frames.append(pixels if size_px is None else in_square(pixels, side))
            durations.append(duration_ms if duration_ms >= _FASTEST_MS else _SLOW_MS)
        if len({each.shape for each in frames}) > 1:  # of a GIF with a frame that reaches over the edge
            raise InputError(f"{name} has frames of several sizes.", fix="Save it again with another program first.")
        loop = _plays(image.info.get("loop"), kind)
    return Frames(np.stack(frames), tuple(durations) if len(frames) > 1 else (0,), kind, (width, height), loop)


def in_square(pixels: U8, side_px: int) -> U8:
    """A frame (H, W, 4), straight alpha, fitted into a square: (side_px, side_px, 4). One of that size is as it was."""
    if pixels.shape[:2] == (side_px, side_px):
        return pixels
    return to_uint8(fit_square(from_uint8(pixels), side_px))


def _check_budget(n: int, kept_px: int, width: int, height: int, name: str) -> None:
    if n > MAX_FRAMES or n * kept_px > MAX_PIXELS_OF_ALL or n * width * height > MAX_PIXELS_DECODED:
        raise InputError(f"{name} has {n} or more frames of {width}×{height}: too many.", fix="Make a shorter or smaller copy first.")


def _has_frame(image: Image.Image, i: int) -> bool:
    try:
        image.seek(i)
    except EOFError:
        return False
    return True


def _plays(value: object, kind: str) -> int:
    """How often a file wants to be played; a GIF counts repetitions, and plays once when it says nothing."""
    if not isinstance(value, int) or not 0 <= value <= 65535:
        return 1 if kind == "GIF" else 0
    return value + 1 if kind == "GIF" and value else value
