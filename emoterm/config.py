"""Settings that a person keeps: a TOML file, and environment variables that go before it.

A flag counts more than ``EMOTERM_DEVICE=cpu`` in the environment, and that more than ``device = "cpu"`` in the file. Numbers without a
setting come from the bundle or from the command.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from emoterm.errors import InputError, UsageError
from emoterm.names import did_you_mean, nearest_name
from emoterm.session import Device
from emoterm.terminal.brand import Graphics

FILE_NAME = "config.toml"
MAX_FILE_BYTES = 1 << 20
ENV_CONFIG = "EMOTERM_CONFIG"
ENV_PREFIX = "EMOTERM_"
OTHER_VARIABLES = (ENV_CONFIG, "EMOTERM_PROBE_TIMEOUT", "EMOTERM_CUDA_GRAPH", "EMOTERM_COMMIT", "EMOTERM_TEST_BUNDLE")
"""Those of the environment that are no settings, wherever they are read."""
KEYMAP = "keymap"
"""A table of the file, for the keys of the terminal interface."""
Value = str | int | float | bool


@dataclass(frozen=True)
class Setting:
    """One key of the file."""

    kind: type[str] | type[int] | type[float] | type[bool]
    help: str
    choices: tuple[str, ...] = ()
    least: float = -math.inf
    above: float = -math.inf
    """As ``least``, but a value that is not allowed itself."""
    most: float = math.inf
    newer_choices: Callable[[], Collection[str]] = tuple
    """What may be chosen too, where that takes long to find out; asked only for a value that is not among the choices."""

    def check(self, name: str, value: object) -> Value:
        """The value, as the kind that the setting has.

        Raises:
            UsageError: another kind, out of range or none of the choices.
        """
        if self.kind is float and type(value) is int and abs(value) < 2**1023:
            value = float(value)
        if type(value) is not self.kind:
            raise UsageError(f"{name} is {value!r}, and should be {_NAMES[self.kind]}.", fix=f"{name}: {self.help}")
        value = next((choice for choice in self.choices if choice == str(value).casefold()), value)
        if self.choices and value not in self.choices and value not in self.newer_choices():
            hint = did_you_mean(str(value), self.choices)
            raise UsageError(f"{name} is {value!r}, which is not known.", fix=f"{hint}Use one of: {', '.join(self.choices)}")
        if isinstance(value, int | float) and not (self.least <= value <= self.most and value > self.above):
            limit = f"at least {self.least:g}" if value < self.least else f"at most {self.most:g}"
            limit = f"above {self.above:g}" if value <= self.above else limit
            raise UsageError(f"{name} is {value!r}, and should be {limit}.", fix=f"{name}: {self.help}")
        assert isinstance(value, str | int | float | bool)
        return value

    def parse(self, name: str, text: str) -> Value:
        """The value of an environment variable.

        Raises:
            UsageError: it makes no sense.
        """
        value: object = text
        if self.kind is bool:
            value = {"1": True, "true": True, "0": False, "false": False}.get(text.strip().lower(), text)
        elif self.kind is not str:
            try:
                value = self.kind(text)
            except ValueError:
                value = text
        return self.check(name, value)


def _themes_of_textual() -> Collection[str]:
    """Those of the version that is installed, which may have more than are listed here."""
    from textual.theme import BUILTIN_THEMES

    return BUILTIN_THEMES


THEMES = (
    "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe", "catppuccin-latte", "catppuccin-macchiato",
    "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord", "rose-pine", "rose-pine-dawn", "rose-pine-moon",
    "solarized-dark", "solarized-light", "textual-dark", "textual-light", "tokyo-night",
)  # fmt: skip
"""Colours of the terminal interface, listed because Textual takes a quarter of a second to import, and every command reads the settings."""

_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}

SETTINGS: Mapping[str, Setting] = {
    "background": Setting(str, "colour behind pictures: #rrggbb, a CSS name, or transparent"),
    "bundle": Setting(str, "model: a folder, an .emoterm file or a name"),
    "columns": Setting(int, "pictures in a row of a grid", least=1),
    "device": Setting(str, "where the model runs", choices=get_args(Device)),
    "fps": Setting(float, "frames a second of an animation", least=1, most=50),
    "graphics": Setting(str, "how to draw in the terminal", choices=("auto", *Graphics)),
    "guidance": Setting(float, "above 1 follows prompt and style more closely", least=0),
    "min_p": Setting(float, "draw from tokens at least this share as likely as the likeliest; 0 is off", least=0, most=1),
    "quiet": Setting(bool, "say nothing but errors beside the data"),
    "scale": Setting(int, "enlarge each pixel by this whole factor", least=1, most=64),
    "style": Setting(str, "style of new emojis, such as noto or twemoji"),
    "temperature": Setting(float, "higher is wilder, 0 takes the likeliest token", least=0),
    "theme": Setting(str, "colours of emoterm tui", choices=THEMES, newer_choices=_themes_of_textual),
    "top_k": Setting(int, "draw from the k likeliest tokens only", least=1),
    "top_p": Setting(float, "draw from the likeliest tokens that reach this mass", above=0, most=1),
}


@dataclass(frozen=True)
class Found:
    """A setting that somebody made."""

    value: Value
    source: str
    """The file, or the environment variable."""


def config_path(env: Mapping[str, str] | None = None) -> Path:
    """Where the file is, or would be: ``EMOTERM_CONFIG``, else in the folder where this system keeps such files."""
    env = os.environ if env is None else env
    if named := env.get(ENV_CONFIG):
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_path("emoterm", appauthor=False)) / FILE_NAME


def variable_of(name: str) -> str:
    """The environment variable of a setting: ``top_k`` → ``EMOTERM_TOP_K``."""
    return f"{ENV_PREFIX}{name.upper()}"


def unknown_variables(env: Mapping[str, str]) -> dict[str, str | None]:
    """Variables that begin as those of emoterm and mean nothing to it, and for each the one that is written most like it; None: none is."""
    known = [*map(variable_of, SETTINGS), *OTHER_VARIABLES]
    return {name: nearest_name(name, known, cutoff=0.8) for name in sorted(env) if name.startswith(ENV_PREFIX) and name not in known}


def read_settings(env: Mapping[str, str] | None = None) -> dict[str, Found]:
    """Everything that the file and the environment set, by key; a key of the terminal interface as ``keymap.ACTION``.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is not TOML, has an unknown key or a value that makes no sense; or a variable has one, or names no file.
    """
    env = os.environ if env is None else env
    path = config_path(env)
    found = {name: Found(value, str(path)) for name, value in read_file(path, named=bool(env.get(ENV_CONFIG))).items()}
    for name, setting in SETTINGS.items():
        variable = variable_of(name)
        if text := env.get(variable):
            found[name] = Found(setting.parse(variable, text), variable)
    return found


def read_file(path: Path, *, named: bool = False) -> dict[str, Value]:
    """The settings of a file, and the keys as ``keymap.ACTION``; none where there is no file.

    Args:
        path: the file.
        named: somebody asked for this file by its name, so that it has to be there.

    Raises:
        InputError: it cannot be read.
        UsageError: it is not TOML, has an unknown key or a value that makes no sense; or it was named and is not there.
    """
    values: dict[str, Value] = {}
    for name, value in _parse(path, named=named).items():
        if name == KEYMAP:
            values.update({f"{KEYMAP}.{action}": keys for action, keys in _check_keymap(path, value).items()})
            continue
        if name not in SETTINGS:
            hint = did_you_mean(name, (*SETTINGS, KEYMAP), cutoff=0)
            raise UsageError(f"{path}: unknown key {name!r}.", fix=f"{hint}All keys: emoterm config show")
        try:
            values[name] = SETTINGS[name].check(name, value)
        except UsageError as error:
            raise UsageError(f"{path}: {error.what}", fix=error.fix) from None
    return values


def read_keymap(path: Path | None = None) -> dict[str, str]:
    """The keys of the terminal interface that a person has changed: keys, separated by commas, by the id of an action.

    Args:
        path: another file.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is not TOML, or ``keymap`` is no table of actions and keys that make sense; or ``EMOTERM_CONFIG`` names no file.
    """
    named = path is None and bool(os.environ.get(ENV_CONFIG))
    path = config_path() if path is None else path
    return _check_keymap(path, _parse(path, named=named).get(KEYMAP, {}))


def _parse(path: Path, *, named: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        if named:  # in the place where such files lie there may be none
            fix = f"Correct it, or leave it out: unset {ENV_CONFIG}"
            raise UsageError(f"{ENV_CONFIG} names {path}, which does not exist.", fix=fix) from None
        return {}
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).", fix=f"Set {ENV_CONFIG} to another file, or to nothing.") from None
    if len(text) > MAX_FILE_BYTES:
        raise UsageError(f"{path} is larger than {MAX_FILE_BYTES >> 10} KiB.", fix=f"Set {ENV_CONFIG} to the settings file.")
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except RecursionError:
        raise UsageError(f"{path} goes too deep.", fix='A line looks like this: device = "cpu"') from None
    except ValueError as error:  # not TOML, not UTF-8, or a number of thousands of digits
        raise UsageError(f"{path} is not TOML: {error}.", fix='A line looks like this: device = "cpu"') from None


def _check_keymap(path: Path, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
        raise UsageError(f"{path}: {KEYMAP} should be a table of keys.", fix='Such as: [keymap] and "mark.a" = "left_square_bracket"')
    if value:
        from emoterm.keymap import check_keymap  # few people choose keys, and every command reads the settings

        check_keymap(value, f"{path}: {KEYMAP}")
    return dict(value)
