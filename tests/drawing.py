"""Emojis drawn with Pillow, so that the tests need no data set: 32 emojis in two styles, 64 pictures, 12 of them in the test split.

The same bytes on every run with the same Pillow.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

STYLES = ("blob", "noto")
SIZE_PX = 64
_OVERSAMPLING = 4
_EDGE_PX = SIZE_PX * _OVERSAMPLING

YELLOW, GOLD, RED, PINK, BLUE = "#ffcc22", "#e8a010", "#e02030", "#ff88aa", "#2277dd"
GREEN, BROWN, PURPLE, ORANGE, GREY, WHITE, INK = "#33a852", "#8a5a2b", "#8844cc", "#f57c00", "#90a0aa", "#ffffff", "#402810"


@dataclass(frozen=True)
class Pen:
    """Draws in units of the picture's edge, (0, 0) top left to (1, 1) bottom right."""

    canvas: ImageDraw.ImageDraw
    style: str

    @property
    def outline(self) -> str | None:
        """Noto has an outline, blob has none."""
        return INK if self.style == "noto" else None

    def disc(self, x: float, y: float, rx: float, ry: float, colour: str, *, outline: bool = False) -> None:
        """An ellipse about (x, y)."""
        box = [_EDGE_PX * v for v in (x - rx, y - ry, x + rx, y + ry)]
        self.canvas.ellipse(box, fill=colour, outline=self.outline if outline else None, width=_EDGE_PX // 40)

    def shape(self, points: list[tuple[float, float]], colour: str) -> None:
        """A polygon."""
        self.canvas.polygon([(_EDGE_PX * x, _EDGE_PX * y) for x, y in points], fill=colour, outline=self.outline, width=_EDGE_PX // 40)

    def arc(self, x: float, y: float, r: float, start: int, end: int) -> None:
        """A dark circular line from one angle to another, degrees clockwise from the right."""
        box = [_EDGE_PX * v for v in (x - r, y - r, x + r, y + r)]
        self.canvas.arc(box, start, end, fill=INK, width=_EDGE_PX // 20)


Drawing = Callable[[Pen], None]


def face(colour: str, mouth: str = "smile", eyes: str = INK, ears: str | None = None) -> Drawing:
    """A round head; blob's is taller than wide and has no outline."""

    def draw(pen: Pen) -> None:
        rx, ry = (0.38, 0.44) if pen.style == "blob" else (0.44, 0.44)
        if ears:
            for x in (0.25, 0.75):
                pen.shape([(x - 0.16, 0.35), (x, 0.02), (x + 0.16, 0.35)], ears)
        pen.disc(0.5, 0.52, rx, ry, colour, outline=True)
        for x in (0.35, 0.65):
            pen.disc(x, 0.42, 0.07, 0.09, eyes)
        if mouth == "smile":
            pen.arc(0.5, 0.55, 0.2, 20, 160)
        elif mouth == "frown":
            pen.arc(0.5, 0.85, 0.2, 200, 340)
        elif mouth == "open":
            pen.disc(0.5, 0.72, 0.1, 0.12, RED)
        else:
            pen.disc(0.5, 0.7, 0.16, 0.025, INK)

    return draw


def heart(colour: str) -> Drawing:
    """The outline x = 16 sin³t, y = 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t."""

    def draw(pen: Pen) -> None:
        points = []
        for step in range(60):
            t = 2 * math.pi * step / 60
            y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
            points.append((0.5 + 0.45 * math.sin(t) ** 3, 0.47 - y / 37))
        pen.shape(points, colour)

    return draw


def star(colour: str, rays: int = 5, inner: float = 0.2) -> Drawing:
    """A star; a sun with many rays."""

    def draw(pen: Pen) -> None:
        points = []
        for step in range(2 * rays):
            radius, angle = (inner if step % 2 else 0.47), math.pi * step / rays
            points.append((0.5 + radius * math.sin(angle), 0.5 - radius * math.cos(angle)))
        pen.shape(points, colour)

    return draw


def ball(colour: str, spot: str | None = None) -> Drawing:
    """A disc with a spot."""

    def draw(pen: Pen) -> None:
        pen.disc(0.5, 0.5, 0.42, 0.42, colour, outline=True)
        if spot:
            pen.disc(0.36, 0.34, 0.13, 0.1, spot)

    return draw


def flag(*stripes: str) -> Drawing:
    """Upright stripes."""

    def draw(pen: Pen) -> None:
        width = 0.92 / len(stripes)
        for i, colour in enumerate(stripes):
            left = 0.04 + i * width
            pen.shape([(left, 0.2), (left + width, 0.2), (left + width, 0.8), (left, 0.8)], colour)

    return draw


def hand(colour: str) -> Drawing:
    """A palm and five fingers."""

    def draw(pen: Pen) -> None:
        for x, y in ((0.2, 0.55), (0.3, 0.28), (0.45, 0.2), (0.6, 0.24), (0.74, 0.36)):
            pen.disc(x, y, 0.07, 0.18, colour, outline=True)
        pen.disc(0.48, 0.65, 0.28, 0.28, colour, outline=True)

    return draw


def block(colour: str, mark: str) -> Drawing:
    """A square with a diamond on it: boxes and signs."""

    def draw(pen: Pen) -> None:
        pen.shape([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)], colour)
        pen.shape([(0.5, 0.25), (0.75, 0.5), (0.5, 0.75), (0.25, 0.5)], mark)

    return draw


@dataclass(frozen=True)
class Emoji:
    """One emoji, in every style."""

    emoji: str
    text: str
    group: str
    subgroup: str
    keywords: tuple[str, ...]
    drawing: Drawing
    split: str = "train"
    skin_tone: str = ""


_SMILEYS, _PEOPLE, _ANIMALS, _FOOD = "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink"

EMOJIS = (
    Emoji("😀", "grinning face", _SMILEYS, "face-smiling", ("face", "grin", "happy"), face(YELLOW)),
    Emoji("😮", "face with open mouth", _SMILEYS, "face-concerned", ("face", "surprised"), face(YELLOW, "open")),
    Emoji("🙁", "frowning face", _SMILEYS, "face-concerned", ("face", "sad"), face(YELLOW, "frown"), "test"),
    Emoji("😐", "neutral face", _SMILEYS, "face-neutral-skeptical", ("face", "neutral"), face(YELLOW, "flat")),
    Emoji("😡", "enraged face", _SMILEYS, "face-negative", ("angry", "face", "red"), face(RED, "frown")),
    Emoji("🤢", "nauseated face", _SMILEYS, "face-unwell", ("face", "sick"), face(GREEN, "flat")),
    Emoji("😈", "smiling face with horns", _SMILEYS, "face-negative", ("devil", "face"), face(PURPLE, "smile", INK, PURPLE)),
    Emoji("👽", "alien", _SMILEYS, "face-costume", ("face", "space"), face(GREY, "flat", INK), "test"),
    Emoji("❤️", "red heart", _SMILEYS, "heart", ("heart", "love"), heart(RED)),
    Emoji("💙", "blue heart", _SMILEYS, "heart", ("blue", "heart", "love"), heart(BLUE)),
    Emoji("💚", "green heart", _SMILEYS, "heart", ("green", "heart", "love"), heart(GREEN), "test"),
    Emoji("🧡", "orange heart", _SMILEYS, "heart", ("heart", "orange"), heart(ORANGE)),
    Emoji("👋", "waving hand", _PEOPLE, "hand-fingers-open", ("hand", "wave"), hand(YELLOW)),
    Emoji("👋🏻", "waving hand: light skin tone", _PEOPLE, "hand-fingers-open", ("hand", "wave"), hand("#f7dcc4"), skin_tone="light"),
    Emoji("👋🏿", "waving hand: dark skin tone", _PEOPLE, "hand-fingers-open", ("hand", "wave"), hand("#5c3a22"), skin_tone="dark"),
    Emoji("🐱", "cat face", _ANIMALS, "animal-mammal", ("cat", "face", "pet"), face(ORANGE, "smile", INK, ORANGE)),
    Emoji("🐭", "mouse face", _ANIMALS, "animal-mammal", ("face", "mouse"), face(GREY, "smile", INK, PINK)),
    Emoji("🐷", "pig face", _ANIMALS, "animal-mammal", ("face", "pig"), face(PINK, "open", INK, PINK), "test"),
    Emoji("🐻", "bear", _ANIMALS, "animal-mammal", ("bear", "face"), face(BROWN, "flat", INK, BROWN)),
    Emoji("🐸", "frog", _ANIMALS, "animal-amphibian", ("face", "frog"), face(GREEN, "smile", WHITE)),
    Emoji("🍎", "red apple", _FOOD, "food-fruit", ("apple", "fruit", "red"), ball(RED, PINK)),
    Emoji("🍊", "tangerine", _FOOD, "food-fruit", ("fruit", "orange"), ball(ORANGE, YELLOW)),
    Emoji("🍪", "cookie", _FOOD, "food-sweet", ("dessert", "sweet"), ball(BROWN, INK)),
    Emoji("🌕", "full moon", "Travel & Places", "sky & weather", ("moon", "space"), ball(GOLD, YELLOW)),
    Emoji("🌍", "globe showing Europe-Africa", "Travel & Places", "place-map", ("earth", "world"), ball(BLUE, GREEN)),
    Emoji("☀️", "sun", "Travel & Places", "sky & weather", ("bright", "weather"), star(GOLD, rays=12, inner=0.36)),
    Emoji("⭐", "star", "Travel & Places", "sky & weather", ("star",), star(YELLOW), "test"),
    Emoji("❄️", "snowflake", "Travel & Places", "sky & weather", ("cold", "weather"), star(BLUE, rays=6, inner=0.12)),
    Emoji("🎁", "wrapped gift", "Activities", "event", ("box", "celebration"), block(PURPLE, GOLD)),
    Emoji("🚩", "triangular flag", "Flags", "flag", ("flag", "red"), flag(RED)),
    Emoji("🇫🇷", "flag: France", "Flags", "country-flag", ("flag",), flag(BLUE, WHITE, RED)),
    Emoji("🇮🇹", "flag: Italy", "Flags", "country-flag", ("flag",), flag(GREEN, WHITE, RED), "test"),
)


def draw_emoji(emoji: Emoji, style: str) -> Image.Image:
    """One picture: 64×64 RGBA, straight alpha, transparent around the drawing and with soft edges."""
    large = Image.new("RGBa", (_EDGE_PX, _EDGE_PX))  # associated alpha, so that no dark fringe comes in when it is made smaller
    emoji.drawing(Pen(ImageDraw.Draw(large), style))
    return large.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX).convert("RGBA")


def write_emojis(path: Path) -> Path:
    """Write all pictures as a parquet file in the shape of the training data; returns ``path``.

    Columns: image (struct of bytes and path, PNG), text, emoji, style, group, subgroup, keywords, skin_tone, split, license, attribution.
    The split is by emoji, the same in both styles.
    """
    rows = [(emoji, style) for style in STYLES for emoji in EMOJIS]
    table = {
        "image": [{"bytes": _png(draw_emoji(emoji, style)), "path": None} for emoji, style in rows],
        "text": [emoji.text for emoji, _ in rows],
        "emoji": [emoji.emoji for emoji, _ in rows],
        "style": [style for _, style in rows],
        "group": [emoji.group for emoji, _ in rows],
        "subgroup": [emoji.subgroup for emoji, _ in rows],
        "keywords": [list(emoji.keywords) for emoji, _ in rows],
        "skin_tone": [emoji.skin_tone for emoji, _ in rows],
        "split": [emoji.split for emoji, _ in rows],
        "license": ["CC0-1.0"] * len(rows),
        "attribution": ["drawn by the tests"] * len(rows),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), path)
    return path


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
