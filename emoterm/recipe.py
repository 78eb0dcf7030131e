"""How a picture was made: the recipe that travels inside the file, so that ``emoterm recreate`` can make the same bytes again.

It comes back from files that anybody may have made. So it is JSON of a fixed shape, checked key by key with limits on every size; nothing
in it is run, and nothing in it names a file to open.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emoterm import __version__
from emoterm.bundle import Bundle
from emoterm.errors import InputError
from emoterm.strict_json import parse_strictly
from emoterm.tokenfile import pack, picture_bytes, token_bits, unpack

SCHEMA_VERSION = 1
MAX_RECIPE_BYTES = 4 << 20
"""The tokens of 4096 pictures, base64, are 1.6 MB."""
MAX_TEXT_CHARS = 2000
MAX_PARAMETERS = 64
MAX_LIST = 64
MAX_INPUTS = 16
MAX_INPUT_BYTES = 1 << 18
MAX_PICTURES = 4096
MAX_TOKEN_BITS = 16
MAX_DEPTH = 3
"""A picture that was fitted may have been fitted before."""

Scalar: TypeAlias = str | int | float | bool | None
Parameter: TypeAlias = Scalar | tuple[Scalar, ...]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class RecipeInput:
    """One of the pictures that went in."""

    label: str
    """For people: ``cat.png``, ``😊 smiling face with smiling eyes (noto)``. Never a path."""
    tokens: bytes = b""
    """Packed as in a ``.emo`` file; empty for an image."""
    picture: bytes = b""
    """PNG of the image as the encoder saw it; empty where the tokens say it all."""


@dataclass(frozen=True)
class Recipe:
    """Everything that is needed to make a file again.

    Raises:
        InputError: a value that no recipe can have.
    """

    command: str
    """The command that made it: ``sample``, ``morph`` …"""
    parameters: Mapping[str, Parameter]
    """By the names of the flags: seed, words, sampling values, how it was laid out and written."""
    bundle_name: str
    bundle_version: str
    bundle_sha256: str
    """Of the bundle's manifest, which covers every other file of it."""
    tokens: bytes = b""
    """Of the pictures in the file, in order, packed as in a ``.emo`` file; empty where no tokens stand behind them."""
    token_bits: int = 9
    inputs: tuple[RecipeInput, ...] = ()
    source: Recipe | None = None
    """The recipe of the file that was fitted."""
    version: str = field(default=__version__)
    """Of emoterm."""

    def __post_init__(self) -> None:
        _check_recipe(self)

    def token_grid(self, codebook_size: int | None = None) -> NDArray[np.int64]:
        """The tokens as int64 ``(N, 256)``.

        Args:
            codebook_size: if given, tokens must be below it.

        Raises:
            InputError: there are none, or one is out of range.
        """
        return unpack(self.tokens, bits=self.token_bits, codebook_size=codebook_size)

    def to_json(self) -> str:
        """One line of ASCII; the same recipe always gives the same text."""
        return json.dumps(_to_data(self), ensure_ascii=True, allow_nan=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Recipe:
        """Parse and check what :meth:`to_json` wrote.

        Raises:
            InputError: not such text, another ``schema_version``, or a value out of its limits.
        """
        if len(text) > MAX_RECIPE_BYTES:
            raise _bad(f"it has more than {MAX_RECIPE_BYTES >> 20} MiB")
        try:
            data = parse_strictly(text)
        except (ValueError, RecursionError):
            raise _bad("it is not JSON") from None
        return _from_data(data, depth=1)


class Ingredient(Protocol):
    """A picture that a recipe can keep, as :class:`emoterm.inputs.Picture`."""

    def for_recipe(self, bits: int) -> RecipeInput:
        """What is kept of it, its tokens at so many bits each."""


def make_recipe(
    bundle: Bundle,
    command: str,
    parameters: Mapping[str, Parameter],
    *,
    tokens: NDArray[np.int64] | None = None,
    inputs: Sequence[RecipeInput | Ingredient] = (),
    source: Recipe | None = None,
) -> Recipe:
    """The recipe of a file that this version makes now.

    Args:
        bundle: the bundle in use.
        command: the command.
        parameters: see :class:`Recipe`.
        tokens: ``(N, 256)``, of the pictures in the file.
        inputs: the pictures that went in.
        source: the recipe of the file that was fitted.
    """
    manifest = bundle.manifest
    bits = token_bits(manifest.codebook.size)
    packed = b"" if tokens is None else pack(tokens, bits)
    identity = (manifest.name, manifest.version, bundle.sha256)
    kept = tuple(each if isinstance(each, RecipeInput) else each.for_recipe(bits) for each in inputs)
    return Recipe(command, dict(parameters), *identity, tokens=packed, token_bits=bits, inputs=kept, source=source)


def _to_data(recipe: Recipe) -> dict[str, Any]:
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "emoterm": recipe.version,
        "command": recipe.command,
        "parameters": {key: list(value) if isinstance(value, tuple) else value for key, value in recipe.parameters.items()},
        "bundle": {"name": recipe.bundle_name, "version": recipe.bundle_version, "sha256": recipe.bundle_sha256},
        "token_bits": recipe.token_bits,
        "tokens": _to_text(recipe.tokens),
        "inputs": [{"label": each.label, "tokens": _to_text(each.tokens), "picture": _to_text(each.picture)} for each in recipe.inputs],
    }
    return data if recipe.source is None else {**data, "source": _to_data(recipe.source)}


