"""How to show pictures on this terminal: what the person wants, what the terminal is known for, what it says when it is asked."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TextIO

from emoterm.errors import UsageError
from emoterm.safe_text import quoted
from emoterm.terminal.brand import Graphics, draws_octants, known_graphics, multiplexer
from emoterm.terminal.probe import Answers, ask_terminal, cell_size

__all__ = ["Graphics", "GraphicsChoice", "choose_graphics", "theme_background"]

ENV_GRAPHICS = "EMOTERM_GRAPHICS"

# They print 24-bit colours as garbage, or know no colours at all.
_NO_TRUE_COLOR_TERMS = ("vt52", "vt100", "vt102", "vt220", "ansi", "cons25", "xterm-color", "xterm-mono")
_BLOCKS = (Graphics.OCTANT, Graphics.HALF)

# The sixteen colours of xterm, by the numbers that COLORFGBG uses.
_XTERM_COLORS = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip


@dataclass(frozen=True)
class GraphicsChoice:
    """How to show pictures here, and why."""

    graphics: Graphics
    reason: str
    """Part of a sentence, for ``emoterm doctor``."""
    ascii_only: bool = False
    """The output cannot carry block characters."""
    background: tuple[int, int, int] | None = None
    """What the terminal's background is thought to be; None: not known."""
    cell_px: tuple[int, int] | None = None
    """Width and height of a character cell; None: not known."""

    @property
    def dark(self) -> bool:
        """Whether the background is dark; not known counts as dark."""
        return self.background is None or sum(self.background) < 3 * 128


def choose_graphics(
    flag: str | None = None,
    *,
    stream: TextIO | None = None,
    env: Mapping[str, str] | None = None,
    setting: tuple[str, str] | None = None,
    ask: Callable[[], Answers | None] | None = ask_terminal,
) -> GraphicsChoice:
    """Choose how to show pictures on a stream.

    The flag decides, even for a file or a pipe. Otherwise nothing is shown where the stream is no terminal; in a terminal
    ``EMOTERM_GRAPHICS`` decides, then the settings, then what the environment tells of the terminal, then what the terminal says itself.
    What cannot work is replaced in any case: blocks that the encoding of the stream cannot carry by grey ASCII, kitty's protocol inside
    tmux by half blocks.

    Args:
        flag: value of ``--graphics``: one of :class:`Graphics`, or ``auto`` (or None).
        stream: where pictures would be written; standard output by default.
        env: environment; this process's by default.
        setting: a value as of the flag that somebody keeps, and where.
        ask: asks the terminal, and is called only where the environment does not tell and ``stream`` is a real terminal. None: never,
            because another part of the program reads the keyboard.

    Raises:
        UsageError: the flag, the variable or the setting has another value.
    """
    stream = sys.stdout if stream is None else stream
    env = os.environ if env is None else env
    wish, source = (env[ENV_GRAPHICS], ENV_GRAPHICS) if env.get(ENV_GRAPHICS) else setting or (None, "")
    by_flag, by_wish = _parse(flag, "--graphics"), _parse(wish, source)
    fd = _terminal(stream)
    known = GraphicsChoice(
        Graphics.NONE,
        "the output is not a terminal",
        ascii_only=not _is_unicode(stream.encoding),
        background=theme_background(env),
        cell_px=None if fd is None else cell_size(fd),
    )
    if by_flag is not None:
        choice = replace(known, graphics=by_flag, reason="--graphics asks for it")
    elif not stream.isatty():
        return known
    elif by_wish is not None:
        choice = replace(known, graphics=by_wish, reason=f"{source} asks for it")
    else:
        choice = _guess(known, env, ask if fd is not None and not known.ascii_only else None)
    if choice.graphics is Graphics.KITTY and (around := multiplexer(env)):
        choice = replace(choice, graphics=Graphics.HALF, reason=f"{around} would lose pictures of kitty's protocol")
    if choice.graphics in _BLOCKS and choice.ascii_only:
        reason = f"the output is {stream.encoding or 'not Unicode'}, which has no block characters"
        choice = replace(choice, graphics=Graphics.GREY, reason=reason)
    return choice


