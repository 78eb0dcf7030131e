"""A pseudo-terminal with a program in it: what a person at a terminal types and sees, with the time of each."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120
ASKS_SYNC, HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;1$y"
"""Textual asks whether frames may be marked, and a modern terminal says yes."""
FRAME = b"\x1b[?2026h"
"""The mark at the beginning of a frame."""
_DEAF = ("NO_COLOR", "TMUX", "TERM_PROGRAM", "TEXTUAL_ANIMATIONS", "EMOTERM_BUNDLE", "EMOTERM_CONFIG")


class Terminal:
    """A running program; a context manager that ends it.

    Args:
        arguments: of the Python interpreter.
        home: a folder for what the program keeps.
        size: columns and lines.
    """

    def __init__(self, arguments: Sequence[str], home: Path, size: tuple[int, int] = (80, 24)) -> None:
        self._master, slave = pty.openpty()
        columns, lines = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, lines.to_bytes(2, sys.byteorder) + columns.to_bytes(2, sys.byteorder) + bytes(4))
        self.seen = bytearray()
        """All that was written so far."""
        self.frames: list[float] = []
        """When each frame came."""
        self._answered = False
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments], stdin=slave, stdout=slave, stderr=slave, env=_environment(home), cwd=ROOT, start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def read(self, seconds: float) -> float | None:
        """Wait so long at most for output; when it came, if it did.

        Raises:
            RuntimeError: the program has ended.
        """
        if not select.select([self._master], [], [], seconds)[0]:
            return None
        now = time.perf_counter()
        try:
            new = os.read(self._master, 1 << 18)
        except OSError:  # how Linux says that nobody holds the other end
            raise RuntimeError(f"The program has ended.\n{self.seen[-2000:].decode(errors='replace')}") from None
        before = len(self.seen)
        self.seen += new
        self.frames += [now] * self.seen.count(FRAME, max(0, before - len(FRAME) + 1))
        if not self._answered and ASKS_SYNC in self.seen:
            self._answered = True
            self.type(HAS_SYNC)
        return now

    def wait_for(self, *texts: bytes, since: int = 0) -> float:
        """Read until one of some texts has come; when that was.

        Args:
            texts: what is looked for.
            since: look only at what came after so many bytes.

        Raises:
            TimeoutError: none of them came.
        """
        until = time.perf_counter() + PATIENCE_SECONDS
        now = time.perf_counter()
        while all(self.seen.find(text, since) < 0 for text in texts):
            now = self.read(0.1) or now
            if time.perf_counter() > until:
                raise TimeoutError(f"{texts} did not come.\n{self.seen[-2000:].decode(errors='replace')}")
        return now

    def settle(self, quiet_seconds: float) -> float:
        """Read until nothing comes for so long; when the last of it came."""
        last = time.perf_counter()
        while (now := self.read(quiet_seconds)) is not None:
            last = now
        return last


def _environment(home: Path) -> Mapping[str, str]:
    """That of a person with a modern terminal and an empty home."""
    kept = {name: value for name, value in os.environ.items() if name not in _DEAF}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
