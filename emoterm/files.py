"""Write files: the whole file or none of it, and never over another one unasked, under names that are free, valid and distinct."""

from __future__ import annotations

import errno
import itertools
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from emoterm.errors import OutputError

_TEMPORARY = ".emoterm-{}.tmp"
_STEM_CHARS = 48
_LEFT_OVER_S = 3600
"""Nobody writes a file of a few megabytes, which is in memory already, for an hour: a temporary file that old was left by a kill."""


def free_name(stem: str, suffix: str, folder: Path | None = None) -> str:
    """A name that is not taken in a folder, the current one by default: ``stem.png``, else ``stem-2.png`` …"""
    folder = Path() if folder is None else folder
    names = (f"{stem}{number}{suffix}" for number in itertools.chain([""], (f"-{n}" for n in itertools.count(2))))
    return next(name for name in names if not (folder / name).exists())


def safe_stem(text: str) -> str:
    """A file name on every system, without a suffix, as near to ``text`` as can be: letters of ASCII, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^0-9a-z]+", "-", plain).strip("-")
    return words[:_STEM_CHARS].strip("-") or "emoji"


def distinct(names: Iterable[str], *, joint: str = "-", max_chars: int = 255) -> list[str]:
    """No two alike: the second ``cat`` is ``cat-2``; names with such a number are cut to ``max_chars`` characters in all."""
    taken: dict[str, None] = {}
    for name in names:
        unique, number = name, 1
        while unique in taken:
            number += 1
            suffix = f"{joint}{number}"
            unique = name[: max_chars - len(suffix)].rstrip("_-") + suffix
        taken[unique] = None
    return list(taken)


def files_in(folder: Path, stems: Sequence[str], *, suffix: str = ".png", force: bool) -> list[Path]:
    """``folder/stem.png`` for each, or of another suffix, all of them free to be written.

    Raises:
        OutputError: the folder cannot be made, or one of the files exists and ``force`` is off.
    """
    files = [folder / f"{stem}{suffix}" for stem in stems]
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder.", fix="Name another folder.")
    for target in files if folder.exists() else [folder]:
        check_writable(target, force=force)
    return files


def check_writable(path: Path | str, *, force: bool) -> None:
    """Fail now rather than after long work.

    A file can still become unwritable later; :func:`write_atomic` checks again and reports that in the same way.

    Args:
        path: the file to be written.
        force: whether an existing file may be replaced.

    Raises:
        OutputError: it exists and ``force`` is off, it is a folder, or its folder is missing or cannot be written to.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise OutputError(f"{target} is a folder.", fix=f"Name a file in it, for example {target / 'out.png'}")
        if is_device(target):
            return
        if target.exists() and not force:
            raise _exists(target)
        folder = Path(os.path.realpath(target)).parent
        if not folder.exists():
            raise OutputError(f"The folder {folder} does not exist.", fix=f"Create it first: mkdir -p {folder}")
        if not folder.is_dir():
            raise OutputError(f"{folder} is a file, not a folder.", fix="Choose another place for the output.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _cannot_write(target, error) from None


def is_device(path: Path) -> bool:
    """Whether there is something of this name that is neither a file nor a folder: a device, such as ``/dev/null``, or a pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_atomic(path: Path | str, data: bytes, *, force: bool) -> None:
    """Write a file so that at no time a part of it can be seen under its name, whatever interrupts.

    The bytes go to a temporary file in the same folder, which then takes the name. A symbolic link is followed. Devices and pipes
    (``/dev/null``) are written to directly.

    Args:
        path: the file to write.
        data: its whole content.
        force: whether an existing file may be replaced.

    Raises:
        OutputError: it exists and ``force`` is off, or it cannot be written. The folder is left as it was.
    """
    check_writable(path, force=force)
    target = Path(os.path.realpath(path))
    try:
        if is_device(target):
            target.write_bytes(data)
            return
        temporary = target.with_name(_TEMPORARY.format(secrets.token_hex(8)))
        try:
            with temporary.open("xb") as file:  # not mkstemp, whose mode 0600 the file would keep
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if force:
                os.replace(temporary, target)
            else:
                move_to_new(temporary, target)
        except BaseException:  # KeyboardInterrupt too
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except FileExistsError:  # another program was faster
        raise _exists(Path(path)) from None
    except OSError as error:
        raise _cannot_write(Path(path), error) from None


def move_to_new(source: Path, target: Path) -> None:
    """Give a file another name in the same file system, never that of a file that exists, whoever makes it at the same moment.

    A kill in between may leave the file under both names.

    Raises:
        FileExistsError: there is something of this name.
        OSError: the file cannot be moved.
    """
    if os.name == "nt":
        os.rename(source, target)  # which there refuses to replace
        return
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, or no such file: look, and then hope
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        os.rename(source, target)
        return
    os.unlink(source)


def remove_leftovers(folder: Path) -> None:
    """Delete what :func:`write_atomic` left in a folder when it was killed, if that is more than an hour ago."""
    for path in folder.glob(_TEMPORARY.format("*")):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFT_OVER_S:
                path.unlink()


def _exists(path: Path) -> OutputError:
    return OutputError(f"{path} already exists.", fix="Add --force to replace it, or choose another name.")


def _cannot_write(path: Path, error: OSError) -> OutputError:
    fix = "Free some space, or choose another disk." if error.errno == errno.ENOSPC else "Choose another place for the output."
    return OutputError(f"{path} cannot be written ({error.strerror or error}).", fix=fix)
