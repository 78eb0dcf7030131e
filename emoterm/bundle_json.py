"""JSON of a bundle, which anybody may have made: limits on size and depth, numbers that are finite, texts that can be shown."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from emoterm.errors import REINSTALL, BundleError
from emoterm.safe_text import is_safe, is_safe_file
from emoterm.strict_json import parse_strictly

MAX_BYTES = 64 * 2**20
"""The names of fifteen thousand pictures are one megabyte."""
_PIECE_BYTES = 1 << 20


def parse_json(data: bytes | str, where: str) -> Any:
    """Parse a JSON file of a bundle.

    Args:
        data: its content.
        where: what messages call it.

    Raises:
        BundleError: not JSON, too large, too deep, a number that is not finite, or a text with control characters, which would reach
            the terminal.
    """
    if len(data) > MAX_BYTES:
        raise BundleError(f"{where} is larger than {MAX_BYTES >> 20} MiB.", fix=REINSTALL)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = parse_strictly(text)
    except RecursionError:
        raise BundleError(f"{where} goes too deep.", fix=REINSTALL) from None
    except ValueError as error:
        raise BundleError(f"{where} is not JSON ({error}).", fix=REINSTALL) from None
    if not (has_safe_texts(text) or is_safe_value(value)):
        raise BundleError(f"{where} has control characters in a text.", fix=REINSTALL)
    return value


def has_safe_texts(data: bytes | str) -> bool:
    """Whether one look at the file is enough to know that no text has control characters: without a backslash a text holds what the file
    holds. Where this is False, :func:`is_safe_value` tells.
    """
    return all("\\" not in text and is_safe_file(text) for text in _pieces(data))


def _pieces(data: bytes | str) -> Iterator[str]:
    """The text bit by bit, as a character takes four bytes where one of them is an emoji: of a million names that is a gigabyte."""
    if isinstance(data, str):
        yield data
        return
    utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for start in range(0, len(data), _PIECE_BYTES):
        yield utf8.decode(data[start : start + _PIECE_BYTES], final=start + _PIECE_BYTES >= len(data))


def is_safe_value(value: object) -> bool:
    """Whether no text in a JSON value has control characters; its depth has been limited by the parser."""
    if isinstance(value, str):
        return is_safe(value)
    if isinstance(value, dict):
        return all(is_safe(key) and is_safe_value(item) for key, item in value.items())
    return all(map(is_safe_value, value)) if isinstance(value, list) else True
