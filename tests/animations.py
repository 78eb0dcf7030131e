"""Animations as the app writes them: a timeline, and its frames encoded."""

from __future__ import annotations

from emoterm.imaging.animation import encode_frames, tick_ms, timeline
from emoterm.imaging.compose import U8
from emoterm.imaging.formats import AnimationFormat


def animated(frames: U8, *, format: AnimationFormat, fps: float = 12, loop: int = 0, pingpong: bool = False, hold_ms: int = 0) -> bytes:
    """Frames ``(N, H, W, 4)`` as a file; the arguments are those of :func:`emoterm.imaging.animation.timeline`."""
    order, durations_ms = timeline(len(frames), fps=fps, loop=loop, pingpong=pingpong, hold_ms=hold_ms, tick_ms=tick_ms(format))
    return encode_frames(frames[order], durations_ms, format=format, loop=loop)
