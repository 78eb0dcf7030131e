"""Where a command writes: standard output, a named file, a free name in the current folder, or many files in a folder."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from emoterm.cli.report import show
from emoterm.errors import UsageError
from emoterm.files import check_writable, is_device, write_atomic
from emoterm.imaging.formats import format_of
from emoterm.quiet import output_lock

STDOUT = "-"


def check_picture(path: str, formats: Sequence[str], *, force: bool, json: bool) -> str:
    """As :func:`check_target`, for a picture.

    Args:
        path: a file name, or ``-`` for the first of the formats.
        formats: the suffixes that can be written.
        force: whether an existing file may be replaced.
        json: whether stdout is taken by ``--json``.

    Returns:
        The format that the name asks for.

    Raises:
        OutputError: the file exists, or its folder is missing or cannot be written to.
        UsageError: no name, that of a device, another suffix, or ``-`` where stdout is taken.
    """
    _check_named(path)
    if path != STDOUT and not Path(path).suffix and is_device(Path(path)):
        fix = f"Write to standard output, and send that there: -o - > {shlex.quote(path)}"
        raise UsageError(f"{path} is a device, whose name tells no format.", fix=fix)
    wanted = format_of(path, formats)
    check_target(path, force=force, json=json)
    return wanted


def check_target(path: str, *, force: bool, json: bool = False) -> None:
    """Fail before the work is done, not after.

    Args:
        path: a file name, or ``-``.
        force: whether an existing file may be replaced.
        json: whether stdout is taken by ``--json``.

    Raises:
        OutputError: the file exists, or its folder is missing or cannot be written to.
        UsageError: no name, or ``-`` with ``--json`` or with a terminal as stdout.
    """
    _check_named(path)
    if path != STDOUT:
        check_writable(path, force=force)
    elif json:
        raise UsageError("The file and --json cannot both go to standard output.", fix="Name a file to write.")
    elif sys.stdout.isatty():
        raise UsageError("The bytes of a file would garble the terminal.", fix="Name a file to write, or send them into a pipe.")


def _check_named(path: str) -> None:
    if not path.strip():
        raise UsageError("The name of the file to write is empty.", fix="Name a file, or - for stdout.")


def deliver(path: str, data: bytes, *, force: bool) -> list[str]:
    """Write ``data`` to a file or, for ``-``, to standard output.

    Returns:
        The files written: one or none.

    Raises:
        OutputError: it cannot be written.
    """
    if path == STDOUT:
        with output_lock:
            sys.stdout.buffer.write(data)
        return []
    write_atomic(path, data, force=force)
    return [path]


def numbered(stem: str, n: int) -> list[str]:
    """``stem-000`` … for ``n`` files."""
    return [f"{stem}-{index:0{len(str(n - 1))}}" for index in range(n)]


def show_files(files: list[str]) -> None:
    """The names of the files written, one a line on stdout, for the next command of a pipe."""
    for file in files:
        show(file)
