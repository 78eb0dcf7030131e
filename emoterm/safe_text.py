"""Characters that a terminal could take for a command, or that reorder what a person reads."""

from __future__ import annotations

import re

# Control characters (C0, DEL, C1), line and paragraph separators, bidirectional overrides, lone surrogates (undecodable file names).
# Joiners and variation selectors stay: emojis are made of them.
_BEYOND_C0 = "\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_UNSAFE = re.compile(f"[\x00-\x1f{_BEYOND_C0}]")
_UNSAFE_IN_FILES = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_BEYOND_C0}]")


def safe(text: object) -> str:
    """Text with every character escaped that could move the cursor, change colours or reorder the line."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), str(text))


def quoted(text: str, most: int = 60) -> str:
    """What somebody typed, for a message: in quotes, safe, and not too long.

    Unlike ``repr``, which knows the emojis of Python's own Unicode version and takes the others, and joiners, apart.
    """
    text = safe(text)
    return f"'{text if len(text) <= most else text[: most - 1] + '…'}'"


def safe_json(text: str) -> str:
    """JSON with the same characters escaped in its own way, so that it means the same."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def is_safe(text: str) -> bool:
    """Whether :func:`safe` would leave the text as it is."""
    return _UNSAFE.search(text) is None


def is_safe_file(text: str) -> bool:
    """As :func:`is_safe`, but tabs and ends of lines may be there, with which files are laid out."""
    return _UNSAFE_IN_FILES.search(text) is None


def as_wide(text: str) -> str:
    """Text of the same width without those characters, for where columns have been counted: only surrogates have a width, and something
    else takes their place."""
    return _UNSAFE.sub(lambda match: "\N{REPLACEMENT CHARACTER}" if "\ud800" <= match[0] <= "\udfff" else "", text)
