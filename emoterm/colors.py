"""Words for colours in a prompt, and pictures painted in them.

The prior learned what colour things have and draws a cat that is asked for in blue as orange as ever. So a picture is painted in a colour
afterwards: its main colour moves to the one that is wanted, what is shaded alike goes with it, and all else (eyes, outlines, a white belly)
stays. That happens in Oklab (:mod:`emoterm.oklab`).

N pictures · S edge of one in pixels
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from emoterm.oklab import straight_oklab, to_oklab, to_srgb

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (221, 46, 68),
    "orange": (244, 144, 12),
    "yellow": (253, 203, 88),
    "green": (100, 175, 80),
    "blue": (60, 150, 235),
    "purple": (150, 100, 210),
    "pink": (244, 130, 185),
    "brown": (150, 95, 60),
    "black": (48, 50, 56),
    "grey": (150, 156, 164),
    "white": (240, 242, 246),
}
"""The basic colour terms of English (Berlin and Kay 1969), as emojis have them: sRGB, 0 … 255."""
# fmt: off
SYNONYMS = {
    "gray": "grey", "violet": "purple", "lilac": "purple", "lavender": "purple", "indigo": "purple", "magenta": "pink",
    "fuchsia": "pink", "turquoise": "blue", "teal": "blue", "cyan": "blue", "navy": "blue", "azure": "blue", "crimson": "red",
    "scarlet": "red", "maroon": "red", "golden": "yellow", "beige": "brown", "tan": "brown", "lime": "green",
    "emerald": "green",
}
# fmt: on
"""What else people call them, or something near to them."""

_BINS = np.array([0.25, 0.06, 0.06])
"""Lightness, a and b of colours that count as one when the main one is looked for."""
_PLAIN = 0.02
"""What a pixel without any colour counts, beside its chroma: only where nearly all is grey the main colour is a grey."""
_GREY = 0.04
"""Chroma below which a colour has no hue."""
_SAME_HUE, _OTHER_HUE = math.radians(40), math.radians(70)
"""How far a hue may be from the main one and go with it wholly, and from where on it stays."""
_FULL_CHROMA = 0.35
"""Share of the main colour's chroma from which on a pixel goes with it wholly."""
_NEAR = 0.15
"""Distance in Oklab within which emojis with a colour in their name mostly have it: red hearts, green apples, blue books."""
_LIGHTNESS = 0.75
"""Share of the way to the lightness that is wanted: shades and highlights need room."""
_MOST_CHROMA = 1.4
"""Of a pixel, as a multiple of the main colour's: what is more vivid still would glare."""


def colors_in(words: Iterable[str]) -> tuple[str, ...]:
    """The colours that are named, each once, as :data:`COLORS` has them.

    Args:
        words: in the form of :func:`emoterm.names.plain`.
    """
    named = (SYNONYMS.get(word, word) for word in words)
    return tuple(dict.fromkeys(word for word in named if word in COLORS))


def has_color(words: Iterable[str], color: str) -> bool:
    """Whether one of the words, in the form of :func:`emoterm.names.plain`, is that colour."""
    return any(SYNONYMS.get(word, word) == color for word in words)


def is_near(picture: F32, color: str) -> bool:
    """Whether the main colour of a picture (4, S, S), associated alpha, would be called that of :data:`COLORS`."""
    alpha, lab = picture[3].astype(np.float64), straight_oklab(picture)
    main = _main_color(lab, alpha * (np.hypot(lab[..., 1], lab[..., 2]) + _PLAIN))
    return bool(np.linalg.norm(main - to_oklab(np.array(COLORS[color]) / 255)) < _NEAR)


def paint(pictures: F32, color: str) -> F32:
    """Pictures in another main colour.

    Args:
        pictures: (N, 4, S, S) in [0, 1], associated alpha.
        color: of :data:`COLORS`.

    Returns:
        The same shape.
    """
    wanted = to_oklab(np.array(COLORS[color]) / 255)
    return np.stack([_paint(picture, wanted) for picture in pictures]) if len(pictures) else pictures.copy()


def _paint(picture: F32, wanted: F64) -> F32:
    """(4, S, S) with its main colour at ``wanted`` (3,) of Oklab."""
    alpha, lab = picture[3].astype(np.float64), straight_oklab(picture)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    main = _main_color(lab, alpha * (chroma + _PLAIN))
    main_chroma = float(np.hypot(main[1], main[2]))
    if main_chroma > _GREY:
        hue = np.arctan2(lab[..., 2], lab[..., 1]) - math.atan2(main[2], main[1])
        apart = np.abs((hue + math.pi) % (2 * math.pi) - math.pi)
        goes = _falling(apart, _SAME_HUE, _OTHER_HUE) * np.clip(chroma / (_FULL_CHROMA * main_chroma), 0, 1)
        strength = np.minimum(chroma / main_chroma, _MOST_CHROMA)
    else:
        goes = _falling(chroma, _GREY, 2 * _GREY) * _falling(np.abs(lab[..., 0] - main[0]), 0.3, 0.45)
        strength = np.ones_like(chroma)
    moved = np.stack([lab[..., 0] + _LIGHTNESS * (wanted[0] - main[0]), strength * wanted[1], strength * wanted[2]], axis=-1)
    painted = np.moveaxis(to_srgb(lab + goes[..., None] * (moved - lab)), -1, 0)  # (S, S, 3) → (3, S, S)
    return np.concatenate([painted * alpha, picture[3:]]).astype(np.float32)


def _main_color(lab: F64, weight: F64) -> F64:
    """The mean of the colours (S, S, 3) that are most common by weight (S, S): (3,)."""
    pixels, weights = lab.reshape(-1, 3), weight.reshape(-1)  # (S, S, 3) → (S · S, 3)
    bins, of_pixel = np.unique(np.rint(pixels / _BINS), axis=0, return_inverse=True)
    own = weights * (of_pixel.reshape(-1) == np.bincount(of_pixel.reshape(-1), weights, len(bins)).argmax())
    main: F64 = own @ pixels / max(own.sum(), 1e-12)
    return main


def _falling(values: F64, full: float, none: float) -> F64:
    """1 up to ``full``, 0 from ``none`` on, a line between."""
    line: F64 = np.clip((none - values) / (none - full), 0, 1)
    return line
