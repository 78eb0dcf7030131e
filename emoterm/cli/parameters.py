"""Options and arguments whose values are easily told, so that no command waits for what converts the others.

Typer has pydantic convert every value, those that nobody typed included, and to import pydantic takes longer than to import Typer. Texts,
whole numbers, choices, and what a command declares itself are told here where they are plain; whatever else is typed is left to Typer, and
so is every message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    from typer._click import Context
    from typer._click.core import Parameter

_PLAIN = (bool, int, float)
_DIGITS: Final = 20
"""Of the largest seed; longer numbers are none of ours."""
_FOR_TYPER: Final = object()


class PlainOption(TyperOption):
    """An option whose value Typer converts only where it has to."""

    def process_value(self, ctx: Context, value: Any) -> Any:
        """As in the base class."""
        told = _told(self, value, resilient=ctx.resilient_parsing)
        return super().process_value(ctx, value) if told is _FOR_TYPER else _called_back(self, ctx, told)


class PlainArgument(TyperArgument):
    """An argument whose value Typer converts only where it has to."""

    def process_value(self, ctx: Context, value: Any) -> Any:
        """As in the base class."""
        told = _told(self, value, resilient=ctx.resilient_parsing)
        return super().process_value(ctx, value) if told is _FOR_TYPER else _called_back(self, ctx, told)


def make_plain(parameters: Iterable[Parameter]) -> None:
    """Turn parameters, which Typer has made, into such ones. They stay the same objects, by which Typer tells them apart."""
    for parameter in parameters:
        if type(parameter) is TyperOption:
            parameter.__class__ = PlainOption
        elif type(parameter) is TyperArgument:
            parameter.__class__ = PlainArgument


def _told(parameter: TyperOption | TyperArgument, value: Any, *, resilient: bool) -> Any:
    """What Typer would make of a value, or :data:`_FOR_TYPER` where that is not plain to see.

    Args:
        parameter: of the command.
        value: what was typed, or stands in for it.
        resilient: whether errors do not count, as where the tab key is pressed.
    """
    annotation: Any = parameter.type_descriptor.annotation
    if value is None:
        nothing = () if parameter.multiple or parameter.nargs == -1 else None
        return _FOR_TYPER if parameter.required and not resilient else nothing
    if annotation is str:
        return value if _is_text(value) else _FOR_TYPER
    if annotation == list[str]:
        return list(value) if value and isinstance(value, list | tuple) and all(map(_is_text, value)) else _FOR_TYPER
    if get_origin(annotation) is Literal:
        return value if isinstance(value, str) and value in get_args(annotation) else _FOR_TYPER
    if value is parameter.default and annotation in _PLAIN and isinstance(value, _PLAIN):
        return annotation(value)  # frames a second are 12 in a signature, and a float
    if annotation is int and isinstance(value, str) and len(value) <= _DIGITS and value.isascii() and value.isdecimal():
        limits = parameter.type_descriptor.parameter_info
        number = int(value)
        is_within = (limits.min is None or number >= limits.min) and (limits.max is None or number <= limits.max)
        return number if is_within else _FOR_TYPER
    return _FOR_TYPER


def _called_back(parameter: TyperOption | TyperArgument, ctx: Context, value: Any) -> Any:
    return value if parameter.callback is None else parameter.callback(ctx, parameter, value)


def _is_text(typed: object) -> bool:
    """Whether something typed is text, and not bytes that are none in the encoding of the terminal."""
    if not isinstance(typed, str):
        return False
    try:
        typed.encode()
    except UnicodeEncodeError:
        return False
    return True
