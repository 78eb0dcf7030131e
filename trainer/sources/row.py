"""What is known of an emoji beside its picture, and what can be concluded where a column is absent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from trainer.sources.record import Record

TEST_SHARE = 0.1
"""Part of the emojis that a source without a ``split`` column keeps for testing."""
_SKIN_TONES = dict(zip("🏻🏼🏽🏾🏿", ("light", "medium-light", "medium", "medium-dark", "dark"), strict=True))
_PHRASE = r"\b((?:medium-)?(?:light|dark)|medium) skin tone\b"
_SKIN_TONE = re.compile(_PHRASE, re.IGNORECASE)
_LEADING_SKIN_TONE = re.compile(rf"\s*{_PHRASE},", re.IGNORECASE)
_TRAILING_SKIN_TONE = re.compile(rf"[:,]?\s*{_PHRASE}", re.IGNORECASE)
_VARIATION_SELECTOR = "\ufe0f"


@dataclass(frozen=True)
class EmojiRow:
    """What is known of one picture beside the picture. Only ``text`` is always there."""

    text: str
    """The name, as the source writes it."""
    emoji: str = ""
    style: str = ""
    group: str = ""
    subgroup: str = ""
    keywords: tuple[str, ...] = ()
    skin_tone: str = ""
    """``light`` … ``dark``, two of them joined by ``+``, or empty for the plain emoji."""
    split: str = ""
    order: int = 0
    license: str = ""
    attribution: str = ""
    base: str = ""
    """The same for all skin-tone variants of one emoji, in every style."""


def row_of(record: Record) -> EmojiRow:
    """Columns as found, and what can be concluded where they are absent."""
    values = record.values
    emoji = _string(values.get("emoji"))
    row = EmojiRow(
        text=record.text.strip(),
        emoji=emoji,
        style=_string(values.get("style")),
        group=_string(values.get("group")),
        subgroup=_string(values.get("subgroup")),
        keywords=_strings(values.get("keywords")),
        skin_tone=_string(values["skin_tone"]) if "skin_tone" in values else _skin_tone(emoji, record.text),
        split=_string(values.get("split")),
        order=_integer(values.get("order")),
        license=_string(values.get("license")),
        attribution=_string(values.get("attribution")),
        base=_string(values.get("base")) or _base(emoji, record.text),
    )
    return row if row.split else replace(row, split=hash_split(without_skin_tone(row.text)))


def hash_split(text: str) -> str:
    """``test`` for one name in ten, ``train`` for the others; the same on every machine and for every order of rows."""
    digest = hashlib.sha256(text.casefold().encode()).digest()
    return "test" if int.from_bytes(digest[:8], "big") < TEST_SHARE * 2**64 else "train"


def skin_tone_phrases(text: str) -> tuple[str, ...]:
    """``"waving hand: Dark Skin Tone"`` -> ``("dark skin tone",)``."""
    return tuple(f"{tone} skin tone" for tone in _SKIN_TONE.findall(text.lower()))


def without_skin_tone(text: str) -> str:
    """``"kiss: man, man, dark skin tone"`` -> ``"kiss: man, man"``, ``"man: dark skin tone, bald"`` -> ``"man: bald"``.

    A name that is a skin tone and nothing else is left alone.
    """
    return _TRAILING_SKIN_TONE.sub("", _LEADING_SKIN_TONE.sub("", text)).strip() or text.strip()


def _skin_tone(emoji: str, text: str) -> str:
    """Tones of the emoji, or of the name where there is no emoji; none for a colour swatch, which has nothing to be toned."""
    if not emoji:
        tones = _SKIN_TONE.findall(text.lower()) if without_skin_tone(text) != text.strip() else []
    else:
        tones = [_SKIN_TONES[char] for char in emoji if char in _SKIN_TONES] if set(emoji) - _SKIN_TONES.keys() else []
    return "+".join(tones)


def _base(emoji: str, text: str) -> str:
    """Hex code points without skin tones and variation selectors; the name without its skin tone where there is no emoji."""
    points = [f"{ord(char):x}" for char in emoji if char not in _SKIN_TONES and char != _VARIATION_SELECTOR]
    return "-".join(points) or without_skin_tone(text)


def _string(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _strings(value: Any) -> tuple[str, ...]:
    """A list, or one string with its parts separated by ``,``, ``;`` or ``|`` as CSV files have them."""
    parts: Iterable[Any] = re.split(r"[,;|]", value) if isinstance(value, str) else value or ()
    return tuple(text for part in parts if (text := _string(part)))


def _integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
