"""A terminal for one command: a pseudo-terminal, a shell that leads its session, and something at the other end that answers, or not."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import emoterm

# The shell notes the settings of the terminal before and after, and reads the line that was typed ahead, as a prompt would.
_SCRIPT = """
stty -g > "$NOTES/before"
if [ -n "$STDIN" ]; then "$@" < "$STDIN"; else "$@"; fi
echo $? > "$NOTES/code"
stty -g > "$NOTES/after"
if [ -n "$READ" ]; then IFS= read -r line; printf %s "$line" > "$NOTES/line"; fi
"""
DA1 = b"\x1b[c"
XTERM = {DA1: b"\x1b[?64;1;9;22c"}
"""What a terminal answers that has no pictures."""
SIXEL = {DA1: b"\x1b[?62;4;22c", b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:1e1e/2020/3030\x1b\\"}
KITTY = {b"\x1b_Gi=31,": b"\x1b_Gi=31;OK\x1b\\", DA1: b"\x1b[?62c"}


@dataclass(frozen=True)
class Seen:
    """What happened in the terminal."""

    code: int
    output: bytes
    """Everything that the program wrote, as the terminal got it."""
    settings_kept: bool
    """The terminal has the settings it had before."""
    line: str | None
    """What the next reader of the keyboard got."""

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "replace")


def run_in_terminal(
    notes: Path,
    *argv: str,
    env: Mapping[str, str],
    stdin: Path | None = None,
    size: tuple[int, int] = (24, 80),
    answers: Mapping[bytes, bytes] | None = None,
    typed_ahead: bytes = b"",
    timeout_s: float = 240,
) -> Seen:
    """Run ``emoterm`` with a terminal as its stdin (unless a file is given), stdout and stderr.

    Args:
        notes: a folder for what the shell writes down.
        argv: the command line after ``emoterm``.
        env: the whole environment but for what it takes to find Python and this emoterm.
        stdin: a file as standard input instead of the terminal.
        size: lines and columns.
        answers: what the terminal sends back when it is sent the key; empty: it is silent.
        typed_ahead: keys pressed before the program starts.
        timeout_s: give up after this.
    """
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
    os.write(master, typed_ahead)
    # A terminal that answers may take its time on a busy machine; one that does not is given up as soon as it is for everybody.
    patience = {"EMOTERM_PROBE_TIMEOUT": "30"} if answers else {}
    base = {
        **patience,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(emoterm.__file__).parents[1]),
        "HOME": str(notes),
        "NOTES": str(notes),
    }
    for_shell = {"STDIN": str(stdin or ""), "READ": "yes" if typed_ahead else ""}

    def lead_session() -> None:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    command = ["sh", "-c", _SCRIPT, "sh", sys.executable, "-m", "emoterm", *argv]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env={**base, **for_shell, **env}, preexec_fn=lead_session)
    os.close(slave)
    output = _converse(master, dict(answers or {}), time.monotonic() + timeout_s)
    os.close(master)
    process.wait(timeout=5)

    def note(name: str) -> str:
        return (notes / name).read_text()

    line = note("line") if typed_ahead else None
    return Seen(int(note("code")), output, settings_kept=note("before") == note("after"), line=line)


def _converse(master: int, answers: dict[bytes, bytes], deadline: float) -> bytes:
    """Take what comes and answer it, until the other side has hung up."""
    output = b""
    while select.select([master], [], [], max(0.0, deadline - time.monotonic()))[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux: the last holder of the other side has closed it
            return output
        if not piece:
            return output
        output += piece
        for question in [question for question in answers if question in output]:
            os.write(master, answers.pop(question))
    raise AssertionError(f"the program did not end: {output[-2000:]!r}")
