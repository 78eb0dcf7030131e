"""Emojis out of fonts, layered, bitmap and plain, that are made here."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph as SbixGlyph
from fontTools.ttLib.tables.sbixStrike import Strike
from PIL import Image

from trainer.data import load_emojis
from trainer.errors import TrainerError


def square_font(path: Path) -> FontBuilder:
    """A font whose 😀, 😁 and A are a square of half the em, at the lower left corner."""
    builder = FontBuilder(1024, isTTF=True)
    names = [".notdef", "a", "b", "c", "layer"]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 512), (512, 512), (512, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x1F600: "a", 0x1F601: "b", ord("A"): "c"})
    builder.setupGlyf({name: square for name in names})
    builder.setupHorizontalMetrics({name: (1024, 0) for name in names})
    builder.setupHorizontalHeader(ascent=1024, descent=0)
    builder.setupNameTable({"familyName": "Test Emoji", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return builder


def test_layered_outline_font_gives_its_emojis_in_colour(tmp_path: Path) -> None:
    path = tmp_path / "colour.ttf"
    builder = square_font(path)
    builder.setupCOLR({"a": [("layer", 0)], "b": [("layer", 1)]}, version=0)
    builder.setupCPAL([[(1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 0.5)]])
    builder.save(path)
    emojis = load_emojis(f"font:{path}")
    assert [(row.text, row.emoji, row.style) for row in emojis.rows] == [
        ("grinning face", "😀", "Test Emoji"),
        ("grinning face with smiling eyes", "😁", "Test Emoji"),
    ]
    assert emojis.images[0, :, 32, 32].tolist() == [255, 0, 0, 255]
    red, green, blue, alpha = emojis.images[1, :, 32, 32].tolist()
    assert (red, green) == (0, 0)
    assert abs(alpha - 128) <= 1
    assert abs(blue - alpha) <= 1  # associated: a half-transparent blue is half as bright
    assert len(load_emojis(f"font:{path}", limit=1)) == 1


def test_bitmap_font_is_drawn_at_a_size_it_has(tmp_path: Path) -> None:
    path = tmp_path / "bitmap.ttf"
    builder = square_font(path)
    table = builder.font["sbix"] = newTable("sbix")
    table.version, table.flags, table.numStrikes = 1, 1, 2
    table.strikes = {}
    for size in (20, 72):
        strike = Strike(ppem=size, resolution=72)
        picture = io.BytesIO()
        Image.new("RGBA", (size, size), (255, 0, 0, 128) if size == 72 else (0, 255, 0, 255)).save(picture, "PNG")
        strike.glyphs = {name: SbixGlyph(glyphName=name) for name in builder.font.getGlyphOrder()}
        strike.glyphs["a"] = SbixGlyph(glyphName="a", graphicType="png ", imageData=picture.getvalue())
        table.strikes[size] = strike
    builder.save(path)
    emojis = load_emojis(f"font:{path}")
    assert emojis.images[0, :, 32, 32].tolist() == [128, 0, 0, 128]


def test_font_without_colour_is_refused(tmp_path: Path) -> None:
    square_font(tmp_path / "plain.ttf")
    with pytest.raises(TrainerError, match="without colour glyphs"):
        load_emojis(f"font:{tmp_path / 'plain.ttf'}")


def test_both_character_map_formats_are_read(tmp_path: Path) -> None:
    from trainer.sources.sfnt import read_facts

    square_font(tmp_path / "plain.ttf")
    facts = read_facts((tmp_path / "plain.ttf").read_bytes())
    assert facts.code_points == [ord("A"), 0x1F600, 0x1F601]  # format 4 has A, format 12 all three
    assert facts.strike_sizes_px == []
    with pytest.raises((ValueError, struct.error)):
        read_facts(b"GIF89a")
