"""Single fields of a recipe, changed from the command line: ``--set section.field=value``."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable
from typing import Any

from trainer.config import Recipe, UnfitError
from trainer.errors import TrainerError


def parse_changes(changes: Iterable[str]) -> dict[str, str]:
    """``["vqvae_optim.epochs=20"]`` → ``{"vqvae_optim.epochs": "20"}``; the last one of a field wins. For :func:`override`.

    Raises:
        TrainerError: no field or no ``=`` in one of them.
    """
    found = {}
    for change in changes:
        path, equals, value = change.partition("=")
        if not equals or not path.strip():
            raise TrainerError(f"--set {change}: no value.", fix="Write it like --set vqvae_optim.epochs=20")
        found[path.strip()] = value.strip()
    return found


def override(recipe: Recipe, changes: dict[str, str]) -> Recipe:
    """Apply ``{"vqvae_optim.epochs": "20"}`` to a recipe.

    Raises:
        TrainerError: no such field, or a value of the wrong type or one that makes no sense.
    """
    for path, text in changes.items():
        recipe = _override(recipe, path.split("."), text, path)
    return recipe


def _override(node: Any, keys: list[str], text: str, path: str) -> Any:
    names = [spec.name for spec in dataclasses.fields(node)]
    if keys[0] not in names:
        raise TrainerError(f"--set {path}: no field {keys[0]!r}.", fix=f"Fields here: {', '.join(names)}.")
    old = getattr(node, keys[0])
    if len(keys) > 1 and dataclasses.is_dataclass(old):
        return dataclasses.replace(node, **{keys[0]: _override(old, keys[1:], text, path)})
    if len(keys) > 1 or dataclasses.is_dataclass(old):
        raise TrainerError(f"--set {path}: not a single value.", fix="Name one field, as in --set vqvae_optim.epochs=20")
    kind = typing.get_type_hints(type(node))[keys[0]]
    try:
        value: Any = _parse(kind, text)
    except ValueError:
        name = getattr(kind, "__name__", None) or str(kind)
        raise TrainerError(f"--set {path}: {text!r} is not {name}.", fix=f"The recipe has {old!r}.") from None
    try:
        return dataclasses.replace(node, **{keys[0]: value})
    except UnfitError as error:
        raise UnfitError(*error.told, section=path.removesuffix(keys[0])) from None


def _parse(kind: Any, text: str) -> Any:
    if isinstance(kind, types.UnionType):  # only ever `X | None` here
        return None if text.lower() == "none" else _parse(typing.get_args(kind)[0], text)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if typing.get_origin(kind) is tuple:  # only ever `tuple[X, ...]` here
        return tuple(_parse(typing.get_args(kind)[0], part) for part in text.split(",") if part)
    return kind(text)
