"""What the documentation shows works: its links lead somewhere, its commands run."""

from __future__ import annotations

import contextlib
import glob
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from typer import Exit
from typer.main import get_command

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


def typed() -> list[str]:
    """Every line that starts with the program in a block of code of any page, without comments and what it is piped into."""
    lines = []
    for page in PAGES:
        for block in re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in block.replace("\\\n", " ").splitlines():
                parts = re.split(r"&&| \| ", re.sub(r"\s+# .*| > .*", "", line.strip()))
                lines += [part.strip() for part in parts if part.strip().startswith("emoterm ")]
    return sorted(set(lines))


@pytest.mark.parametrize("line", typed())
def test_what_any_page_tells_to_type_is_understood(line: str) -> None:
    """Names of commands and options and values of choices; it is not run."""
    name, *rest = shlex.split(line)[1:]
    group = get_command(app)
    if name in ("--help", "COMMAND"):
        return
    with contextlib.suppress(Exit):  # --help
        group.get_command(group.make_context("emoterm", [name], resilient_parsing=True), name).make_context(name, rest)


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
            app([name for word in shlex.split(part)[1:] for name in sorted(glob.glob(word)) or [word]])  # as a shell does
        assert ended.value.code == 0, part
    if " -o " in line or "encode" in line:
        assert set(tmp_path.iterdir()) - before or Path("a.png").stat().st_size > 0
