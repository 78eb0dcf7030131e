"""The glyphs of a colour emoji font: a data set on every machine that can show emojis, with no network at all.

One picture for each single character; sequences (flags, families, skin tones) are left out, as no table in Python lists them.
"""

from __future__ import annotations

import struct
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from trainer.errors import TrainerError
from trainer.sources.record import ALTERNATIVES, Record
from trainer.sources.sfnt import read_facts

OUTLINE_SIZE_PX = 128
"""Size at which outline fonts are drawn: twice the default picture, so that it is resized down."""
_COLOUR_TABLES = frozenset(("CBDT", "sbix", "COLR"))
_CATEGORIES = frozenset(("So", "Sm", "Po", "Pd"))  # symbols; ‼ is Po, 〰 is Pd
_NEW_EMOJI = range(0x1F300, 0x1FB00)  # where emojis are that this Python's Unicode tables do not know yet
_LETTER_SYMBOLS = range(0x1F1E6, 0x1F200)  # regional indicators: halves of flags


def read_font(path: Path, *, limit: int | None = None) -> list[Record]:
    """Draw the emojis of a font.

    Args:
        path: a font with bitmaps (CBDT, sbix) or layered outlines (COLR version 0).
        limit: draw the first so many only.

    Raises:
        TrainerError: no such file, not a font, or no colour glyphs that FreeType draws.
    """
    if not path.is_file():
        raise TrainerError(f"There is no font at {path}.", fix="On Debian and Ubuntu: apt-get install fonts-noto-color-emoji")
    try:
        facts = read_facts(path.read_bytes())
        # The smallest bitmaps that are large enough, or else the largest; such a font opens at the sizes it has and no other.
        sizes = [size for size in facts.strike_sizes_px if size >= OUTLINE_SIZE_PX // 2] or facts.strike_sizes_px[-1:] or [OUTLINE_SIZE_PX]
        font = ImageFont.truetype(path, sizes[0], layout_engine=ImageFont.Layout.BASIC)
    except (OSError, ValueError, struct.error) as error:
        raise TrainerError(f"{path} cannot be read as a font: {error}", fix=ALTERNATIVES) from None
    if not facts.tables & _COLOUR_TABLES:
        raise TrainerError(f"{path} is a font without colour glyphs (no CBDT, sbix or COLR table).", fix=ALTERNATIVES)
    family = font.getname()[0] or path.stem
    glyphs: dict[str, Image.Image] = {}
    for point in facts.code_points:
        if len(glyphs) == limit:
            break
        if _is_emoji(point) and (glyph := _draw(chr(point), font)) is not None:
            glyphs[chr(point)] = glyph
    if not glyphs:
        raise TrainerError(
            f"{path} has no emoji that FreeType can draw.", fix="COLR version 1 and SVG glyphs cannot be used; take a CBDT font."
        )
    side = _common_side([max(glyph.size) for glyph in glyphs.values()])
    return [
        Record(_centred(glyph, side), _name(char), f"{char} of {path.name}", {"emoji": char, "style": family, "order": index})
        for index, (char, glyph) in enumerate(glyphs.items())
    ]


def _is_emoji(point: int) -> bool:
    if point < 0xA9 or point in _LETTER_SYMBOLS:
        return False
    category = unicodedata.category(chr(point))
    return category in _CATEGORIES or (category == "Cn" and point in _NEW_EMOJI)


def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()


def _draw(char: str, font: ImageFont.FreeTypeFont) -> Image.Image | None:
    """The glyph cut to its ink, mode ``RGBa``; None for one without ink."""
    left, top, right, bottom = (int(edge) for edge in font.getbbox(char))
    if right <= left or bottom <= top:
        return None
    canvas = Image.new("RGBA", (right - left, bottom - top))
    ImageDraw.Draw(canvas).text((-left, -top), char, font=font, embedded_color=True)
    # Pillow blends opaque colour into transparent black by coverage, colour and alpha alike: that is associated alpha, though it says RGBA.
    glyph = Image.frombytes("RGBa", canvas.size, canvas.tobytes())
    ink = glyph.getchannel("a").getbbox()
    return glyph.crop(ink) if ink else None


def _common_side(sides: list[int]) -> int:
    """One scale for all glyphs, so that a small diamond stays smaller than a large one; the widest 5% may be scaled down for it."""
    return sorted(sides)[int(0.95 * (len(sides) - 1))]


def _centred(glyph: Image.Image, side: int) -> Image.Image:
    side = max(side, *glyph.size)
    square = Image.new("RGBa", (side, side))
    square.paste(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
    return square
