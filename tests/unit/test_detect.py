"""What a terminal can show is told from its environment, and said with the reason."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from emoterm.errors import UsageError
from emoterm.terminal.detect import Graphics, GraphicsChoice, choose_graphics, theme_background


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
    assert caught.value.fix == "Use one of: auto, none, half, grey"
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
