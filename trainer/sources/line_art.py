"""Line art that no artist drew: thick black outlines, flat fills, faces and shapes of a few strokes.

A style that no model of this repository is trained on, made by a formula, so that everybody can measure on the same pictures how well a
model copes with what users bring. ``--data lineart:200`` draws two hundred of them; the first hundred of these are ``lineart:100``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from trainer.errors import TrainerError
from trainer.sources.record import Record

STYLE = "lineart"
MOST = 10_000
_SIZE_PX, _OVERSAMPLING = 64, 4
_EDGE_PX = _SIZE_PX * _OVERSAMPLING
_INK = "#000000"
_FILLS = ("#ffd83b", "#ffffff", "#ff8a80", "#9be15d", "#7cc6ff", "#ffb74d", "#d7a8ff", "#f5f5f5", "#ffccbc")
_MOUTHS = ("smile", "frown", "open", "flat", "grin", "wave")
_EYES = ("dots", "circles", "crosses", "closed", "angry")

Point = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """Draws in units of the picture's edge, (0, 0) top left to (1, 1) bottom right, about a centre and at a scale."""

    canvas: ImageDraw.ImageDraw
    width: float
    """Of an outline."""
    centre: Point
    scale: float

    def _at(self, x: float, y: float) -> Point:
        return _EDGE_PX * (self.centre[0] + self.scale * x), _EDGE_PX * (self.centre[1] + self.scale * y)

    def _px(self, share: float = 1.0) -> int:
        return max(1, round(_EDGE_PX * self.width * share))

    def disc(self, x: float, y: float, rx: float, ry: float, fill: str | None, *, outline: bool = True) -> None:
        """An ellipse about (x, y), relative to the centre."""
        self.canvas.ellipse(
            [self._at(x - rx, y - ry), self._at(x + rx, y + ry)],
            fill=fill,
            outline=_INK if outline else None,
            width=self._px() if outline else 0,
        )

    def line(self, *points: Point, share: float = 1.0) -> None:
        """A polyline with round ends and corners."""
        placed, r = [self._at(*point) for point in points], self._px(share) / 2
        self.canvas.line(placed, fill=_INK, width=self._px(share))
        for x, y in placed:
            self.canvas.ellipse([x - r, y - r, x + r, y + r], fill=_INK)

    def shape(self, points: list[Point], fill: str | None) -> None:
        """A filled polygon with an outline."""
        if fill is not None:
            self.canvas.polygon([self._at(*point) for point in points], fill=fill)
        self.line(*points, points[0])

    def curve(self, x: float, y: float, rx: float, ry: float, start: float, end: float, share: float = 1.0) -> None:
        """An arc of an ellipse, degrees clockwise from the right."""
        angles = [math.radians(start + (end - start) * i / 24) for i in range(25)]
        self.line(*[(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles], share=share)


@dataclass(frozen=True)
class Choices:
    """The numbers one drawing is made of."""

    fill: str | None
    accent: str
    mouth: str
    eyes: str
    n: int
    """A count: rays, petals, windows; 5 … 9."""


def _face(pen: Pen, c: Choices) -> None:
    pen.disc(0, 0, 0.42, 0.42, c.fill)
    _eyes(pen, c.eyes)
    _mouth(pen, c.mouth)


def _cat(pen: Pen, c: Choices) -> None:
    for side in (-1, 1):
        pen.shape([(side * 0.38, -0.1), (side * 0.34, -0.45), (side * 0.08, -0.3)], c.accent)
    pen.disc(0, 0.04, 0.42, 0.36, c.fill)
    _eyes(pen, c.eyes)
    for side in (-1, 1):
        for dy in (0.08, 0.16):
            pen.line((side * 0.2, dy), (side * 0.46, dy + 0.04), share=0.5)
    _mouth(pen, c.mouth)


def _eyes(pen: Pen, kind: str) -> None:
    for side in (-1, 1):
        x, y = side * 0.16, -0.1
        if kind == "dots":
            pen.disc(x, y, 0.045, 0.06, _INK, outline=False)
        elif kind == "circles":
            pen.disc(x, y, 0.09, 0.09, "#ffffff")
            pen.disc(x, y, 0.03, 0.03, _INK, outline=False)
        elif kind == "crosses":
            pen.line((x - 0.06, y - 0.06), (x + 0.06, y + 0.06))
            pen.line((x - 0.06, y + 0.06), (x + 0.06, y - 0.06))
        elif kind == "closed":
            pen.curve(x, y, 0.08, 0.06, 200, 340)
        else:
            pen.line((x - side * 0.1, y - 0.02), (x + side * 0.07, y - 0.12))
            pen.disc(x, y + 0.03, 0.04, 0.05, _INK, outline=False)


def _mouth(pen: Pen, kind: str) -> None:
    if kind == "smile":
        pen.curve(0, 0.06, 0.2, 0.16, 20, 160)
    elif kind == "frown":
        pen.curve(0, 0.28, 0.18, 0.14, 200, 340)
    elif kind == "open":
        pen.disc(0, 0.18, 0.08, 0.1, "#c62828")
    elif kind == "flat":
        pen.line((-0.14, 0.18), (0.14, 0.18))
    elif kind == "grin":
        pen.shape([(-0.22, 0.1), (0.22, 0.1), (0.14, 0.24), (-0.14, 0.24)], "#ffffff")
    else:
        pen.line((-0.18, 0.18), (-0.09, 0.13), (0, 0.18), (0.09, 0.13), (0.18, 0.18))


def _heart(pen: Pen, c: Choices) -> None:
    t = [2 * math.pi * i / 60 for i in range(60)]
    # x = 16 sin³t, y = 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t
    ys = [13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a) for a in t]
    pen.shape([(0.42 * math.sin(a) ** 3, -0.03 - y / 38) for a, y in zip(t, ys, strict=True)], c.accent)


