"""The real program in a real terminal: it starts, draws, and leaves the terminal as it was, however it ends."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import emoterm
from emoterm.quiet import captured_output
from emoterm.tui.stderr import private_stderr

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
termios = pytest.importorskip("termios", reason="needs a pseudo-terminal")
fcntl = pytest.importorskip("fcntl", reason="needs a pseudo-terminal")

PATIENCE_SECONDS = 90
ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
SHOW_CURSOR, MOUSE_OFF, PASTE_OFF = b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l"
COMMAND = [sys.executable, "-m", "emoterm", "tui", "--device", "cpu"]


def environment(home: Path, bundle: Path) -> dict[str, str]:
    root = str(Path(emoterm.__file__).parents[1])
    # COVERAGE and the like may come along; what decides about colours and places may not.
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TMUX", "TERM_PROGRAM")}
    return {
        **kept,
        "PYTHONPATH": root,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "HOME": str(home),
        "EMOTERM_BUNDLE": str(bundle),
    }


class Terminal:
    """A pseudo-terminal with the program in it."""

    def __init__(self, env: dict[str, str]) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, (24).to_bytes(2, sys.byteorder) + (80).to_bytes(2, sys.byteorder) + bytes(4))
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.process = subprocess.Popen(
            COMMAND, stdin=self.slave, stdout=self.slave, stderr=self.slave, env=env, start_new_session=True, close_fds=True
        )

    def read_until(self, text: bytes) -> None:
        """Wait for some output."""
        until = time.monotonic() + PATIENCE_SECONDS
        while text not in self.seen:
            assert time.monotonic() < until, self.seen[-2000:]
            if select.select([self.master], [], [], 0.2)[0]:
                self.seen += os.read(self.master, 1 << 16)

    def end(self) -> int:
        """Wait for the end, reading what is still said."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None or select.select([self.master], [], [], 0)[0]:
            assert time.monotonic() < until, self.seen[-2000:]
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 1 << 16)
        return self.process.returncode

    def close(self) -> None:
        """Let go, whatever happened."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(home: Path, bundle_path: Path) -> Iterator[Terminal]:
    found = Terminal(environment(home, bundle_path))
    yield found
    found.close()


@pytest.mark.parametrize(("how", "code"), [(b"q", 0), (b"\x03", 130), (signal.SIGTERM, 143)], ids=["quit", "ctrl-c", "kill"])
def test_the_terminal_is_left_clean(terminal: Terminal, how: bytes | signal.Signals, code: int) -> None:
    terminal.read_until(b"grinning face")  # models have been opened meanwhile, with file descriptor 2 diverted
    if isinstance(how, bytes):
        os.write(terminal.master, how)
    else:
        terminal.process.send_signal(how)
    assert terminal.end() == code
    last = terminal.seen.rindex(LEAVE_SCREEN)
    assert terminal.seen.index(ENTER_SCREEN) < last
    for sequence in (SHOW_CURSOR, MOUSE_OFF, PASTE_OFF):
        assert terminal.seen.rindex(sequence) > terminal.seen.index(ENTER_SCREEN)
    assert termios.tcgetattr(terminal.slave) == terminal.before
    assert b"Traceback" not in terminal.seen
    after = terminal.seen[last + len(LEAVE_SCREEN) :]
    assert (b"Interrupted" in after) == (code == 130)


def test_what_is_drawn_survives_a_diverted_descriptor_2(capfd: pytest.CaptureFixture[str]) -> None:
    original = sys.__stderr__
    with private_stderr():
        assert sys.__stderr__ is not original
        with captured_output() as read_output:
            os.write(2, b"from a library\n")
            assert sys.__stderr__ is not None
            sys.__stderr__.write("drawn")
            sys.__stderr__.flush()
            assert read_output() == "from a library\n"
    assert sys.__stderr__ is original
    captured = capfd.readouterr()
    assert captured.out == "drawn"
    assert captured.err == ""


# --- tmux ---


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_it_works_in_tmux(home: Path, bundle_path: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    socket = str(tmp_path / "tmux")
    env = environment(home, bundle_path)

    def tmux(*arguments: str) -> str:
        return subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", *arguments], env=env, check=True, capture_output=True, text=True
        ).stdout

    def wait_for(text: str, *, there: bool = True) -> str:
        until = time.monotonic() + PATIENCE_SECONDS
        while (text in (seen := tmux("capture-pane", "-p"))) is not there:
            assert time.monotonic() < until, seen
            time.sleep(0.1)
        return seen

    program = f"{' '.join(COMMAND)}; echo ended with $?; cat"
    tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), program)
    try:
        wait_for("grinning face")
        tmux("send-keys", "/")
        wait_for("Keep", there=False)  # letters go into the input now
        tmux("send-keys", "octopus")
        seen = wait_for("1 found")
        assert "▀▀▀" in seen
        assert "Help" in seen
        tmux("resize-window", "-x", "20", "-y", "5")
        tmux("resize-window", "-x", "90", "-y", "30")
        wait_for("octopus")
        tmux("send-keys", "Enter")
        wait_for("Keep")
        tmux("send-keys", "2")
        wait_for("temperature")
        # At another size than at the start tmux 3.3 puts lines of the program back onto the screen when it ends.
        tmux("resize-window", "-x", str(size[0]), "-y", str(size[1]))
        tmux("send-keys", "q")
        assert "temperature" not in wait_for("ended with 0")
        assert tmux("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}").strip() == "001"
    finally:
        tmux("kill-server")
