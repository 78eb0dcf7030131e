"""What a command does when a flag is not given: from the environment and the settings file."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from emoterm.errors import EmotermError

# These two are read from the environment where they are used, because a setting is less than a flag there: no picture is drawn into a
# pipe for it, and a message says where the name of a missing bundle came from.
_BY_ENVIRONMENT = ("bundle", "graphics")
# A style that new emojis should have is no reason to find fewer, nor to mix styles in a picture that has one; a bundle is measured as it
# is, whatever the person who measures likes; and a file is made again on a CPU, as only there the same bytes are promised.
_NOT_MEANT = {
    "search": ("style",),
    "face": ("style",),
    "wear": ("style",),
    "recreate": ("device",),
    "eval": ("temperature", "top_k", "top_p", "guidance"),
}
# Options that say the same in another way, by the names of their parameters; typed, they go before the setting.
_INSTEAD = {"scale": ("size", "place")}
# A mean of pictures has no style to ask for; what is drawn anew has one.
_ONLY_WITH = {("blend", "style"): "repaint"}
# They have to work, and say what is wrong, with a file that is wrong.
_FORGIVING = ("config", "doctor")


def defaults_of(command: str, typed: Collection[str] = ()) -> dict[str, Any]:
    """Values for the parameters of a command, by name; those that it does not have do no harm.

    Args:
        command: its name.
        typed: the parameters that the command line gives. A setting is no flag: where it does not go with them it is left out.

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
    return {name: setting.value for name, setting in found.items() if _is_meant(name, command, typed)}


def _is_meant(name: str, command: str, typed: Collection[str]) -> bool:
    """Whether a setting is for this command line."""
    if name in _NOT_MEANT.get(command, ()) or any(other in typed for other in _INSTEAD.get(name, ())):
        return False
    needed = _ONLY_WITH.get((command, name))
    return needed is None or needed in typed
