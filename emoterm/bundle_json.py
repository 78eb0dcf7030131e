"""JSON of a bundle, which anybody may have made: limits on size and depth, numbers that are finite, texts that can be shown."""

from __future__ import annotations

import json
from typing import Any

from emoterm.errors import BundleError
from emoterm.safe_text import is_safe

MAX_BYTES = 64 * 2**20
"""The names of fifteen thousand pictures are one megabyte."""
_REINSTALL = "Export the bundle again, or reinstall: pip install --force-reinstall emoterm"
_LINE_ENDS = str.maketrans("", "", "\t\n\r")


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
        raise BundleError(f"{where} is larger than {MAX_BYTES >> 20} MiB.", fix=_REINSTALL)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BundleError(f"{where} goes too deep.", fix=_REINSTALL) from None
    except ValueError as error:
        raise BundleError(f"{where} is not JSON ({error}).", fix=_REINSTALL) from None
    # Without a backslash a text holds what the file holds, and one look at that is fast.
    if not (is_safe(text.translate(_LINE_ENDS)) if "\\" not in text else _all_safe(value)):
        raise BundleError(f"{where} has control characters in a text.", fix=_REINSTALL)
    return value


def _all_safe(value: object) -> bool:
    """Of every text in a JSON value; its depth has been limited by the parser."""
    if isinstance(value, str):
        return is_safe(value)
    if isinstance(value, dict):
        return all(is_safe(key) and _all_safe(item) for key, item in value.items())
    return all(map(_all_safe, value)) if isinstance(value, list) else True


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
