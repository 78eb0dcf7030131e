"""The search for a file that keeps to the limits of a place and gives up as little as possible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from emoterm.errors import CannotSatisfyError, InputError
from emoterm.imaging.animation import encode_frames
from emoterm.imaging.compose import U8
from emoterm.imaging.edges import defringe
from emoterm.imaging.frames import load_frames
from emoterm.imaging.gif import MAX_COLORS
from emoterm.imaging.png import encode_png
from emoterm.imaging.shapes import Bools, bounding_box
from emoterm.imaging.upscale import scale_to
from emoterm.stickers.places import Place

SIZES_PX = (128, 112, 96, 80, 64, 48, 32)
STILL_COLORS = (None, 256, 128, 64, 32, 16)
ANIMATION_COLORS = (MAX_COLORS, 128, 64, 32, 16)
FEWEST_COLORS = 8
"""Of an animation that keeps its frames."""
FRAME_SHARES = (1.0, 0.75, 0.5, 1 / 3, 0.25, 1 / 6, 0.125)
_COST_OF_SIZE, _COST_OF_FRAMES, _COST_OF_COLORS = 2.0, 1.0, 0.4
"""What halving each of them costs: small letters cannot be read, slow is still an animation, and flat art has few colours anyhow."""
_COST_OF_JERKS = 3.0
"""And what halving the frames costs below half of them, where they are to be kept: motion becomes a change of pictures."""
_SEEN = 12
"""Opacity, of 255, up to which nothing is seen of a pixel."""
_HAIRLINE = 1 / 25
"""Of the edge of a picture: less than a pixel at the 20 that an emoji is shown at."""
_HOPELESS = 1.2
"""A version that should be so many times too large, by what was measured on the one most like it, is not tried."""


@dataclass(frozen=True)
class Version:
    """One way to write the sticker."""

    size_px: int
    n_frames: int
    colors: int | None
    """None: all of them."""

    def cost(self, n_frames: int, place: Place, *, keep_frames: bool) -> float:
        """How much is given up against everything."""
        colors = math.log2(256 / self.colors) if self.colors else 0.0
        half = min(n_frames, place.max_frames or n_frames) / 2
        jerks = max(0.0, math.log2(half / self.n_frames)) if keep_frames else 0.0
        return (
            _COST_OF_SIZE * math.log2(place.size_px / self.size_px)
            + _COST_OF_FRAMES * math.log2(n_frames / self.n_frames)
            + _COST_OF_COLORS * colors
            + (_COST_OF_JERKS - _COST_OF_FRAMES) * jerks
        )

    def weight(self) -> float:
        """Bytes, up to a factor: pixels times bits of a colour, of which LZW leaves fewer where they are few."""
        return self.size_px**2 * self.n_frames * (math.log2(self.colors) if self.colors else 16)


@dataclass(frozen=True, eq=False)
class Sticker:
    """A file that keeps to the limits."""

    data: bytes
    kind: str
    """``png`` or ``gif``."""
    version: Version
    given_up: tuple[str, ...]
    """What had to go, for people; empty when nothing had."""
    place: Place
    warning: str | None = None
    """What is odd about the picture itself, for people."""


def fit_sticker(
    frames: U8,
    durations_ms: Sequence[int],
    place: Place,
    *,
    loop: int = 0,
    keep_frames: bool = False,
    finish: Callable[[bytes], bytes] = bytes,
) -> Sticker:
    """Find the version of a picture that gives up least and passes.

    Every candidate that is small enough is opened again and checked (:func:`problems`) before it counts.

    Args:
        frames: ``(N, S, S, 4)``, straight alpha; one frame is a still picture.
        durations_ms: how long each is shown.
        place: where it has to pass.
        loop: how often an animation is played; 0 for ever.
        keep_frames: whether an animation gives up colours before more than half of its frames.
        finish: what happens to the bytes at last, such as putting a recipe in; it counts for the size.

    Raises:
        CannotSatisfyError: nothing passes.
    """
    n = len(frames)
    kind = "gif" if n > 1 else "png"
    keep_frames = keep_frames and n > 1
    sources = _Sources(frames)
    seen: list[tuple[Version, int]] = []
    versions = _versions(n, place, keep_frames=keep_frames)
    smallest = versions[-1]
    for version in versions:
        # How much fewer colours save is no matter of bits alone: where that counts, it is measured for each number of them.
        like = [pair for pair in seen if not keep_frames or pair[0].colors == version.colors]
        if like and version != smallest and _expected_bytes(version, like) > _HOPELESS * place.under_bytes:
            continue
        bare = _encode(sources, durations_ms, version, loop)
        data = finish(bare)
        seen.append((version, len(data)))
        if len(data) < place.under_bytes and not problems(data, place):
            given_up = _given_up(sources.at(version.size_px), durations_ms, version, place)
            return Sticker(data, kind, version, tuple(given_up), place, _warning(frames))
    frames_text = "one frame" if smallest.n_frames == 1 else f"{smallest.n_frames} frames"
    fix = f"Use a simpler picture{' of fewer frames' if n > 1 else ''}, or allow more bytes."
    if len(bare) < place.under_bytes:  # it is what was put in that is too much
        fix = "Leave the recipe out: --no-metadata"
    raise CannotSatisfyError(
        f"This does not fit {place.title}: even {frames_text} of {smallest.size_px} pixels in {smallest.colors} colours"
        f" take {seen[-1][1]} bytes, and fewer than {place.under_bytes} are allowed.",
        fix=fix,
    )


def _expected_bytes(version: Version, seen: Sequence[tuple[Version, int]]) -> float:
    """From the version most like it that was tried."""
    other, n_bytes = min(seen, key=lambda pair: abs(math.log(pair[0].weight() / version.weight())))
    return n_bytes * version.weight() / other.weight()


def problems(data: bytes, place: Place) -> list[str]:
    """What a place would object to in a file; empty when it would take it.

    Args:
        data: the bytes of a file.
        place: the place.
    """
    found = [] if len(data) < place.under_bytes else [f"{len(data)} bytes, and fewer than {place.under_bytes} are allowed"]
    try:
        frames = load_frames(data, size_px=place.size_px)
    except InputError as error:
        return [*found, error.what]
    width, height = frames.size
    if frames.kind not in place.formats:
        found.append(f"a {frames.kind} file")
    if width != height:
        found.append(f"{width}×{height} pixels, which is no square")
    if max(width, height) > place.size_px:
        found.append(f"{width}×{height} pixels, and {place.size_px}×{place.size_px} are customary")
    if place.max_frames is not None and len(frames.pixels) > place.max_frames:
        found.append(f"{len(frames.pixels)} frames, and {place.max_frames} are allowed")
    return found


def _versions(n: int, place: Place, *, keep_frames: bool) -> list[Version]:
    """All of them, cheapest first; the first is everything as it should be."""
    most = n if place.max_frames is None else min(n, place.max_frames)
    counts = {max(2, math.ceil(most * share)) for share in FRAME_SHARES} if n > 1 else {1}
    colors = (*ANIMATION_COLORS, *([FEWEST_COLORS] if keep_frames else [])) if n > 1 else STILL_COLORS
    sizes = [size for size in SIZES_PX if size <= place.size_px]
    versions = [Version(*each) for each in itertools.product(sizes, counts, colors)]
    return sorted(versions, key=lambda version: (version.cost(n, place, keep_frames=keep_frames), version.n_frames))


class _Sources:
    """The frames at every size that was asked for, with clean edges."""

    def __init__(self, frames: U8) -> None:
        self._frames = defringe(frames)
        self._at: dict[int, U8] = {}

    def at(self, size_px: int) -> U8:
        if size_px not in self._at:
            self._at[size_px] = scale_to(self._frames, size_px)
        return self._at[size_px]


def _encode(sources: _Sources, durations_ms: Sequence[int], version: Version, loop: int) -> bytes:
    frames = sources.at(version.size_px)
    if version.n_frames > 1:
        kept = _kept(len(frames), version.n_frames)
        edges = np.cumsum([0, *durations_ms])[[*kept, len(frames)]]  # a frame stays until the next one that is kept
        ticks = np.maximum(np.diff(np.rint(edges / 10)).astype(int), 2)
        return encode_frames(
            frames[kept], [int(tick) * 10 for tick in ticks], format="gif", loop=loop, max_colors=version.colors or MAX_COLORS
        )
    return encode_png(frames[0], max_colors=version.colors)


def _kept(n: int, n_kept: int) -> list[int]:
    """Indices of the frames that stay, evenly spread, the first always."""
    return [i * n // n_kept for i in range(n_kept)]


def _warning(frames: U8) -> str | None:
    """What is odd about frames (N, S, S, 4)."""
    seen: Bools = np.logical_or.reduce(frames[..., 3] > _SEEN)
    if not seen.any():
        return "the picture is empty: all of it is transparent"
    top, bottom, left, right = bounding_box(seen)
    if min(bottom - top, right - left) < _HAIRLINE * len(seen):
        return f"what can be seen is a hairline, {right - left}×{bottom - top} of {len(seen)}×{len(seen)} pixels"
    return None


def _given_up(frames: U8, durations_ms: Sequence[int], version: Version, place: Place) -> Iterator[str]:
    if version.size_px < place.size_px:
        yield f"{place.size_px} → {version.size_px} pixels"
    if version.n_frames < len(frames):
        seconds = sum(durations_ms) / 1000
        yield f"{len(frames)} → {version.n_frames} frames ({len(frames) / seconds:.3g} → {version.n_frames / seconds:.3g} a second)"
    if version.colors is not None:
        n_colors = len(np.unique(frames[frames[..., 3] > 0][:, :3], axis=0))
        if n_colors > version.colors:
            yield f"{n_colors} → {version.colors} colours"
    if len(frames) > 1 and ((frames[..., 3] > 0) & (frames[..., 3] < 255)).any():
        yield "soft edges, which GIF does not have"
