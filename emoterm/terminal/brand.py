"""Which terminal this is, told from its environment, and what that one is known to draw.

Versions are those in which each project's release notes name the feature: octants drawn by the terminal itself, sixel switched on as it
comes, kitty's graphics protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Graphics(StrEnum):
    """How pictures are shown in the terminal."""

    NONE = "none"
    """Not at all."""
    KITTY = "kitty"
    """True pixels, by the graphics protocol of kitty."""
    SIXEL = "sixel"
    """True pixels, 255 colours a row of pictures."""
    OCTANT = "octant"
    """Characters of 2×4 pixels in two 24-bit colours."""
    HALF = "half"
    """Half blocks in 24-bit colour."""
    GREY = "grey"
    """Characters of different density, no colours."""


# First version that draws octants itself, whatever the font has; by the name that the terminal gives when asked (XTVERSION).
_OCTANTS_SINCE = {"ghostty": (1, 2), "foot": (1, 20), "kitty": (0, 40), "vte": (7800,)}


def multiplexer(env: Mapping[str, str]) -> str | None:
    """tmux, screen or zellij, if this runs in one: they redraw the screen, and know nothing of pictures in it."""
    term = env.get("TERM", "").lower()
    if env.get("TMUX") or env.get("TERM_PROGRAM") == "tmux" or term.startswith("tmux"):
        return "tmux"
    if env.get("ZELLIJ"):
        return "zellij"
    # Over ssh only TERM is passed on; tmux used to call itself screen.
    return "screen" if env.get("STY") or term.startswith("screen") else None


def known_graphics(env: Mapping[str, str]) -> tuple[Graphics, str] | None:
    """The best way to show pictures in a terminal that its environment names, and why; None where it does not say enough."""
    term, program = env.get("TERM", "").lower(), env.get("TERM_PROGRAM", "")
    if env.get("KITTY_WINDOW_ID") or term == "xterm-kitty":
        return Graphics.KITTY, "this is kitty"
    if program == "ghostty" or term == "xterm-ghostty":
        return Graphics.KITTY, "this is ghostty"
    for name, found in (
        ("WezTerm", program == "WezTerm"),
        ("iTerm2", program == "iTerm.app"),
        ("mintty", program == "mintty"),
        ("foot", term.split("-")[0] == "foot"),
    ):
        if found:
            return Graphics.SIXEL, f"this is {name}"
    if program == "vscode":
        return Graphics.HALF, "this is Visual Studio Code, which shows no pictures unless told to"
    if draws_octants(f"vte({env.get('VTE_VERSION', '')})"):
        return Graphics.OCTANT, f"this is VTE {env['VTE_VERSION']}, which draws octants"
    return None


def draws_octants(name: str) -> bool:
    """Whether a terminal that calls itself so (``foot(1.20.2)``, ``ghostty 1.2.0``) draws octants, whatever its font has."""
    found = re.match(r"([a-z]+)\D*([\d.]*)", name.lower())
    if found is None or found[1] not in _OCTANTS_SINCE:
        return False
    return tuple(int(part) for part in found[2].split(".") if part) >= _OCTANTS_SINCE[found[1]]
