"""A bundle as one ``.emoterm`` file, a zip."""

from __future__ import annotations

import stat
import struct
import threading
import zipfile
import zlib
from pathlib import Path

from emoterm.bundle_store import MAX_ENTRIES, MAX_TOTAL_BYTES, SEE_DOCTOR
from emoterm.errors import REINSTALL, BundleError

# Runtime: encrypted, or a feature that zipfile does not have.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, KeyError, OverflowError)


class Archive:
    """A zip of plain files: no folders, no links, nothing that unpacks to more than it should."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        neither = BundleError(f"{path} is neither a folder nor a zip file, so it is no bundle.", fix=SEE_DOCTOR)
        try:
            if not path.is_file():  # opening a pipe would wait for ever
                raise neither
            if path.stat().st_size > MAX_TOTAL_BYTES:
                raise BundleError(f"{path} is too big (over {MAX_TOTAL_BYTES} bytes).", fix=SEE_DOCTOR)
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise BundleError(f"Cannot read {path}: {error.strerror or error}.", fix=SEE_DOCTOR) from None
        except _ZIP_ERRORS:
            raise neither from None
        try:
            self._check(self._zip.infolist())
        except BundleError:
            self._zip.close()
            raise

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        names = [entry.orig_filename for entry in entries]
        if len(entries) > MAX_ENTRIES or len(set(names)) != len(names):
            raise BundleError(f"{self.path}: more than {MAX_ENTRIES} files, or two of one name.", fix=REINSTALL)
        for entry, name in zip(entries, names, strict=True):
            if name in ("", ".", "..") or any(char in name for char in "/\\:\0"):
                raise BundleError(f"{self.path}: {name!r} is not a plain file name.", fix=REINSTALL)
            if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
                raise BundleError(f"{self.path}: {name} is a link or another special file.", fix=REINSTALL)
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BundleError(f"{self.path}: {name} is compressed in an unusual way.", fix=REINSTALL)
        if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
            raise BundleError(f"{self.path}: unpacks to more than {MAX_TOTAL_BYTES} bytes.", fix=REINSTALL)

    def names(self) -> set[str]:
        return set(self._zip.namelist())

    def read(self, name: str) -> bytes:
        try:
            with self._lock:
                # zipfile never hands out more than the declared size, which was checked above.
                return self._zip.read(name)
        except (OSError, *_ZIP_ERRORS) as error:
            raise BundleError(f"{self.path}: {name} is damaged ({error}).", fix=REINSTALL) from None

    def close(self) -> None:
        self._zip.close()
