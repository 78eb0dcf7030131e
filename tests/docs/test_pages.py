"""The generated pages say what the program says, and every command has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import figures, generate
from emoterm.cli.main import COMMANDS


def written() -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in generate.FOLDER.glob("*.md")}


def test_the_pages_of_the_commands_are_those_of_the_program() -> None:
    wanted, found = generate.pages(), written()
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    assert stale == [], "type: make docs"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_with_its_options_and_is_in_the_list(name: str) -> None:
    pages = written()
    assert f"Usage: emoterm {name} " in pages[f"{name}.md"]
    assert "--help" in pages[f"{name}.md"]
    assert f"]({name}.md)" in pages["README.md"]


def test_the_pages_do_not_depend_on_who_writes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = dict(generate.pages())
    (tmp_path / "settings.toml").write_text("scale = 3\n")
    monkeypatch.setenv("EMOTERM_CONFIG", str(tmp_path / "settings.toml"))
    for name, value in (("COLUMNS", "200"), ("TERMINAL_WIDTH", "60"), ("GITHUB_ACTIONS", "true"), ("EMOTERM_DEVICE", "cpu")):
        monkeypatch.setenv(name, value)
    assert generate.pages() == before


def test_a_page_without_a_command_and_a_page_that_drifted_are_put_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    (tmp_path / "gone.md").write_text("old")
    (tmp_path / "sample.md").write_text("old")
    generate.main()
    assert written() == generate.pages()


def test_the_pictures_of_how_it_works_are_made_by_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = (generate.FOLDER.parent / "how-it-works.md").read_text(encoding="utf-8")
    monkeypatch.setattr(figures, "IMAGES", tmp_path)
    figures.main()
    assert {f"images/{file.name}" for file in tmp_path.iterdir()} == set(re.findall(r"\((images/how-[^)]+)\)", page))
