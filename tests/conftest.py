"""What all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoterm.bundle import DEFAULT_BUNDLE, Bundle, open_bundle
from emoterm.cli.report import be_quiet
from emoterm.config import SETTINGS, variable_of
from tests.made_once import made_once

# Of PyTorch, in this process and in those that tests start: several threads for each of several processes are in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """What thousands of tests and all that they import consist of stays to the end: no collection need walk over it."""
    gc.collect()
    gc.freeze()


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
    from export.unpack import unpack

    return made_once(tmp_path_factory, "unpacked", lambda folder: unpack(tiny_bundle, folder))


@pytest.fixture(scope="session")
def drawn_emojis(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The drawn emojis as training data."""
    from tests.drawing import write_emojis

    return str(made_once(tmp_path_factory, "emojis.parquet", write_emojis))


@pytest.fixture
def without_figures() -> Iterator[None]:
    """Training leaves no figures behind (tests/no_figures.py)."""
    from tests.no_figures import no_figures

    with no_figures():
        yield
