"""JSON values turned into frozen dataclasses that mirror them, each value of the type that its field has."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any

_hints = functools.cache(typing.get_type_hints)
"""It compiles every annotation anew; a manifest has the same few dataclasses many times."""


def build(kind: Any, value: Any, *, path: str, max_text_chars: int) -> Any:
    """Turn a JSON value into ``kind``, checking types on the way down. Keys that a dataclass does not have are passed over.

    Args:
        kind: ``int``, ``float``, ``str``, ``bool``, ``Any``, a dataclass, or of these ``list[X]``, ``tuple[X, ...]``, ``dict[str, X]`` or
            ``X | None``.
        value: of :func:`json.loads`.
        path: what messages call it.
        max_text_chars: the longest text that is taken.

    Raises:
        ValueError: a key that is missing or of another type; the message names it.
    """

    def fail(expected: str) -> ValueError:
        return ValueError(f"{path} should be {expected}, is {value!r:.60}")

    def part(kind: Any, value: Any, path: str) -> Any:
        return build(kind, value, path=path, max_text_chars=max_text_chars)

    if kind is Any:
        return value
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):  # only ever `X | None` here
        inner = next(arg for arg in args if arg is not type(None))
        return None if value is None else part(inner, value, path)
    if origin in (list, tuple):
        if not isinstance(value, list):
            raise fail("a list")
        return origin(part(args[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise fail("an object")
        return {key: part(args[1], item, f"{path}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise fail("an object")
        made: Any = kind
        hints, found = _hints(made), {}
        for spec in dataclasses.fields(kind):
            if spec.name in value:
                found[spec.name] = part(hints[spec.name], value[spec.name], f"{path}.{spec.name}")
            elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
                raise ValueError(f"{path}.{spec.name} is missing")
        return made(**found)
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1023:
        return float(value)
    if kind is str and isinstance(value, str) and len(value) > max_text_chars:
        raise fail(f"at most {max_text_chars} characters long")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise fail(f"of type {kind.__name__}")
    return value