def _from_data(data: object, *, depth: int) -> Recipe:
    if depth > MAX_DEPTH:
        raise _bad("it goes too deep")
    found = _keys(
        data, "the recipe", {"schema_version", "emoterm", "command", "parameters", "bundle", "token_bits", "tokens", "inputs"}, {"source"}
    )
    if found["schema_version"] != SCHEMA_VERSION:
        what = f"The recipe in the file has schema_version {found['schema_version']!r:.20}, this emoterm reads {SCHEMA_VERSION}."
        raise InputError(what, fix="Upgrade: pip install -U emoterm")
    bundle = _keys(found["bundle"], "bundle", {"name", "version", "sha256"})
    parameters, inputs = found["parameters"], found["inputs"]
    if not isinstance(parameters, dict) or not isinstance(inputs, list) or len(inputs) > MAX_INPUTS:
        raise _bad("parameters should be an object and inputs a short list")
    rows = [_keys(each, "inputs", {"label", "tokens", "picture"}) for each in inputs]
    return Recipe(
        command=found["command"],
        parameters={key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()},
        bundle_name=bundle["name"],
        bundle_version=bundle["version"],
        bundle_sha256=bundle["sha256"],
        tokens=_to_bytes(found["tokens"]),
        token_bits=found["token_bits"],
        inputs=tuple(RecipeInput(row["label"], _to_bytes(row["tokens"]), _to_bytes(row["picture"])) for row in rows),
        source=None if found.get("source") is None else _from_data(found["source"], depth=depth + 1),
        version=found["emoterm"],
    )


def _check_recipe(recipe: Recipe) -> None:
    """Types too: the values may have come from JSON."""
    texts = [recipe.command, recipe.bundle_name, recipe.bundle_version, recipe.bundle_sha256, recipe.version]
    if not all(_is_text(text) for text in [*texts, *(each.label for each in recipe.inputs)]):
        raise _bad(f"a text is missing or longer than {MAX_TEXT_CHARS} characters")
    if not _NAME.fullmatch(recipe.command) or not _SHA256.fullmatch(recipe.bundle_sha256):
        raise _bad("its command or the sha256 of its bundle is none")
    if len(recipe.parameters) > MAX_PARAMETERS:
        raise _bad(f"it has more than {MAX_PARAMETERS} parameters")
    for name, value in recipe.parameters.items():
        values = value if isinstance(value, tuple) else (value,)
        if not isinstance(name, str) or not _NAME.fullmatch(name) or len(values) > MAX_LIST or not all(map(_is_scalar, values)):
            raise _bad(f"the parameter {name!r:.40} has an impossible name or value")
    if type(recipe.token_bits) is not int or not 1 <= recipe.token_bits <= MAX_TOKEN_BITS:
        raise _bad(f"token_bits should be 1 … {MAX_TOKEN_BITS}")
    size = picture_bytes(bits=recipe.token_bits)
    if len(recipe.tokens) > MAX_PICTURES * size:
        raise _bad(f"it has more than {MAX_PICTURES} pictures")
    if len(recipe.tokens) % size or any(len(each.tokens) not in (0, size) for each in recipe.inputs):
        raise _bad("its tokens are cut short")
    if len(recipe.inputs) > MAX_INPUTS or any(len(each.picture) > MAX_INPUT_BYTES for each in recipe.inputs):
        raise _bad("it has too many inputs, or too large ones")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT_CHARS


def _is_scalar(value: object) -> bool:
    if isinstance(value, int):  # bool is one
        return abs(value) < 2**64
    return value is None or _is_text(value) or (isinstance(value, float) and math.isfinite(value))


def _keys(value: object, what: str, needed: set[str], optional: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | optional:
        raise _bad(f"{what} should have exactly the keys {', '.join(sorted(needed))}")
    return value


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _to_bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii") if isinstance(text, str) else b"!", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _bad("tokens and pictures should be base64") from None


def damaged(name: str, value: object) -> InputError:
    """The error for a value that cannot be."""
    return InputError(f"The recipe in the file is damaged: {name} cannot be {value!r:.40}.")


def _bad(why: str) -> InputError:
    return InputError(f"The recipe in the file is damaged: {why}.", fix="Use the file as it was written; some services rewrite it.")
