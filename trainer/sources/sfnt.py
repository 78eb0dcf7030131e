"""The few facts of an OpenType file that Pillow does not tell: which characters it maps, which tables and bitmap sizes it has.

Table layouts: https://learn.microsoft.com/typography/opentype/spec (otff, cmap, CBLC, sbix). All numbers are big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class FontFacts:
    """What :func:`read_facts` finds."""

    code_points: list[int]
    """Mapped characters, ascending."""
    tables: frozenset[str]
    """Tags, such as ``CBDT`` or ``COLR``."""
    strike_sizes_px: list[int]
    """Sizes of the embedded bitmaps, ascending; empty for a font of outlines."""


def read_facts(data: bytes) -> FontFacts:
    """Read the facts of the (first) font of a file.

    Raises:
        ValueError: this is no OpenType font.
        struct.error: it is cut off.
    """
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    if data[start : start + 4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise ValueError("no OpenType header")
    n_tables = struct.unpack_from(">H", data, start + 4)[0]
    records = (struct.unpack_from(">4s4xII", data, start + 12 + 16 * i) for i in range(n_tables))
    tables = {tag.decode("latin-1").strip(): data[offset : offset + length] for tag, offset, length in records}
    sizes = {*_cblc_sizes(tables.get("CBLC", b"")), *_sbix_sizes(tables.get("sbix", b""))}
    return FontFacts(sorted(set(_code_points(tables.get("cmap", b"")))), frozenset(tables), sorted(sizes))


def _code_points(cmap: bytes) -> Iterator[int]:
    """Characters of all Unicode subtables of the formats that fonts use today: 4 (16-bit) and 12 (32-bit)."""
    n_subtables = struct.unpack_from(">H", cmap, 2)[0] if cmap else 0
    for i in range(n_subtables):
        platform, offset = struct.unpack_from(">H2xI", cmap, 4 + 8 * i)
        form = struct.unpack_from(">H", cmap, offset)[0]
        if platform not in (0, 3):  # Unicode, Windows
            continue
        if form == 12:
            n_groups = struct.unpack_from(">I", cmap, offset + 12)[0]
            for group in range(n_groups):
                first, last = struct.unpack_from(">II", cmap, offset + 16 + 12 * group)
                yield from range(first, min(last, 0x10FFFF) + 1)
        elif form == 4:
            n_segments = struct.unpack_from(">H", cmap, offset + 6)[0] // 2
            lasts = struct.unpack_from(f">{n_segments}H", cmap, offset + 14)
            firsts = struct.unpack_from(f">{n_segments}H", cmap, offset + 16 + 2 * n_segments)
            for first, last in zip(firsts, lasts, strict=True):
                yield from range(first, min(last, 0xFFFE) + 1)  # the last segment is a dummy, 0xFFFF


def _cblc_sizes(cblc: bytes) -> Iterator[int]:
    """``ppemY`` of each BitmapSize record (48 bytes, ppemX at 44)."""
    for i in range(struct.unpack_from(">I", cblc, 4)[0] if cblc else 0):
        yield cblc[8 + 48 * i + 45]


def _sbix_sizes(sbix: bytes) -> Iterator[int]:
    """``ppem`` of each strike."""
    for i in range(struct.unpack_from(">I", sbix, 4)[0] if sbix else 0):
        offset = struct.unpack_from(">I", sbix, 8 + 4 * i)[0]
        yield struct.unpack_from(">H", sbix, offset)[0]
