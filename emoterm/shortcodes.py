""":thumbsup:, :tada:, :flag-jp: – emojis as GitHub, Slack and Discord let people type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORTCODE = re.compile(r":([\w+-]{1,64}):")


def with_emojis(text: str) -> str:
    """A text with every shortcode that is known in place of the emoji it means; the others stay."""
    return _SHORTCODE.sub(lambda match: _emoji_of(match[1]) or match[0], text)


def _emoji_of(code: str) -> str | None:
    """The emoji of a code, given without colons."""
    import emoji  # a tenth of a second, and only texts with colons need it

    for spelling in _spellings(code.casefold()):
        found = emoji.emojize(f":{spelling}:", language="alias")
        if not found.startswith(":"):
            return found
    return None


def _spellings(code: str) -> Iterator[str]:
    """How the table of the library may have it."""
    yield code
    yield code.replace("-", "_")  # man-shrugging
    yield code.removeprefix("flag-")  # flag-jp
