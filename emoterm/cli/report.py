"""What goes to the terminal: data on stdout, narration on stderr, and nothing in it that the terminal could take for a command."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from emoterm.quiet import output_lock
from emoterm.safe_text import safe, safe_json

__all__ = ["be_quiet", "finite", "is_quiet", "narrate", "safe", "show", "show_error", "show_json"]

_quiet = False


def be_quiet(quiet: bool) -> None:
    """Whether :func:`narrate` says nothing; what is asked for on stdout and errors stay."""
    global _quiet
    _quiet = quiet
    if quiet or "logging" in sys.modules:  # whose import costs `--help` time, and without which there is nothing to undo
        import logging

        logging.getLogger("emoterm").setLevel(logging.ERROR if quiet else logging.NOTSET)


def is_quiet() -> bool:
    """Whether nothing but data and errors is wanted."""
    return _quiet


def show(line: object = "") -> None:
    """One line of data on stdout."""
    with output_lock:
        print(safe(line))


def narrate(line: object) -> None:
    """One line for the person on stderr: what was chosen, what was ignored. Nothing with ``--quiet``."""
    if not _quiet:
        _say(line)


def show_error(what: str, *, fix: str | None = None) -> None:
    """``error: …`` and ``fix: …`` on stderr; further lines of a message are indented, so that none can pose as a message of its own."""
    for label, text in (("error: ", what), ("fix:   ", fix)):
        if text is not None:
            for number, line in enumerate(text.splitlines()):
                _say((label if number == 0 else " " * len(label)) + line)


def finite(value: Any) -> Any:
    """The same JSON value with null for numbers that JSON does not have: NaN and infinity."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def show_json(command: str, payload: dict[str, Any]) -> None:
    """One JSON object on stdout, with ``schema`` first.

    Raises:
        ValueError: a number that is not finite; JSON has none.
    """
    with output_lock:
        can_say_it = (sys.stdout.encoding or "").lower().startswith("utf")
        text = json.dumps({"schema": f"emoterm/{command}/1", **payload}, ensure_ascii=not can_say_it, allow_nan=False)
        print(safe_json(text))  # JSON leaves DEL and the C1 controls as they are


def _say(line: object) -> None:
    with output_lock:
        print(safe(line), file=sys.stderr)
