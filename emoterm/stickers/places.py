"""The places where emojis go, and what they take.

Slack: square, under 128 KB, PNG, JPEG or GIF (docs.slack.dev, admin.emoji.add; older posts say 64 KB); that an animation may have 50 frames
is said by third parties only. Names in lower case.

Discord: under 256 KB at 128×128, PNG, JPEG, GIF or WebP, names of letters, digits and underscores, 2 to 32 of them (support.discord.com,
"How to Upload Emojis").

Mastodon: under 256 KB (50 KB before 4.0), PNG, GIF or WebP (PNG only in old servers), names ``[a-zA-Z0-9_]{2,128}`` (its source,
``CustomEmoji``).

Teams: square, under 256 KB, PNG, JPEG or GIF (third parties).

GitHub takes no emojis of one's own: there, an ``<img>`` of 20 pixels stands in for one. Pictures may have 10 MB (docs.github.com,
"Attaching files").

A KB is taken as 1000 bytes, the stricter reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from emoterm.errors import UsageError
from emoterm.files import distinct


@dataclass(frozen=True)
class Place:
    """One place."""

    name: str
    title: str
    under_bytes: int
    """A file has fewer bytes than this."""
    formats: tuple[str, ...]
    """Pillow's names of what can be uploaded, as far as emoterm writes it. Stills are PNG everywhere, animations GIF."""
    size_px: int = 128
    """Width and height."""
    max_frames: int | None = None
    max_name_chars: int = 100
    hyphens: bool = False
    """Whether a name may have hyphens."""


PLACES = {
    place.name: place
    for place in (
        Place("slack", "Slack", 128_000, ("PNG", "GIF"), max_frames=50, hyphens=True),
        Place("discord", "Discord", 256_000, ("PNG", "GIF", "WEBP"), max_name_chars=32),
        Place("mastodon", "Mastodon", 256_000, ("PNG", "GIF", "WEBP"), max_name_chars=128),
        Place("teams", "Teams", 256_000, ("PNG", "GIF")),
        Place("github", "GitHub", 10_000_000, ("PNG", "GIF", "WEBP"), hyphens=True),
    )
}


def place_named(name: str) -> Place:
    """The place of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in PLACES:
        raise UsageError(f"--for {name} is unknown.", fix=f"Use one of: {', '.join(PLACES)}")
    return PLACES[name]


def valid_name(text: str, place: Place) -> str:
    """A name that the place takes, as near to ``text`` as can be: lower case, letters of ASCII, digits and underscores.

    Args:
        text: anything: a prompt, the name of a file.
        place: where it has to be valid.
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    allowed = "a-z0-9_-" if place.hyphens else "a-z0-9_"
    name = re.sub(rf"[^{allowed}]+", "_", ascii_text)
    name = re.sub(r"_{2,}", "_", name).strip("_-")[: place.max_name_chars].rstrip("_-")
    if len(name) < 2:
        name = f"emoji_{name}" if name else "emoji"
    return name


def valid_names(texts: Iterable[str], place: Place) -> list[str]:
    """As :func:`valid_name`, and no two alike: the second ``cat`` is ``cat_2``."""
    return distinct((valid_name(text, place) for text in texts), joint="_", max_chars=place.max_name_chars)


def snippet(file: str, name: str) -> str:
    """What to write where a place has no emojis of one's own."""
    from html import escape
    from urllib.parse import quote

    return f'<img src="{quote(file)}" width="20" height="20" alt="{escape(name)}">'
