"""``emoterm config``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from emoterm.cli import options
from emoterm.cli.report import narrate, show, show_json


def config(
    action: Annotated[
        Literal["path", "show", "validate"],
        typer.Argument(case_sensitive=False, help="Where the file is, what is set and by whom, or whether all is well."),
    ],
    json: options.Json = False,
) -> None:
    """Show or check the settings file.

    It is TOML with one setting a line, such as device = "cpu" or temperature = 0.9. Every setting can also be an environment variable,
    such as EMOTERM_DEVICE=cpu, which goes before the file; a flag goes before both. EMOTERM_CONFIG names another file.

    \b
    Examples:
      emoterm config path
      emoterm config show
      emoterm config validate --json
    """
    from emoterm.cli.check_settings import check_style_setting, ignored_variables
    from emoterm.config import SETTINGS, config_path, read_settings

    path = config_path()
    if action == "path":
        if json:
            show_json("config", {"path": str(path), "exists": path.is_file()})
        else:
            show(path)
        return
    found = read_settings()
    if action == "validate":
        chosen = found.get("bundle")
        check_style_setting(found, None if chosen is None else str(chosen.value))
    ignored = ignored_variables()
    for said in ignored.values():
        narrate(said)
    if json:
        settings = {name: {"value": each.value, "source": each.source} for name, each in found.items()}
        show_json("config", {"path": str(path), "exists": path.is_file(), "settings": settings, "ignored": list(ignored)})
    elif action == "show":
        for name, setting in SETTINGS.items():
            if name in found:
                show(f"{name} = {written(found[name].value)}  # from {found[name].source}")
            else:
                show(f"# {name}: {setting.help}" + (f" ({', '.join(setting.choices)})" if setting.choices else ""))
    elif path.exists():  # or a device, such as /dev/null
        narrate(f"{path} is fine; {len(found)} settings are made.")
    else:
        narrate(f"There is no {path}, and none is needed.")


def written(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
