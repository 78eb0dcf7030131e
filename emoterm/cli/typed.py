"""What somebody typed, as against what comes from settings and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emoterm.errors import UsageError

if TYPE_CHECKING:
    from typer._click import Context

    from emoterm.config import Found

_SETTINGS = "emoterm.settings"


def remember_settings(context: Context, settings: Mapping[str, Found]) -> None:
    """Keep the settings that go with a command line, for :func:`setting_of`."""
    context.meta[_SETTINGS] = settings


def typed(*names: str) -> list[str]:
    """Those of some parameters that are on the command line, by the names of their flags: ``ping_pong`` → ``--ping-pong``.

    Args:
        names: parameters of the command that runs; those that it does not have were not typed.
    """
    from typer._click.core import ParameterSource
    from typer._click.globals import get_current_context

    context = get_current_context(silent=True)
    if context is None:
        return []
    return [f"--{name.replace('_', '-')}" for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]


def setting_of(name: str) -> tuple[str, str] | None:
    """What a setting is for the command that runs, and the file or variable that says so; None where nothing does.

    Args:
        name: a key of the settings file. Of ``bundle`` and ``graphics`` only what the file says; their variables are read elsewhere.
    """
    from typer._click.globals import get_current_context

    context = get_current_context(silent=True)
    found = None if context is None else context.meta.get(_SETTINGS, {}).get(name)
    return None if found is None else (str(found.value), found.source)


def refuse_typed(*names: str, goes_with: str, fix: str) -> None:
    """Refuse flags that would do nothing. A setting that has nothing to say to this run is no mistake.

    Args:
        names: parameters of the command that runs.
        goes_with: what they are for, and that it is not there.
        fix: what to type instead.

    Raises:
        UsageError: one of them was typed.
    """
    if flags := typed(*names):
        raise UsageError(f"{' and '.join(flags)} {'goes' if len(flags) == 1 else 'go'} with {goes_with}.", fix=fix)


def a_color(value: str) -> str:
    """The colour that was typed, if it is one.

    Raises:
        UsageError: it is none.
    """
    if value != "transparent":  # as nearly always: then nothing need be imported
        from emoterm.imaging.compose import parse_color

        parse_color(value)
    return value


def one_style(value: str | None) -> str | None:
    """The style that was typed; None for any, which is how a setting is left out."""
    if value is None:
        return None
    from emoterm.names import style_or_none

    return style_or_none(value)
