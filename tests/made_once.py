"""What takes long to make and nobody writes into, made once for all processes of the tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it makes, while the others wait.

    Args:
        tmp_path_factory: of pytest.
        name: of the folder; the same name is the same folder.
        make: writes the folder that it is given, which does not exist.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            making = shared / f"{os.getpid()}.making-{name}"
            make(making)
            making.rename(made)
    return made
