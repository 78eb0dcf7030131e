"""ARCHITECTURE.md names every module where a reader would look for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoterm.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SECTIONS = {"emoterm": "The app", "trainer": "The trainer", "export": "The export", "benchmarks": "The benchmarks"}
AS_A_FOLDER = ("recipes", "screens", "widgets", "judge", "networks", "sources")
"""Whose files need not be named one by one."""
ENTRANCES = ("__init__", "__main__")


def section(title: str) -> str:
    """A section of the page, with those below it."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def names_in(text: str) -> set[str]:
    """What stands in backquotes, word by word."""
    return {word for span in re.findall(r"`([^`]+)`", text) for word in span.split()}


def modules(package: str) -> Iterator[tuple[str, set[str]]]:
    """Each module, and what it may be called: ``save``, ``save.py``, ``imaging/save.py``, ``emoterm.imaging.save``."""
    commands = {f"{each.target.partition(':')[0].replace('.', '/')}.py" for each in COMMANDS.values()}
    for path in sorted((ROOT / package).rglob("*.py")):
        at = path.relative_to(ROOT)
        if path.stem in ENTRANCES or path.parent.name in AS_A_FOLDER or at.as_posix() in commands:
            continue
        paths = {"/".join(at.parts[i:]) for i in range(len(at.parts))}
        yield at.as_posix(), {path.stem, ".".join(at.with_suffix("").parts), *paths}


@pytest.mark.parametrize("package", SECTIONS)
def test_every_module_is_named_in_the_section_of_its_package(package: str) -> None:
    named = names_in(section(SECTIONS[package]))
    found = list(modules(package))
    assert len(found) > 10
    assert [module for module, forms in found if not forms & named] == []


@pytest.mark.parametrize("package", SECTIONS)
def test_every_folder_is_named_too(package: str) -> None:
    text = section(SECTIONS[package])
    folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    assert [folder for folder in sorted(folders) if f"`{folder}/" not in text] == []


@pytest.mark.parametrize("package", SECTIONS)
def test_no_file_is_named_that_is_not_there(package: str) -> None:
    """Nor one that is there only in another package."""
    files = {path.name for name in ("docs", "examples", "tests", *SECTIONS) for path in (ROOT / name).rglob("*.py")}
    named = {word.rpartition("/")[2] for word in names_in(section(SECTIONS[package])) if re.fullmatch(r"[\w/]+\.py", word)}
    assert sorted(named - files) == []
