"""Asking the terminal itself what it can show.

The questions go to ``/dev/tty``, never to standard input, which may be a picture in a pipe. Every terminal answers the last one (DA1,
"what are you?"), so its answer ends the wait; one that is silent costs 0.3 seconds. Nothing is asked while keys are waiting to be read,
because the answers would have to be looked for among them, and nothing by a job in the background, which the system would stop.
Over a slow line ``EMOTERM_PROBE_TIMEOUT=2`` waits longer.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

ENV_TIMEOUT = "EMOTERM_PROBE_TIMEOUT"
TIMEOUT_S = 0.3
N_COLORS = 255
"""In a sixel picture; where fewer are possible, half blocks with all colours look better."""

QUESTIONS = (
    b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # kitty graphics: would you take this pixel?
    b"\x1b]11;?\x1b\\"  # OSC 11: background colour
    b"\x1b[16t"  # XTWINOPS 16: size of a cell in pixels
    b"\x1b[?1;1;0S"  # XTSMGRAPHICS: how many colours a sixel picture may have
    b"\x1b[>q"  # XTVERSION: name and version
    b"\x1b[c"  # DA1: kind of terminal
)
_KITTY = re.compile(rb"\x1b_G([^\x1b]*)\x1b\\")
_COLOR = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)[^\x07\x1b]*(?:\x07|\x1b\\)")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_REGISTERS = re.compile(rb"\x1b\[\?1;(\d+)(?:;(\d+))?S")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_KIND = re.compile(rb"\x1b\[\?([\d;]*)c")
_ANSWERS = (_KITTY, _COLOR, _CELL, _REGISTERS, _NAME, _KIND)


@dataclass(frozen=True)
class Answers:
    """What a terminal said of itself."""

    name: str = ""
    """Such as ``foot(1.20.2)``; empty where it does not say."""
    kitty: bool = False
    """It takes pictures by kitty's graphics protocol."""
    sixel: bool = False
    """It takes sixel pictures, and not in 16 colours, as a VT340 does."""
    background: tuple[int, int, int] | None = None
    cell_px: tuple[int, int] | None = None
    """Width and height of a character cell."""


def ask_terminal() -> Answers | None:
    """Ask the controlling terminal of this process; None where there is none, where it may not be asked now, or where it is silent."""
    if sys.platform == "win32":
        return None
    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if os.tcgetpgrp(tty) != os.getpgrp():
            return None
        with _answers_unseen(tty):
            if select.select([tty], [], [], 0)[0]:  # keys typed ahead stay for whoever reads them
                return None
            return _ask(tty, _timeout_s())
    except OSError:
        return None
    finally:
        os.close(tty)


def parse_answers(data: bytes) -> tuple[Answers, bytes]:
    """What the terminal answered, and the bytes that are no answers: keys that were typed meanwhile."""
    kitty, color, cell, registers, name, kind = (pattern.search(data) for pattern in _ANSWERS)
    few_colors = registers is not None and registers[1] == b"0" and int(registers[2] or 0) < N_COLORS
    answers = Answers(
        name="" if name is None else name[1].decode("ascii", "replace"),
        kitty=kitty is not None and kitty[1].endswith(b";OK"),
        sixel=kind is not None and b"4" in kind[1].split(b";")[1:] and not few_colors,
        background=None if color is None else (_eight_bits(color[1]), _eight_bits(color[2]), _eight_bits(color[3])),
        cell_px=None if cell is None or b"0" in cell.groups() else (int(cell[2]), int(cell[1])),
    )
    for pattern in _ANSWERS:
        data = pattern.sub(b"", data)
    return answers, data


def cell_size(fd: int) -> tuple[int, int] | None:
    """Width and height in pixels of a cell of the terminal at a file descriptor, where its driver knows."""
    if sys.platform == "win32":
        return None
    import fcntl
    import struct
    import termios

    try:
        lines, columns, width_px, height_px = struct.unpack("4H", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return None
    return (width_px // columns, height_px // lines) if columns and lines and width_px >= columns and height_px >= lines else None


def _timeout_s() -> float:
    try:
        return min(max(float(os.environ.get(ENV_TIMEOUT, "")), 0.0), 60.0)
    except ValueError:
        return TIMEOUT_S


def _ask(tty: int, timeout_s: float) -> Answers | None:
    os.write(tty, QUESTIONS)
    deadline, data = time.monotonic() + timeout_s, b""
    while not _KIND.search(data):
        if not select.select([tty], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        piece = os.read(tty, 4096)
        data += piece
        if not piece or not data.startswith(b"\x1b"):  # hung up, or a person typing to a terminal that is silent
            break
    answers, typed = parse_answers(data)
    _give_back(tty, typed)
    return answers if _KIND.search(data) else None


@contextlib.contextmanager
def _answers_unseen(tty: int) -> Iterator[None]:
    """Keep answers from being echoed and held back until a line ends; the settings come back in any case, even before a signal ends us."""
    import signal
    import termios

    deadly = {signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, deadly)
    try:
        before = termios.tcgetattr(tty)
        quiet = termios.tcgetattr(tty)
        quiet[3] &= ~(termios.ICANON | termios.ECHO)
        try:
            termios.tcsetattr(tty, termios.TCSANOW, quiet)
            yield
        finally:
            termios.tcsetattr(tty, termios.TCSANOW, before)
    except termios.error as error:
        raise OSError(*error.args) from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _give_back(tty: int, typed: bytes) -> None:
    """Put keys back in front of whoever reads the terminal next; kernels may refuse, then they are lost."""
    import fcntl
    import termios

    with contextlib.suppress(OSError):
        for byte in typed:
            fcntl.ioctl(tty, termios.TIOCSTI, bytes([byte]))


def _eight_bits(digits: bytes) -> int:
    """A colour channel of one to four hexadecimal digits in 0 … 255."""
    largest = int(b"f" * len(digits), 16)
    return round(int(digits, 16) * 255 / largest)
