"""Configurations of :mod:`trainer.config`, read back from JSON: the recipe of a run, or the one that a bundle tells."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from trainer.errors import TrainerError

_BY_TRAINING = "Use a recipe.json as training writes it."


def from_dict(kind: type, data: Any) -> Any:
    """The inverse of ``dataclasses.asdict`` for the classes of :mod:`trainer.config`.

    Raises:
        TrainerError: not such a dictionary: unknown keys, or one missing that has no default.
    """
    if not isinstance(data, dict):
        raise TrainerError(f"{kind.__name__} is described by {type(data).__name__}, not by the names of its fields.", fix=_BY_TRAINING)
    hints = typing.get_type_hints(kind)
    known = {spec.name for spec in dataclasses.fields(kind)}
    if unknown := sorted(set(data) - known):
        raise TrainerError(f"{kind.__name__} has no field {', '.join(unknown)}.", fix=f"It has: {', '.join(sorted(known))}.")
    if missing := [spec.name for spec in dataclasses.fields(kind) if _has_no_default(spec) and spec.name not in data]:
        raise TrainerError(f"{kind.__name__} lacks {', '.join(missing)}.", fix=_BY_TRAINING)
    return kind(**{name: _from_json(hints[name], value) for name, value in data.items()})


def _has_no_default(spec: dataclasses.Field[Any]) -> bool:
    return spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING


def _from_json(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        return from_dict(hint, value)
    return tuple(value) if typing.get_origin(hint) is tuple else value
