"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoterm.bundle import DEFAULT_BUNDLE, Bundle, open_bundle
from emoterm.cli.report import be_quiet
from emoterm.config import SETTINGS, variable_of


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person running the tests prefers must not change what they test."""
    for name in SETTINGS:
        monkeypatch.delenv(variable_of(name), raising=False)
    monkeypatch.setenv("EMOTERM_CONFIG", os.devnull)
    be_quiet(False)  # a command that was run with --quiet, in this process, may have left it on


@pytest.fixture(scope="session")
def tiny_bundle_path() -> Path:
    """A real bundle of a small model; ``EMOTERM_TEST_BUNDLE`` names another one."""
    path = Path(os.environ.get("EMOTERM_TEST_BUNDLE") or Path(__file__).parent / "fixtures" / "tiny_bundle")
    assert (path / "manifest.json").is_file(), f"{path} is not a bundle"
    return path


@pytest.fixture(scope="session")
def tiny_bundle(tiny_bundle_path: Path) -> Iterator[Bundle]:
    """The tiny bundle, open."""
    with open_bundle(tiny_bundle_path) as bundle:
        yield bundle


@pytest.fixture(scope="session")
def default_bundle() -> Iterator[Bundle]:
    """The bundle that ships, open."""
    with open_bundle(DEFAULT_BUNDLE) as bundle:
        yield bundle


@pytest.fixture(scope="session")
def unpacked_tiny_bundle(tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle as a training run; nobody writes into it."""
    from filelock import FileLock

    from export.unpack import unpack

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # all processes of the tests share it: to unpack takes ten seconds
    with FileLock(folder / "unpacked.lock"):
        if not (folder / "unpacked").exists():
            unpack(tiny_bundle, folder / "unpacking")
            (folder / "unpacking").rename(folder / "unpacked")
    return folder / "unpacked"
