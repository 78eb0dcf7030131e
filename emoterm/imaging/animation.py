"""Frames to one animated file: GIF, animated WebP or APNG."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from emoterm.errors import UsageError
from emoterm.imaging.compose import U8
from emoterm.imaging.formats import AnimationFormat
from emoterm.imaging.gif import MAX_COLORS, encode_gif
from emoterm.imaging.webp import announce_alpha

MAX_FPS = 50.0
"""GIF counts in hundredths of a second, and players take a frame of one hundredth for an error."""
MAX_HOLD_MS = 60_000


def timeline(n: int, *, fps: float, tick_ms: int, loop: int = 0, pingpong: bool = False, hold_ms: int = 0) -> tuple[list[int], list[int]]:
    """Which frame is shown when.

    Args:
        n: how many frames there are.
        fps: frames a second. Rounding to the clock does not add up: the whole has the right length.
        tick_ms: the clock of the format.
        loop: how often to play it, 0 for ever; only checked here.
        pingpong: append the way back, without showing the ends twice.
        hold_ms: how much longer to show the first and the last.

    Returns:
        Indices of frames, and how long to show each in ms.

    Raises:
        UsageError: no frames, or a value out of range.
    """
    if not 1 <= fps <= MAX_FPS:
        raise UsageError(f"--fps must be between 1 and {MAX_FPS:g}, is {fps:g}.", fix="A good start: --fps 12")
    if not 0 <= loop <= 65535:
        raise UsageError(f"--loop must be between 0 and 65535, is {loop}.", fix="To play for ever: --loop 0")
    if not 0 <= hold_ms <= MAX_HOLD_MS:
        raise UsageError(f"--hold must be between 0 and {MAX_HOLD_MS} ms, is {hold_ms}.", fix="A good start: --hold 500")
    if n == 0:
        raise UsageError("There is no frame to write.", fix="Ask for at least one: --steps 1")
    order = [*range(n), *range(n - 2, 0, -1)] if pingpong else list(range(n))
    return order, _durations([hold_ms if i in (0, n - 1) else 0 for i in order], fps=fps, tick_ms=tick_ms)


def encode_frames(
    frames: U8, durations_ms: Sequence[int], *, format: AnimationFormat, loop: int = 0, max_colors: int = MAX_COLORS
) -> bytes:
    """Encode frames that are shown for a time each.

    WebP and APNG keep every visible pixel exactly. GIF has one palette for all frames and an alpha of one bit. Equal frames in a row may be
    stored as one that is shown longer.

    Args:
        frames: ``(N, H, W, 4)``, straight alpha, N ≥ 1.
        durations_ms: how long each is shown; multiples of :func:`tick_ms`.
        format: ``gif``, ``webp`` or ``apng``.
        loop: how often to play it; 0 for ever.
        max_colors: size of a GIF's palette; the other formats keep every colour.
    """
    if format == "gif":
        return encode_gif(frames, durations_ms=durations_ms, loop=loop, max_colors=max_colors)
    # Colour under alpha 0 cannot be seen; without it the files are smaller and do not depend on it.
    frames = np.where(frames[..., 3:] == 0, np.uint8(0), frames)
    if format == "webp":
        data = _encode(frames, "WEBP", durations_ms, loop, lossless=True, quality=100, method=4, background=(0, 0, 0, 0))
        return data if (frames[..., 3] == 255).all() else announce_alpha(data)
    return _encode(frames, "PNG", durations_ms, loop, compress_level=9, disposal=0, blend=0)


def tick_ms(format: AnimationFormat) -> int:
    """The clock of a format."""
    return 10 if format == "gif" else 1


def _durations(extra_ms: Sequence[int], *, fps: float, tick_ms: int) -> list[int]:
    """How long each frame is shown, in ms, a multiple of ``tick_ms``; ``extra_ms`` on top of 1/fps each.

    Differences of rounded points in time, so errors cannot pile up.
    """
    ends = np.cumsum(1000 / fps + np.asarray(extra_ms, np.float64))
    ticks = np.rint(ends / tick_ms).astype(np.int64)
    return [int(ms) for ms in np.diff(ticks, prepend=0) * tick_ms]


def _encode(frames: U8, kind: str, durations_ms: Sequence[int], loop: int, **settings: object) -> bytes:
    first, *rest = (Image.fromarray(frame) for frame in frames)
    buffer = io.BytesIO()
    first.save(buffer, kind, save_all=True, append_images=rest, duration=list(durations_ms), loop=loop, **settings)
    return buffer.getvalue()
