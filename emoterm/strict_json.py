"""JSON as RFC 8259 has it: Python also reads NaN and infinity, which are no numbers there."""

from __future__ import annotations

import json
from typing import Any


def parse_strictly(text: str | bytes) -> Any:
    """As :func:`json.loads`.

    Raises:
        ValueError: not JSON, or NaN or Infinity in it.
        RecursionError: it goes too deep.
    """
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")
