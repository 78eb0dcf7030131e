"""The program in a terminal: what it asks, what it draws, and that it leaves everything as it was."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from emoterm.terminal.octants import octant_characters
from emoterm.terminal.probe import QUESTIONS
from tests.cli.conftest import draw_emoji
from tests.gallery_bundle import make_gallery_bundle
from tests.pty.terminal import DA1, KITTY, SIXEL, XTERM, Seen, run_in_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")

InTerminal = Callable[..., Seen]
SHOW = ("show", "octopus", "--device", "cpu")
PLAIN = {"TERM": "xterm-256color"}


@pytest.fixture(scope="module")
def bundle(tiny_bundle_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gallery_bundle(tiny_bundle_path, tmp_path_factory.mktemp("bundle") / "gallery")


@pytest.fixture
def in_terminal(tmp_path: Path, bundle: Path) -> InTerminal:
    def run(*argv: str, env: dict[str, str] | None = None, **settings: object) -> Seen:
        whole = {"LANG": "C.UTF-8", "EMOTERM_BUNDLE": str(bundle), **(PLAIN if env is None else env)}
        return run_in_terminal(tmp_path, *(argv or SHOW), env=whole, **settings)

    return run


def drawn(text: str) -> str:
    """How the picture was drawn."""
    if "\x1b_Ga=T" in text:
        return "kitty"
    if "\x1bP0;1;0q" in text:
        return "sixel"
    if set(text) & set(octant_characters()) - set(" ▀▄█▌▐"):
        return "octant"
    if re.search(r"\x1b\[[\d;]*38;2;[\d;]*m[▀▄]", text):
        return "half"
    return "grey" if set(text) & set("░▒▓█#%@") else "none"


def asked(seen: Seen) -> bool:
    return DA1 in seen.output


def without_questions(seen: Seen) -> str:
    return seen.output.replace(QUESTIONS, b"").decode()


def assert_in_order(seen: Seen) -> None:
    """It worked, the terminal is as it was, and nothing but text and colours is on the screen beside the questions."""
    assert seen.code == 0, seen.text
    assert seen.settings_kept
    assert "Traceback" not in seen.text
    if drawn(seen.text) not in ("kitty", "sixel"):
        assert "\x1b" not in re.sub(r"\x1b\[[\d;]*m", "", without_questions(seen))


def test_a_picture_from_a_pipe_with_the_output_in_a_terminal(in_terminal: InTerminal, tmp_path: Path) -> None:
    picture = draw_emoji(tmp_path / "disc.png")
    seen = in_terminal("show", "-", "--device", "cpu", stdin=picture, answers=XTERM)
    assert_in_order(seen)
    assert drawn(seen.text) == "half"
    assert asked(seen)  # of the terminal, though stdin is a file


def test_a_silent_terminal_gets_half_blocks_and_nothing_stays_behind(in_terminal: InTerminal) -> None:
    seen = in_terminal(answers={})
    assert_in_order(seen)
    assert seen.output.count(QUESTIONS) == 1
    assert drawn(seen.text) == "half"


def test_keys_typed_ahead_are_for_the_next_program(in_terminal: InTerminal) -> None:
    seen = in_terminal(answers=XTERM, typed_ahead=b"echo hello\n")
    assert_in_order(seen)
    assert not asked(seen)
    assert seen.line == "echo hello"


@pytest.mark.parametrize("answers", [SIXEL, KITTY], ids=["sixel", "kitty"])
def test_a_terminal_that_says_what_it_can_show_is_sent_that(answers: dict[bytes, bytes], in_terminal: InTerminal) -> None:
    seen = in_terminal(answers=answers)
    assert_in_order(seen)
    assert drawn(seen.text) == ("sixel" if answers is SIXEL else "kitty")
    # Its answers were taken, not echoed.
    assert not any(answer in seen.output for answer in answers.values())


def test_no_wait_for_answers_is_too_long_to_be_counted(in_terminal: InTerminal) -> None:
    seen = in_terminal(env={**PLAIN, "EMOTERM_PROBE_TIMEOUT": "inf"}, answers=SIXEL)
    assert_in_order(seen)
    assert drawn(seen.text) == "sixel"


def test_a_terminal_of_few_sixel_colours_gets_half_blocks(in_terminal: InTerminal) -> None:
    seen = in_terminal(answers={b"\x1b[?1;1;0S": b"\x1b[?1;0;16S", DA1: b"\x1b[?63;4c"})
    assert_in_order(seen)
    assert drawn(seen.text) == "half"


def test_foot_and_others_are_known_by_the_name_they_give(in_terminal: InTerminal) -> None:
    seen = in_terminal(answers={b"\x1b[>q": b"\x1bP>|VTE(8001)\x1b\\", DA1: b"\x1b[?65;1;9c"})
    assert_in_order(seen)
    assert drawn(seen.text) == "octant"


def test_a_terminal_of_no_size_counts_as_80_by_24(in_terminal: InTerminal) -> None:
    seen = in_terminal(size=(0, 0), answers=XTERM)
    assert_in_order(seen)
    assert drawn(seen.text) == "half"
    assert seen.output == in_terminal(size=(24, 80), answers=XTERM).output


def test_a_terminal_of_one_cell_is_no_failure(in_terminal: InTerminal) -> None:
    assert_in_order(in_terminal(size=(1, 1), answers=XTERM))


@pytest.mark.parametrize("answers", [SIXEL, KITTY], ids=["sixel", "kitty"])
def test_tmux_gets_half_blocks_whatever_gets_through_it(answers: dict[bytes, bytes], in_terminal: InTerminal) -> None:
    """Without passthrough tmux answers itself, with it the terminal around may: neither is asked, as neither answer can be used."""
    seen = in_terminal(env={"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0", "KITTY_WINDOW_ID": "1"}, answers=answers)
    assert_in_order(seen)
    assert not asked(seen)
    assert b"\x1bPtmux;" not in seen.output
    assert drawn(seen.text) == "half"


def test_tmux_behind_another_name_is_known_by_its_answer(in_terminal: InTerminal) -> None:
    seen = in_terminal(answers={b"\x1b[>q": b"\x1bP>|tmux 3.4\x1b\\", DA1: b"\x1b[?1;2;4c"})
    assert_in_order(seen)
    assert asked(seen)
    assert drawn(seen.text) == "half"


def test_kitty_asked_for_inside_tmux_becomes_half_blocks(in_terminal: InTerminal) -> None:
    seen = in_terminal(*SHOW, "--graphics", "kitty", env={"TERM": "screen-256color"})
    assert_in_order(seen)
    assert drawn(seen.text) == "half"


def test_no_color_means_no_escape_at_all(in_terminal: InTerminal) -> None:
    seen = in_terminal(env={**PLAIN, "NO_COLOR": "1", "KITTY_WINDOW_ID": "1"}, answers=KITTY)
    assert_in_order(seen)
    assert "\x1b" not in seen.text
    assert drawn(seen.text) == "grey"


def test_a_dumb_terminal_gets_text_only(in_terminal: InTerminal) -> None:
    seen = in_terminal(env={"TERM": "dumb"}, answers=SIXEL)
    assert_in_order(seen)
    assert "\x1b" not in seen.text
    assert drawn(seen.text) == "none"
    assert "octopus" in seen.text


def test_a_locale_without_unicode_gets_ascii(in_terminal: InTerminal) -> None:
    seen = in_terminal(env={**PLAIN, "LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, answers=XTERM)
    assert_in_order(seen)
    assert seen.text.isascii()
    assert "\x1b" not in seen.text
    assert drawn(seen.text) == "grey"
    assert "octopus" in seen.text


def test_kitty_is_known_without_being_asked(in_terminal: InTerminal) -> None:
    seen = in_terminal(env={"TERM": "xterm-kitty"}, answers={})
    assert_in_order(seen)
    assert not asked(seen)
    assert drawn(seen.text) == "kitty"


def test_a_flag_is_an_order(in_terminal: InTerminal) -> None:
    seen = in_terminal(*SHOW, "--graphics", "octant", env={**PLAIN, "EMOTERM_GRAPHICS": "half"}, answers=KITTY)
    assert_in_order(seen)
    assert not asked(seen)
    assert drawn(seen.text) == "octant"


def test_bytes_of_a_file_never_reach_the_screen(in_terminal: InTerminal) -> None:
    seen = in_terminal("encode", "octopus", "-", "--device", "cpu", answers=XTERM)
    assert seen.code == 2
    assert "would garble the terminal" in seen.text
