"""What an error says of the command line, in plain sentences; imported when there is one."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emoterm.errors import BundleError, EmotermError, UsageError
from emoterm.names import did_you_mean
from emoterm.safe_text import quoted

if TYPE_CHECKING:
    from typer import TyperException
    from typer._click.core import Parameter
    from typer._click.exceptions import BadParameter, NoSuchOption

_KINDS = {"int": "a whole number", "float": "a number", "finite": "a number", "bool": "true or false"}
"""By the beginning of what pydantic calls the error."""

_NEAR = 0.6
"""Likeness from which on an option may be what somebody meant."""


def what_and_where(error: EmotermError, argv: Sequence[str]) -> str:
    """What went wrong, and which variable or file said so where it is about a setting: a flag that nobody typed is hard to find.

    Args:
        error: what ended the command.
        argv: the command line.
    """
    from emoterm.config import read_settings

    if not isinstance(error, UsageError | BundleError):
        return error.what
    try:
        found = read_settings()
    except EmotermError:  # it is about the settings themselves
        return error.what
    for name, setting in found.items():
        value = setting.value
        if not isinstance(value, str) or setting.source in error.what or not _names(value, error.what):
            continue
        # A word that was typed, as that flag or in a prompt, is not looked for in the settings.
        if not any(word.partition("=")[0] == f"--{name.replace('_', '-')}" or value in word for word in argv):
            return f"{setting.source}: {error.what}"
    return error.what


def what_and_fix(error: TyperException, argv: Sequence[str], commands: Mapping[str, object]) -> tuple[str, str]:
    """What Typer finds wrong with a command line, without the wording of the libraries it asks, and what to type next.

    Args:
        error: Typer's.
        argv: the command line.
        commands: the table of commands.
    """
    from typer._click import exceptions

    help_of_it = f"{_path_of(error, argv, commands)} --help"
    if isinstance(error, exceptions.MissingParameter):
        choices = _choices_of(error.param)
        return (f"{error.format_message().partition('. ')[0].rstrip('.')}{f': {_either(choices)}' if choices else ''}.", help_of_it)
    if isinstance(error, exceptions.BadParameter) and error.param is not None:
        return _bad_value(error, help_of_it)
    if isinstance(error, exceptions.NoSuchOption):
        return _no_such_option(error, argv, commands, help_of_it)
    if isinstance(error, exceptions.BadOptionUsage):
        needs = "requires" in error.message
        return f"{error.option_name} {'needs a value' if needs else 'takes no value'}.", help_of_it
    # Words where none are taken: of ``sample`` they are most likely meant for the flag that takes them.
    words = re.search(r"unexpected extra arguments? ?(?:\(s\))? ?\((.+)\)", error.format_message())
    if words is not None and help_of_it == "emoterm sample --help":
        return error.format_message(), f"emoterm sample --prompt {shlex.quote(words[1])}"
    return error.format_message(), help_of_it


def _names(value: str, message: str) -> bool:
    """Whether a message names a value, cut short as most do or whole as the path of a bundle is."""
    return quoted(value) in message or quoted(value, len(message)) in message


def _shown(value: object) -> str:
    return quoted(value) if isinstance(value, str) else f"{value!r:.60}"


def _path_of(error: TyperException, argv: Sequence[str], commands: Mapping[str, object]) -> str:
    """The command whose help tells more: ``emoterm sample``."""
    if context := getattr(error, "ctx", None):
        return str(context.command_path)
    return " ".join(["emoterm", *(name for name in argv[:1] if name in commands)])


def _bad_value(error: BadParameter, help_of_it: str) -> tuple[str, str]:
    """A value that is none of the choices, or of another kind, or out of range: said as it is of settings."""
    assert error.param is not None
    name = next(iter(error.param.opts), None) if error.param.param_type_name == "option" else None
    name = name or getattr(error.param, "display_name_raw", None) or error.param.name
    found: dict[str, Any] = next(iter(getattr(error.__cause__, "errors", list)()), {})
    value, limits = found.get("input"), found.get("ctx", {})
    choices = _choices_of(error.param)
    if choices and found:
        hint = did_you_mean(str(value).casefold(), choices)
        return f"{name} is {_shown(value)}, which is not known.", f"{hint}Use one of: {', '.join(choices)}"
    kind = str(found.get("type", "")).partition("_")[0]
    if "ge" in limits or "le" in limits:
        which, limit = next((which, limits[key]) for key, which in (("ge", "at least"), ("le", "at most")) if key in limits)
        limit = f"{which} {limit:g}" if isinstance(limit, float) else f"{which} {limit}"
        return f"{name} is {value!s:.60}, and should be {limit}.", help_of_it
    if kind in _KINDS:
        return f"{name} is {_shown(value)}, and should be {_KINDS[kind]}.", help_of_it
    return f"{name}: {error.message.removeprefix('Value error, ')}", help_of_it


def _no_such_option(error: NoSuchOption, argv: Sequence[str], commands: Mapping[str, object], help_of_it: str) -> tuple[str, str]:
    """Perhaps one of a command, but in front of it; perhaps misspelt."""
    name = error.option_name
    at = next((i for i, word in enumerate(argv) if word in commands), None)
    if error.ctx is not None and error.ctx.parent is None and at is not None:
        command = error.ctx.command.get_command(error.ctx, argv[at])  # type: ignore[attr-defined]
        if any(name in (*parameter.opts, *parameter.secondary_opts) for parameter in command.params):
            moved = shlex.join(["emoterm", argv[at], *argv[:at], *argv[at + 1 :]])
            return f"{name} belongs behind the command.", moved
    alike = {each: _likeness(name.lstrip("-"), each.lstrip("-")) for each in error.possibilities or ()}
    near = sorted((each for each, likeness in alike.items() if likeness >= _NEAR), key=lambda each: -alike[each])
    hint = f" Did you mean {_either(near)}?" if near else ""
    return f"There is no option {name}.{hint}", help_of_it


def _likeness(typed: str, name: str) -> float:
    """From 0 to 1, which is for the whole name and for its beginning."""
    return 1.0 if typed and name.startswith(typed) else difflib.SequenceMatcher(None, typed, name).ratio()


def _choices_of(parameter: Parameter | None) -> list[str]:
    return [str(choice) for choice in getattr(getattr(parameter, "type_descriptor", None), "choices", None) or ()]


def _either(names: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
