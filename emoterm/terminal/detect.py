"""What this terminal can show, told from its environment.

Nothing is asked of the terminal itself: a question on standard input may eat what the user types, and never ends in one that is silent.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from emoterm.errors import UsageError

ENV_GRAPHICS = "EMOTERM_GRAPHICS"

# They print 24-bit colours as garbage, or know no colours at all.
_NO_TRUE_COLOR_TERMS = ("vt52", "vt100", "vt102", "vt220", "ansi", "cons25", "xterm-color", "xterm-mono")

# The sixteen colours of xterm, by the numbers that COLORFGBG uses.
_XTERM_COLORS = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip


class Graphics(StrEnum):
    """How pictures are shown in the terminal."""

    NONE = "none"
    """Not at all."""
    HALF = "half"
    """Half blocks in 24-bit colour."""
    GREY = "grey"
    """Characters of different density, no colours."""


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

    @property
    def dark(self) -> bool:
        """Whether the background is dark; not known counts as dark."""
        return self.background is None or sum(self.background) < 3 * 128


def choose_graphics(
    flag: str | None = None,
    *,
    stream: TextIO | None = None,
    env: Mapping[str, str] | None = None,
) -> GraphicsChoice:
    """Choose how to show pictures on a stream.

    The flag decides, even for a file or a pipe. Otherwise nothing is shown where the stream is no terminal; in a terminal
    ``EMOTERM_GRAPHICS`` decides, then what is known of it. Half blocks that the encoding of the stream cannot carry become grey ASCII
    in any case.

    Args:
        flag: value of ``--graphics``: ``auto`` (or None), ``half``, ``grey`` or ``none``.
        stream: where pictures would be written; standard output by default.
        env: environment; this process's by default.

    Raises:
        UsageError: the flag or the variable has another value.
    """
    stream = sys.stdout if stream is None else stream
    env = os.environ if env is None else env
    ascii_only = not _is_unicode(stream.encoding)
    by_flag, by_env = _parse(flag, "--graphics"), _parse(env.get(ENV_GRAPHICS), ENV_GRAPHICS)
    if by_flag is not None:
        graphics, reason = by_flag, "--graphics asks for it"
    elif not stream.isatty():
        graphics, reason = Graphics.NONE, "the output is not a terminal"
    elif by_env is not None:
        graphics, reason = by_env, f"{ENV_GRAPHICS} asks for it"
    else:
        graphics, reason = _guess(env)
    if graphics is Graphics.HALF and ascii_only:
        graphics, reason = Graphics.GREY, f"the output is {stream.encoding or 'not Unicode'}, which has no block characters"
    return GraphicsChoice(graphics, reason, ascii_only=ascii_only, background=theme_background(env))


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
        raise UsageError(f"{source} is {value!r}, which is no way to show pictures.", fix=f"Use one of: {known}") from None


def _guess(env: Mapping[str, str]) -> tuple[Graphics, str]:
    term = env.get("TERM", "").lower()
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
    # ssh does not pass COLORTERM on, and tmux turns 24-bit colours into what the terminal around it has.
    return Graphics.HALF, f"TERM is {term}, and terminals of today have 24-bit colour"


def _is_unicode(encoding: str | None) -> bool:
    try:
        return encoding is not None and codecs.lookup(encoding).name.startswith("utf")
    except LookupError:
        return False
