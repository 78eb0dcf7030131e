"""What a recipe says, read out of it value by value: files come from strangers, and any of them may be of another kind than it should be.

All functions raise :class:`~emoterm.errors.InputError` where the recipe holds something else.
"""

from __future__ import annotations

from typing import cast

from emoterm.errors import InputError
from emoterm.face_box import FaceBox
from emoterm.inputs import SIDE_PX
from emoterm.recipe import Recipe, RecipeInput, damaged
from emoterm.request import Request
from emoterm.sampling import SamplingParams


def inputs_of(recipe: Recipe, n: int | None = None) -> tuple[RecipeInput, ...]:
    """The pictures that went in; ``n`` of them, or with None at least one."""
    if not recipe.inputs or (n is not None and len(recipe.inputs) != n):
        raise damaged("inputs", len(recipe.inputs))
    if recipe.command == "reconstruct" and not all(each.picture for each in recipe.inputs):
        raise damaged("inputs", "without pictures")
    return recipe.inputs


def request_of(recipe: Recipe) -> Request:
    """What the pictures of a sample should be; recipes from before there was one of these parameters are without it."""
    try:
        return Request(
            words=texts(recipe, "words"),
            style=optional_text(recipe, "style"),
            sought=texts(recipe, "sought"),
            color=optional_text(recipe, "color"),
            feeling=optional_text(recipe, "feeling"),
            worn=texts(recipe, "worn"),
            glasses_in_front=truth(recipe, "glasses_in_front"),
            by_chance=truth(recipe, "by_chance"),
            group=optional_text(recipe, "group"),
            search_version=integer(recipe, "search_version") if "search_version" in recipe.parameters else 1,
        )
    except ValueError as error:
        raise InputError(f"The recipe in the file is damaged: {error}.") from None


def sampling_params(recipe: Recipe) -> SamplingParams:
    """The sampling law; recipes from before there was a min-p are without it."""
    top_k = recipe.parameters.get("top_k")
    if not (type(top_k) is int or top_k is None):
        raise damaged("top_k", top_k)
    temperature, top_p, guidance = (number(recipe, name) for name in ("temperature", "top_p", "guidance"))
    min_p = number(recipe, "min_p") if "min_p" in recipe.parameters else 0.0
    return SamplingParams(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, guidance=guidance)


def optional_text(recipe: Recipe, name: str) -> str | None:
    """A text, or None where there is none."""
    value = recipe.parameters.get(name)
    if not (value is None or isinstance(value, str)):
        raise damaged(name, value)
    return value


def texts(recipe: Recipe, name: str) -> tuple[str, ...]:
    """A list of texts; empty where there is none."""
    value = recipe.parameters.get(name, ())
    if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
        raise damaged(name, value)
    return cast("tuple[str, ...]", value)


def integer(recipe: Recipe, name: str, most: int = 2**64 - 1) -> int:
    """A whole number from 0 to ``most``."""
    value = recipe.parameters.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise damaged(name, value)
    return value


def truth(recipe: Recipe, name: str) -> bool:
    """True or false; false where nothing is said."""
    value = recipe.parameters.get(name, False)
    if not isinstance(value, bool):
        raise damaged(name, value)
    return value


def number(recipe: Recipe, name: str) -> float:
    """Any number."""
    value = recipe.parameters.get(name)
    if not _is_number(value):
        raise damaged(name, value)
    return cast("float", value)


def numbers(recipe: Recipe, name: str) -> tuple[float, ...]:
    """A list of numbers."""
    value = recipe.parameters.get(name)
    if not isinstance(value, tuple) or not all(map(_is_number, value)):
        raise damaged(name, value)
    return cast("tuple[float, ...]", value)


def face_box(recipe: Recipe) -> FaceBox | None:
    """Where the picture that went in has its face, if that was told."""
    if "face" not in recipe.parameters:
        return None
    values = numbers(recipe, "face")
    box = FaceBox(*values) if len(values) == 4 else None
    if box is None or not box.is_within(SIDE_PX):
        raise damaged("face", values)
    return box


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
