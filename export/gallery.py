"""The gallery of a bundle: every picture of the data as tokens, with its names."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.manifest import Attribution
from emoterm.tokenfile import pack
from trainer.data import EmojiRow, EmojiSet

UNNAMED_STYLE = "default"
"""The style of data that has none."""


def write_gallery(data: EmojiSet, tokens: NDArray[np.int64], *, bits: int) -> tuple[bytes, bytes]:
    """``gallery_index.json`` and ``gallery_tokens.bin``.

    Args:
        data: N rows.
        tokens: (N, 256).
        bits: of a token.

    Returns:
        JSON as bytes; token grids in the order of the rows.
    """
    return gallery_index(data), pack(tokens, bits)


def gallery_index(data: EmojiSet) -> bytes:
    """``gallery_index.json``: the names of N pictures, and the number of the row that each is in."""
    emojis: dict[str, dict[str, Any]] = {}
    order = sorted(range(len(data)), key=lambda i: (data.rows[i].order, i))
    for position in order:
        row = data.rows[position]
        entry = emojis.setdefault(
            row.emoji or row.text,
            {
                "emoji": row.emoji,
                "name": row.text,
                "group": row.group,
                "subgroup": row.subgroup,
                "keywords": list(row.keywords),
                "skin_tone": row.skin_tone,
                "split": row.split,
                "styles": {},
            },
        )
        entry["styles"].setdefault(row.style or UNNAMED_STYLE, position)
    index = {
        "styles": sorted({row.style or UNNAMED_STYLE for row in data.rows}),
        "emojis": list(emojis.values()),
        "attribution": {style: f"{a.name} ({a.license})" for a in attributions(data.rows) for style in a.styles},
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()


def attributions(rows: list[EmojiRow]) -> list[Attribution]:
    """Who made the pictures and under which licence, one entry for each pair, with its styles."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        found.setdefault((row.attribution or "unknown", row.license or "unknown"), set()).add(row.style or UNNAMED_STYLE)
    return [Attribution(name, license, sorted(styles)) for (name, license), styles in sorted(found.items())]
