"""What the documentation shows works: its links lead somewhere, its commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from emoterm.cli.main import COMMANDS, app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def commands() -> list[str]:
    """The lines of the README's list of commands, without their comments."""
    block = re.search(r"## What you can type\s+```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert block is not None
    return [line.partition("  #")[0].strip() for line in block[1].splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_the_readme_names_every_command_that_makes_or_finds_emojis() -> None:
    shown = {part.split()[1] for line in commands() for part in line.split("&&")}
    assert shown == set(COMMANDS) - {"train", "export", "eval"}


@pytest.mark.parametrize("line", [line for line in commands() if line != "emoterm tui"])  # needs a terminal: tests/tui
def test_the_commands_of_the_readme_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, colour in (("a.png", "gold"), ("b.png", "tomato"), ("me.png", "teal")):
        picture = Image.new("RGBA", (80, 64))
        ImageDraw.Draw(picture).ellipse((10, 4, 66, 60), fill=colour, outline="black", width=3)
        picture.save(name)
    before = set(tmp_path.iterdir())
    for part in line.split("&&"):
        if "--seed 7 -o a.png" in part:
            Path("a.png").unlink()
        with pytest.raises(SystemExit) as ended:
            app(shlex.split(part)[1:])
        assert ended.value.code == 0, part
    if " -o " in line or "encode" in line:
        assert set(tmp_path.iterdir()) - before or Path("a.png").stat().st_size > 0
