"""What a terminal can show is told from its environment, and said with the reason."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from emoterm.errors import UsageError
from emoterm.terminal import probe
from emoterm.terminal.brand import draws_octants
from emoterm.terminal.detect import Graphics, GraphicsChoice, choose_graphics, theme_background
from emoterm.terminal.probe import Answers, parse_answers


class Stream(io.TextIOWrapper):
    """A stream that says it is, or is not, a terminal of some encoding."""

    def __init__(self, *, tty: bool = True, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


XTERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("env", "graphics"),
    [
        (XTERM, Graphics.HALF),
        ({"TERM": "tmux-256color"}, Graphics.HALF),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Graphics.HALF),
        ({"WT_SESSION": "1"}, Graphics.HALF),
        ({**XTERM, "NO_COLOR": "1"}, Graphics.GREY),
        ({**XTERM, "NO_COLOR": ""}, Graphics.HALF),  # empty counts as not set
        ({**XTERM, "TERM_PROGRAM": "Apple_Terminal"}, Graphics.GREY),
        ({**XTERM, "TERM_PROGRAM": "Apple_Terminal", "COLORTERM": "truecolor"}, Graphics.HALF),
        ({"TERM": "vt100"}, Graphics.GREY),
        ({}, Graphics.GREY),
        ({"TERM": "dumb"}, Graphics.NONE),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, Graphics.NONE),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, Graphics.KITTY),
        ({**XTERM, "KITTY_WINDOW_ID": "3"}, Graphics.KITTY),
        ({"TERM": "xterm-ghostty"}, Graphics.KITTY),
        ({"TERM": "foot-extra"}, Graphics.SIXEL),
        ({**XTERM, "TERM_PROGRAM": "WezTerm"}, Graphics.SIXEL),
        ({**XTERM, "TERM_PROGRAM": "vscode"}, Graphics.HALF),
        ({**XTERM, "COLORTERM": "truecolor", "VTE_VERSION": "7800"}, Graphics.OCTANT),
        ({**XTERM, "COLORTERM": "truecolor", "VTE_VERSION": "7600"}, Graphics.HALF),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, Graphics.GREY),
        # What a multiplexer inherits from the terminal around it says nothing about what gets through.
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "3"}, Graphics.HALF),
        ({"TERM": "tmux-256color", "VTE_VERSION": "7800", "TMUX": "/tmp/x,1,0"}, Graphics.HALF),
        ({**XTERM, "ZELLIJ": "0", "TERM_PROGRAM": "ghostty"}, Graphics.HALF),
    ],
)
def test_a_terminal_is_known_by_its_environment(env: dict[str, str], graphics: Graphics) -> None:
    choice = choose_graphics(stream=Stream(), env=env)
    assert choice.graphics is graphics
    assert choice.reason


def test_a_file_or_pipe_gets_no_pictures_whatever_the_environment_says() -> None:
    choice = choose_graphics(stream=Stream(tty=False), env={**XTERM, "EMOTERM_GRAPHICS": "half"})
    assert choice.graphics is Graphics.NONE
    assert choice.reason == "the output is not a terminal"


@pytest.mark.parametrize("graphics", list(Graphics))
def test_the_flag_decides_over_everything(graphics: Graphics) -> None:
    env = {"TERM": "dumb", "NO_COLOR": "1", "EMOTERM_GRAPHICS": "grey"}
    for tty in (True, False):
        assert choose_graphics(graphics.value, stream=Stream(tty=tty), env=env).graphics is graphics


@pytest.mark.parametrize("graphics", list(Graphics))
@pytest.mark.parametrize("flag", [None, "auto"])
def test_the_variable_decides_over_what_is_guessed(graphics: Graphics, flag: str | None) -> None:
    env = {**XTERM, "NO_COLOR": "1", "EMOTERM_GRAPHICS": graphics.value.upper()}
    choice = choose_graphics(flag, stream=Stream(), env=env)
    assert choice.graphics is graphics
    assert "EMOTERM_GRAPHICS" in choice.reason


@pytest.mark.parametrize(
    ("name", "draws"),
    [
        ("ghostty 1.2.0", True),
        ("ghostty 1.1.3", False),
        ("foot(1.20.2)", True),
        ("foot(1.9.0)", False),
        ("kitty(0.40.0)", True),
        ("kitty(0.39.1)", False),
        ("VTE(7800)", True),
        ("VTE(7603)", False),
        ("XTerm(398)", False),
        ("vte()", False),
        ("", False),
    ],
)
def test_octants_are_for_terminals_that_draw_them_whatever_the_font_has(name: str, draws: bool) -> None:
    assert draws_octants(name) is draws


def test_answers_are_told_from_keys_typed_meanwhile() -> None:
    data = b"a\x1b_Gi=31;OK\x1b\\b\x1b]11;rgb:ff/8000/0\x07\x1b[6;20;10t\x1b[?1;0;256S\x1bP>|XTerm(398)\x1b\\\x1b[A\x1b[?64;1;4;22cq\n"
    answers, typed = parse_answers(data)
    assert answers == Answers(name="XTerm(398)", kitty=True, sixel=True, background=(255, 128, 0), cell_px=(10, 20))
    assert typed == b"ab\x1b[Aq\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of that kind")
def test_keys_typed_while_it_is_asked_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    given_back: list[bytes] = []
    monkeypatch.setattr(probe, "_give_back", lambda tty, typed: given_back.append(typed))
    terminal, program = pty.openpty()
    try:
        os.write(terminal, b"\x1b[?62;4cls\n")
        answers = probe._ask(program, 5.0)
    finally:
        os.close(terminal)
        os.close(program)
    assert answers is not None
    assert given_back == [b"ls\n"]


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"", Answers()),
        (b"\x1b[?64;1c", Answers()),
        (b"\x1b[?4c", Answers()),  # the kind of terminal, not a list of what it can do
        (b"\x1b[?64;14;40c", Answers()),
        (b"\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?62c", Answers()),
        (b"\x1b[?1;0;16S\x1b[?62;4c", Answers()),
        (b"\x1b[?1;3S\x1b[?62;4c", Answers(sixel=True)),  # it does not know the question
        (b"\x1b[6;0;0t", Answers()),
    ],
)
def test_what_is_not_said_is_not_assumed(data: bytes, answers: Answers) -> None:
    assert parse_answers(data)[0] == answers


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("flag", [None, "half"])
def test_an_encoding_without_blocks_gets_ascii(encoding: str, flag: str | None) -> None:
    choice = choose_graphics(flag, stream=Stream(encoding=encoding), env=XTERM)
    assert choice.graphics is Graphics.GREY
    assert choice.ascii_only
    assert encoding in choice.reason.replace("iso8859-1", "latin-1")


def test_a_utf_8_terminal_is_not_ascii_only() -> None:
    assert not choose_graphics(stream=Stream(), env=XTERM).ascii_only


def test_unknown_names_are_refused_with_the_list_and_where_they_came_from() -> None:
    with pytest.raises(UsageError, match="--graphics is 'sixels'") as caught:
        choose_graphics("sixels", stream=Stream(), env=XTERM)
    assert caught.value.fix == "Use one of: auto, none, kitty, sixel, octant, half, grey"
    with pytest.raises(UsageError, match="EMOTERM_GRAPHICS is 'color'"):
        choose_graphics(stream=Stream(), env={"EMOTERM_GRAPHICS": "color"})


@pytest.mark.parametrize(
    ("value", "background", "dark"),
    [
        ("15;0", (0, 0, 0), True),
        ("0;15", (255, 255, 255), False),
        ("0;default;7", (229, 229, 229), False),
        ("15;default", None, True),
        ("", None, True),
        ("0;16", None, True),
        ("0;-1", None, True),
        ("0;²", None, True),
    ],
)
def test_the_background_is_told_by_colorfgbg(value: str, background: tuple[int, int, int] | None, dark: bool) -> None:
    env = {"COLORFGBG": value}
    assert theme_background(env) == background
    choice = choose_graphics(stream=Stream(), env={**XTERM, **env})
    assert choice.background == background
    assert choice.dark is dark


def test_unknown_backgrounds_count_as_dark() -> None:
    assert GraphicsChoice(Graphics.HALF, "test").dark


def test_detection_reads_nothing_from_standard_input_and_writes_nothing() -> None:
    code = "import sys; from emoterm.terminal.detect import choose_graphics; print(choose_graphics().graphics, sys.stdin.read())"
    done = subprocess.run(
        [sys.executable, "-c", code], input="typed ahead", capture_output=True, text=True, env={**os.environ, **XTERM}, check=True
    )
    assert done.stdout == "none typed ahead\n"
    assert done.stderr == ""


def test_detection_imports_neither_numpy_nor_pillow_nor_textual() -> None:
    code = "import sys, emoterm.terminal.detect; print(sorted({'numpy', 'PIL', 'textual', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
