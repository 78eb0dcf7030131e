"""Running the program: in this process where that tells the same, as a process of its own where it does not."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import emoterm
from emoterm.cli.main import app
from tests.gallery_bundle import make_gallery_bundle


@dataclass(frozen=True)
class Result:
    """What a command line did."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        assert self.code == 0, self.stderr
        assert self.out.count("\n") == 1
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    def assert_fails(self, code: int, *words: str) -> None:
        """A clear message and nothing else: the exit code, ``error:``, the words, no traceback, no data."""
        assert self.code == code, self.stderr
        assert self.stderr.count("error: ") == 1
        assert "Traceback" not in self.stderr
        assert not self.stdout
        for word in words:
            assert word in self.stderr


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def bundle_path(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with a gallery of known emojis."""
    return make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("bundle") / "gallery")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle_path: Path) -> Path:
    """An empty current folder, and the bundle of the tests for commands that name none."""
    monkeypatch.setenv("EMOTERM_BUNDLE", str(bundle_path))
    monkeypatch.delenv("EMOTERM_GRAPHICS", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process: ``run("sample", "--n", 2, stdin=b"")``."""

    def run(*argv: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            app([str(arg) for arg in argv])
        captured = capsysbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, captured.out, captured.err.decode())

    return run


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that has to find this emoterm."""
    return {**os.environ, "PYTHONPATH": str(Path(emoterm.__file__).parents[1]), **more}


def start(*argv: str, **env: str) -> subprocess.Popen[bytes]:
    """Start the program as a process of its own, with further environment variables."""
    command = [sys.executable, "-m", "emoterm", *argv]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**env))


def draw_emoji(path: Path, color: tuple[int, int, int] = (240, 200, 30)) -> Path:
    """A disc on transparent ground, 64×64."""
    y, x = np.mgrid[:64, :64]
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[np.hypot(y - 31.5, x - 31.5) < 28] = (*color, 255)
    Image.fromarray(pixels).save(path)
    return path


def pixels_of(file: Path | bytes) -> np.ndarray:
    """An image file as (H, W, 4) uint8."""
    with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
        return np.asarray(image.convert("RGBA"))
