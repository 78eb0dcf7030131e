"""What ``emoterm doctor`` says about the terminal: how pictures are shown, why, and what would show them better."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

from emoterm.cli.check import Check
from emoterm.cli.typed import setting_of
from emoterm.errors import UsageError
from emoterm.terminal.brand import multiplexer
from emoterm.terminal.detect import GraphicsChoice, choose_graphics

TRUE_COLOR_IN_TMUX = (
    "Add this line to ~/.tmux.conf, type tmux source ~/.tmux.conf, detach and attach again:\nset -as terminal-features ',*:RGB'"
)


def check_terminal() -> Iterator[Check]:
    """How pictures are shown here, and why; what stands in the way of better ones."""
    try:
        choice = choose_graphics(stream=sys.__stdout__ or sys.stdout, setting=setting_of("graphics"))
    except UsageError as error:
        yield Check("terminal", "failed", error.what, error.fix)
    else:
        yield check_choice(choice)
    if multiplexer(os.environ) == "tmux":
        yield check_tmux()


def check_choice(choice: GraphicsChoice) -> Check:
    """How pictures are shown, and whether the encoding of the output stands in the way."""
    known = []
    if choice.cell_px is not None:
        known.append(f"cells of {choice.cell_px[0]}×{choice.cell_px[1]} pixels")
    if choice.background is not None:
        known.append("background #{:02x}{:02x}{:02x}".format(*choice.background))
    fix = None
    if choice.ascii_only:
        fix = "export LANG=C.UTF-8   (or any other locale with UTF-8)"
    return Check("terminal", "note" if fix else "ok", ", ".join([f"{choice.graphics}: {choice.reason}", *known]), fix)


def check_tmux() -> Check:
    """Whether tmux passes 24-bit colours on, which it does only for terminals that it was told of."""
    features = _ask_tmux("#{client_termfeatures}")
    if features is None:
        return Check("tmux", "note", "it does not say whether it passes 24-bit colours on", TRUE_COLOR_IN_TMUX)
    if "RGB" in features.split(","):
        return Check("tmux", "ok", "passes 24-bit colours on; pictures are drawn with half blocks, as pixels would not survive it")
    return Check("tmux", "note", "turns 24-bit colours into 256", TRUE_COLOR_IN_TMUX)


def _ask_tmux(what: str) -> str | None:
    """A format of the client that this runs in; None where tmux cannot be asked, as over ssh."""
    if not os.environ.get("TMUX"):
        return None
    try:
        done = subprocess.run(["tmux", "display-message", "-p", what], capture_output=True, text=True, timeout=1, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
