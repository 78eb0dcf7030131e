"""What a command does when a flag is not given: from the environment and the settings file."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from emoterm.errors import EmotermError

if TYPE_CHECKING:
    from emoterm.config import Found

# Their variables are read where they are used, by programs that use emoterm as a library too.
_READ_ELSEWHERE = ("bundle", "graphics")
LESS_THAN_A_FLAG = ("graphics",)
"""Settings that are no value of an option: no picture is drawn into a pipe for them. :func:`emoterm.cli.typed.setting_of` has them."""
# A style that new emojis should have is no reason to find fewer, nor to mix styles in a picture that has one; a bundle is measured as it
# is, whatever the person who measures likes; and a file is made again on a CPU, as only there the same bytes are promised.
_NOT_MEANT = {
    "search": ("style",),
    "face": ("style",),
    "wear": ("style",),
    "recreate": ("device",),
    "eval": ("temperature", "top_k", "top_p", "min_p", "guidance"),
}
# Options that say the same in another way, by the names of their parameters; typed, they go before the setting.
_INSTEAD = {"scale": ("size", "place")}
# A mean of pictures has no style to ask for; what is drawn anew has one.
_ONLY_WITH = {("blend", "style"): "repaint"}
# They have to work, and say what is wrong, with a file that is wrong.
_FORGIVING = ("config", "doctor")


def defaults_of(command: str, typed: Collection[str] = ()) -> dict[str, Found]:
    """Settings for the parameters of a command, by name; those that it does not have do no harm.

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
    for name in _READ_ELSEWHERE:
        if name in found and found[name].source == variable_of(name):
            del found[name]
    return {name: setting for name, setting in found.items() if _is_meant(name, command, typed)}


def _is_meant(name: str, command: str, typed: Collection[str]) -> bool:
    """Whether a setting is for this command line."""
    if name in _NOT_MEANT.get(command, ()) or any(other in typed for other in _INSTEAD.get(name, ())):
        return False
    needed = _ONLY_WITH.get((command, name))
    return needed is None or needed in typed