def _star(pen: Pen, c: Choices) -> None:
    points = [(0.44 if i % 2 == 0 else 0.2, math.pi * i / c.n) for i in range(2 * c.n)]
    pen.shape([(r * math.sin(a), -r * math.cos(a)) for r, a in points], c.fill)


def _sun(pen: Pen, c: Choices) -> None:
    for i in range(c.n + 3):
        a = 2 * math.pi * i / (c.n + 3)
        pen.line((0.32 * math.cos(a), 0.32 * math.sin(a)), (0.44 * math.cos(a), 0.44 * math.sin(a)))
    pen.disc(0, 0, 0.25, 0.25, c.fill)


def _flower(pen: Pen, c: Choices) -> None:
    pen.line((0, 0), (0, 0.45))
    for i in range(c.n):
        a = 2 * math.pi * i / c.n
        pen.disc(0.2 * math.cos(a), -0.1 + 0.2 * math.sin(a), 0.13, 0.13, c.accent)
    pen.disc(0, -0.1, 0.13, 0.13, c.fill)


def _house(pen: Pen, c: Choices) -> None:
    pen.shape([(-0.33, 0), (0.33, 0), (0.33, 0.42), (-0.33, 0.42)], c.fill)
    pen.shape([(-0.43, 0), (0, -0.42), (0.43, 0)], c.accent)
    pen.shape([(-0.08, 0.16), (0.1, 0.16), (0.1, 0.42), (-0.08, 0.42)], "#8d6e63")


def _fish(pen: Pen, c: Choices) -> None:
    pen.shape([(0.2, 0), (0.45, -0.22), (0.45, 0.22)], c.accent)
    pen.disc(-0.08, 0, 0.36, 0.25, c.fill)
    pen.disc(-0.24, -0.06, 0.04, 0.04, _INK, outline=False)
    pen.curve(-0.14, 0.02, 0.1, 0.16, -60, 60)


def _arrow(pen: Pen, c: Choices) -> None:
    points = [(-0.42, -0.14), (0.02, -0.14), (0.02, -0.36), (0.43, 0.0), (0.02, 0.36), (0.02, 0.14), (-0.42, 0.14)]
    a = 2 * math.pi * c.n / 8
    pen.shape([(x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)) for x, y in points], c.accent)


def _cloud(pen: Pen, c: Choices) -> None:
    discs = ((-0.24, 0.06, 0.19), (0.24, 0.06, 0.19), (-0.04, -0.1, 0.24))
    for x, y, r in discs:
        pen.disc(x, y, r, r * 0.95, c.fill)
    pen.disc(0, 0.1, 0.3, 0.13, c.fill or "#ffffff", outline=False)
    pen.line((-0.24, 0.24), (0.24, 0.24))


_DRAWINGS: dict[str, Callable[[Pen, Choices], None]] = {
    "face": _face, "cat": _cat, "heart": _heart, "star": _star, "sun": _sun, "flower": _flower, "house": _house, "fish": _fish,
    "arrow": _arrow, "cloud": _cloud,
}  # fmt: skip


def read_line_art(count: str) -> list[Record]:
    """``"200"`` → the first two hundred drawings; all of the split ``test``, because nothing is to be trained on them.

    Raises:
        TrainerError: not a number from 1 to 10,000.
    """
    if not count.isdecimal() or not 1 <= int(count) <= MOST:
        raise TrainerError(f"lineart:{count} is no number of drawings.", fix=f"Write lineart:200, or any number from 1 to {MOST}.")
    return [draw(index) for index in range(int(count))]


def draw(index: int) -> Record:
    """One drawing, the same for the same number on every machine: every third is a face, the other kinds take turns."""
    random = np.random.Generator(np.random.Philox(key=index))
    others = [name for name in _DRAWINGS if name != "face"]
    kind = "face" if index % 3 == 0 else others[(index - index // 3 - 1) % len(others)]
    pick = random.random(8)
    choices = Choices(
        fill=None if pick[0] < 0.1 else _FILLS[int(pick[1] * len(_FILLS))],
        accent=_FILLS[int(pick[2] * len(_FILLS))],
        mouth=_MOUTHS[int(pick[3] * len(_MOUTHS))],
        eyes=_EYES[int(pick[4] * len(_EYES))],
        n=5 + int(pick[5] * 5),
    )
    image = Image.new("RGBA", (_EDGE_PX, _EDGE_PX))
    # A transparent pixel next to a black one must not be averaged with some other colour: the pen paints on transparent black.
    pen = Pen(ImageDraw.Draw(image), 0.035 + 0.03 * pick[6], (0.5, 0.5), 0.85 + 0.15 * pick[7])
    _DRAWINGS[kind](pen, choices)
    small = image.resize((_SIZE_PX, _SIZE_PX), Image.Resampling.BOX)  # Pillow weighs colours by alpha when it resizes RGBA
    name = f"{kind} {index}"
    return Record(small, kind, f"lineart:{index}", {"style": STYLE, "split": "test", "base": name, "skin_tone": ""})
