"""Completion as the shells do it: the script is loaded, the tab key is pressed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import emoterm
from tests.gallery_bundle import make_gallery_bundle

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture(scope="module")
def home(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, a bundle and a file."""
    folder = tmp_path_factory.mktemp("home")
    program = folder / "bin" / "emoterm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m emoterm "$@"\n')
    program.chmod(0o755)
    make_gallery_bundle(tiny_bundle_path, folder / "bundle")
    (folder / "octagon.png").touch()
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(emoterm.__file__).parents[1]),
        "HOME": str(home),
        "EMOTERM_BUNDLE": str(home / "bundle"),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "PS1": "",
    }


class Shell:
    """An interactive shell in a pseudo-terminal."""

    def __init__(self, argv: list[str], home: Path) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=environment(home), cwd=home, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def type(self, keys: str, until: str) -> str:
        """Press keys and wait for what should appear."""
        os.write(self.master, keys.encode())
        start, deadline = len(self.seen), time.monotonic() + 240
        while until not in (plain := re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]|\x07", "", self.seen[start:])):
            assert select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))[0], repr(self.seen[start:])
            self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
        return plain

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.mark.parametrize(
    ("shell", "argv"),
    [
        pytest.param("bash", ["bash", "--norc", "--noprofile", "-i"], marks=needs("bash")),
        pytest.param("zsh", ["zsh", "-f", "-i"], marks=needs("zsh")),
    ],
)
def test_the_tab_key_completes(shell: str, argv: list[str], home: Path) -> None:
    there = Shell(argv, home)
    try:
        if shell == "zsh":
            there.type("autoload -Uz compinit && compinit -u -D && echo re''ady\n", until="ready")
        there.type(f'eval "$(emoterm completion {shell})" && echo load""ed\n', until="loaded")
        there.type("emoterm sea\t", until="search")
        there.type("\x15emoterm show red-h\t", until="red-heart")
        there.type("\x15emoterm show octopus@tw\t", until="octopus@twemoji")
        there.type("\x15emoterm sample --device cu\t", until="cuda")
        there.type("\x15emoterm show octag\t", until="octagon.png")
        there.type("\x15emoterm search --group Sm\t", until="Smileys\\ \\&\\ Emotion")
        there.type("\x15emoterm search --group sm\t", until="smileys\\ \\&\\ emotion")
        there.type('\x15emoterm search --group "An\t', until='"Animals & Nature"')
    finally:
        there.close()


@needs("fish")
def test_fish_completes(home: Path) -> None:
    def complete(line: str) -> set[str]:
        script = f"emoterm completion fish | source; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], env=environment(home), cwd=home, capture_output=True, text=True)
        return {each.partition("\t")[0] for each in done.stdout.splitlines()}

    assert complete("emoterm sea") == {"search"}
    assert complete("emoterm show oct") == {"octopus", "octagon.png"}
    assert complete("emoterm show octopus@tw") == {"octopus@twemoji"}