def theme_background(env: Mapping[str, str]) -> tuple[int, int, int] | None:
    """Background colour by ``COLORFGBG`` (``foreground;background``, set by rxvt, Konsole and others), or None."""
    number = env.get("COLORFGBG", "").rpartition(";")[2]
    return dict(zip(map(str, range(16)), _XTERM_COLORS, strict=True)).get(number)


def _parse(value: str | None, source: str) -> Graphics | None:
    if value is None or value.strip().lower() in ("", "auto"):
        return None
    try:
        return Graphics(value.strip().lower())
    except ValueError:
        known = ", ".join(["auto", *Graphics])
        raise UsageError(f"{source} is {quoted(value)}, which is no way to show pictures.", fix=f"Use one of: {known}") from None


def _guess(known: GraphicsChoice, env: Mapping[str, str], ask: Callable[[], Answers | None] | None) -> GraphicsChoice:
    """What suits this terminal best."""
    term = env.get("TERM", "").lower()
    colors = _colors(term, env)
    if colors[0] is not Graphics.HALF:
        return replace(known, graphics=colors[0], reason=colors[1])
    if around := multiplexer(env):
        return replace(known, graphics=Graphics.HALF, reason=f"{around} does not pass pictures on, and may count octants as two columns")
    if by_name := known_graphics(env):
        return replace(known, graphics=by_name[0], reason=by_name[1])
    if ask is None or term == "linux" or (answers := ask()) is None:
        return replace(known, graphics=colors[0], reason=colors[1])
    known = replace(known, background=answers.background or known.background, cell_px=known.cell_px or answers.cell_px)
    graphics, reason = _by_answers(answers) or colors
    return replace(known, graphics=graphics, reason=reason)


def _by_answers(answers: Answers) -> tuple[Graphics, str] | None:
    name = answers.name or "the terminal"
    if answers.name.lower().startswith(("tmux", "screen", "zellij")):
        # They say sixel even where the terminal around them cannot show it.
        return Graphics.HALF, f"{name} answers in the place of the terminal around it"
    if answers.kitty:
        return Graphics.KITTY, f"{name} says that it takes kitty's graphics"
    if answers.sixel:
        return Graphics.SIXEL, f"{name} says that it takes sixel"
    if draws_octants(answers.name):
        return Graphics.OCTANT, f"{name} draws octants"
    return None


def _colors(term: str, env: Mapping[str, str]) -> tuple[Graphics, str]:
    """Whether there are 24-bit colours, grey only, or nothing at all."""
    if term == "dumb":
        return Graphics.NONE, "TERM is dumb"
    if env.get("NO_COLOR"):  # https://no-color.org: set and not empty
        return Graphics.GREY, "NO_COLOR is set"
    if env.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Graphics.HALF, f"COLORTERM is {env['COLORTERM']}"
    if env.get("TERM_PROGRAM") == "Apple_Terminal":
        return Graphics.GREY, "Apple Terminal does not announce 24-bit colour"
    if env.get("WT_SESSION"):
        return Graphics.HALF, "Windows Terminal has 24-bit colour"
    if not term:
        return Graphics.GREY, "TERM is not set"
    if term in _NO_TRUE_COLOR_TERMS:
        return Graphics.GREY, f"TERM is {term}, which has no 24-bit colour"
    # ssh does not pass COLORTERM on, and tmux turns 24-bit colours into what the terminal around has.
    return Graphics.HALF, f"TERM is {term}, and terminals of today have 24-bit colour"


def _terminal(stream: TextIO) -> int | None:
    """The file descriptor of a stream that is a real terminal."""
    try:
        return stream.fileno() if os.isatty(stream.fileno()) else None
    except (OSError, ValueError, AttributeError):  # closed, or only in memory
        return None


def _is_unicode(encoding: str | None) -> bool:
    try:
        return encoding is not None and codecs.lookup(encoding).name.startswith("utf")
    except LookupError:
        return False
