"""The user's settings for the terminal interface.

``config.toml`` in the configuration folder (``~/.config/emoterm`` on Linux)::

    [tui]
    theme = "nord"

    [tui.keymap]
    "mark.a" = "left_square_bracket"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emoterm.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """What the file says."""

    theme: str | None = None
    keymap: dict[str, str] = field(default_factory=dict)
    """Keys, separated by commas, by the id of an action."""


def settings_file() -> Path:
    """Where the settings are."""
    import platformdirs

    return platformdirs.user_config_path("emoterm", appauthor=False) / "config.toml"


def read_settings(path: Path | None = None) -> Settings:
    """Read the settings; the defaults where there is no file.

    Args:
        path: another file.

    Raises:
        UsageError: the file cannot be read, is not TOML, or has a value of the wrong kind.
    """
    path = settings_file() if path is None else path
    try:
        content: Any = tomllib.loads(path.read_text(encoding="utf-8")).get("tui", {})
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}", fix="Correct the file, or move it away.") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: tui should be a table.", fix='Such as: [tui] and theme = "nord"')
    theme, keymap = content.get("theme"), content.get("keymap", {})
    if not isinstance(theme, str | None) or not isinstance(keymap, dict) or not all(isinstance(keys, str) for keys in keymap.values()):
        raise UsageError(f"{path}: theme should be a name, and keymap a table of keys.", fix='Such as: [tui.keymap] and "keep" = "K"')
    return Settings(theme, keymap)
