"""What a command does when a flag is not given: from the environment and the settings file."""

from __future__ import annotations

import os
from typing import Any

from emoterm.errors import EmotermError

# These two are read from the environment where they are used, because a setting is less than a flag there: no picture is drawn into a
# pipe for it, and a message says where the name of a missing bundle came from.
_BY_ENVIRONMENT = ("bundle", "graphics")
# A style that new emojis should have is no reason to find fewer.
_NOT_MEANT = {"search": ("style",)}
# They have to work, and say what is wrong, with a file that is wrong.
_FORGIVING = ("config", "doctor")


def defaults_of(command: str) -> dict[str, Any]:
    """Values for the parameters of a command, by name; those that it does not have do no harm.

    Raises:
        InputError: the settings file cannot be read.
        UsageError: the file or a variable makes no sense.
    """
    from emoterm.config import read_settings, variable_of

    try:
        found = read_settings()
    except EmotermError:
        if command in _FORGIVING:
            return {}
        raise
    for name in _BY_ENVIRONMENT:
        if name in found:
            os.environ.setdefault(variable_of(name), str(found.pop(name).value))
    return {name: setting.value for name, setting in found.items() if name not in _NOT_MEANT.get(command, ())}
