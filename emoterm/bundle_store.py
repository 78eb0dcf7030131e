"""Where the files of a bundle lie: plain names in, bytes out. A folder is read here, a zip file by emoterm/bundle_archive.py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from emoterm.errors import REINSTALL, BundleError

# The shipped bundle stays below 25 MiB; a few times that leaves room for bigger models and none for a zip bomb.
MAX_TOTAL_BYTES = 512 * 2**20
MAX_ENTRIES = 256

SEE_DOCTOR = "Name a bundle by its path, or see what is installed: emoterm doctor"
"""What to do where there is no bundle."""


class Store(Protocol):
    """What a bundle reads its files through. All raise :class:`~emoterm.errors.BundleError`."""

    def names(self) -> set[str]: ...

    def read(self, name: str) -> bytes: ...

    def close(self) -> None: ...


class Folder:
    """A folder of plain files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> set[str]:
        try:
            return {entry.name for entry in self.path.iterdir() if entry.is_file()}
        except OSError as error:
            raise BundleError(f"Cannot read {self.path}: {error.strerror}.", fix=SEE_DOCTOR) from None

    def read(self, name: str) -> bytes:
        try:
            with open(self.path / name, "rb") as file:
                if os.fstat(file.fileno()).st_size > MAX_TOTAL_BYTES:
                    raise BundleError(f"{self.path}: {name} is too big (over {MAX_TOTAL_BYTES} bytes).", fix=REINSTALL)
                return file.read()
        except OSError as error:
            raise BundleError(f"{self.path}: cannot read {name}: {error.strerror}.", fix=REINSTALL) from None

    def close(self) -> None:
        pass
