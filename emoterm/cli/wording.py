"""What an error says of the command line; imported when there is one."""

from __future__ import annotations

from collections.abc import Sequence

from emoterm.errors import EmotermError, UsageError

_SAY_IT_THEMSELVES = ("bundle", "graphics")
"""Whose values are read where they are used, by code that knows where they came from."""


def what_and_where(error: EmotermError, argv: Sequence[str]) -> str:
    """What went wrong, and which variable or file said so where it is about a setting: a flag that nobody typed is hard to find.

    Args:
        error: what ended the command.
        argv: the command line.
    """
    from emoterm.config import read_settings

    if not isinstance(error, UsageError):
        return error.what
    try:
        found = read_settings()
    except EmotermError:  # it is about the settings themselves
        return error.what
    for name, setting in found.items():
        flag = f"--{name.replace('_', '-')}"
        typed = any(word.partition("=")[0] == flag for word in argv)
        if isinstance(setting.value, str) and name not in _SAY_IT_THEMSELVES and repr(setting.value) in error.what and not typed:
            return f"{setting.source}: {error.what}"
    return error.what
