"""``python -m docs.generate``: the pages of docs/commands/, one for each command, from what ``--help`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from emoterm.cli.main import COMMANDS, app

FOLDER = Path(__file__).parent / "commands"
COLUMNS = 100
_SAID = "<!-- Written by make docs. Change the command, not this page. -->"


def pages() -> Mapping[str, str]:
    """The text of each page by the name of its file; README.md is the list of the others."""
    group = typer.main.get_command(app)
    whole = group.make_context("emoterm", [], resilient_parsing=True, terminal_width=COLUMNS)
    found = {}
    for name, entry in COMMANDS.items():
        command = group.get_command(whole, name)  # type: ignore[attr-defined]
        context = command.make_context(name, [], parent=whole, resilient_parsing=True, terminal_width=COLUMNS)
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        json = f'With `--json` it prints one object, `"schema": "emoterm/{name}/1"` first.\n\n' if "--json" in text else ""
        found[f"{name}.md"] = f"# emoterm {name}\n\n{_SAID}\n\n{entry.help}\n\n```\n{text}\n```\n\n{json}[All commands](README.md)\n"
    listed = "\n".join(f"| [{name}]({name}.md) | {entry.help} |" for name, entry in COMMANDS.items())
    found["README.md"] = f"# Commands\n\n{_SAID}\n\n| command | |\n|---|---|\n{listed}\n"
    return found


def main() -> None:
    """Write the pages, and remove those of commands that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
