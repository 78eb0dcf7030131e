"""Where a command writes: standard output, a named file, a free name in the current folder, or many files in a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from emoterm.cli.report import show
from emoterm.errors import OutputError, UsageError
from emoterm.imaging.compose import U8, Color
from emoterm.imaging.grid import MAX_PIXELS, make_grid
from emoterm.imaging.save import check_writable, encode_png, format_of, free_name, write_atomic
from emoterm.quiet import output_lock

__all__ = ["free_name"]

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
        UsageError: another suffix, or ``-`` where stdout is taken.
    """
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
        UsageError: ``-`` with ``--json``, or with a terminal as stdout.
    """
    if path != STDOUT:
        check_writable(path, force=force)
    elif json:
        raise UsageError("The file and --json cannot both go to standard output.", fix="Name a file to write.")
    elif sys.stdout.isatty():
        raise UsageError("The bytes of a file would garble the terminal.", fix="Name a file to write, or send them into a pipe.")


def check_size(n: int, scale: int) -> None:
    """Refuse a picture that is too large before the work is done, not after.

    Raises:
        UsageError: ``n`` emojis alone, without the space between them, have more pixels than a grid may have.
    """
    if n * (64 * scale) ** 2 > MAX_PIXELS:
        raise UsageError(f"{n} emojis at --scale {scale} are too large for one picture.", fix="Use a smaller --scale, or fewer emojis.")


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


def names_in(folder: Path, stem: str, n: int, *, force: bool) -> list[Path]:
    """``folder/stem-000.png`` …, all of them free to be written.

    Raises:
        OutputError: the folder cannot be made, or one of the files exists.
    """
    names = [folder / f"{stem}-{index:0{len(str(n - 1))}}.png" for index in range(n)]
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder.", fix="Choose another folder for --each.")
    for target in names if folder.exists() else [folder]:
        check_writable(target, force=force)
    return names


def write_each(pixels: U8, names: list[Path], *, scale: int, background: Color | None, force: bool) -> list[str]:
    """Write every picture of ``(N, H, W, 4)`` as a PNG file of its own, making the folder where it is missing.

    Returns:
        The files written.

    Raises:
        OutputError: one of them cannot be written.
    """
    names[0].parent.mkdir(exist_ok=True)
    written = []
    for picture, name in zip(pixels, names, strict=True):
        png = encode_png(make_grid(picture[None], scale=scale, background=background))  # (H, W, 4) → (1, H, W, 4)
        written += deliver(str(name), png, force=force)
    return written


def show_files(files: list[str]) -> None:
    """The names of the files written, one a line on stdout, for the next command of a pipe."""
    for file in files:
        show(file)
