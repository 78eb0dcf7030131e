"""``emoterm tui``."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from emoterm.cli import options
from emoterm.cli.complete import complete_theme
from emoterm.cli.typed import setting_of
from emoterm.errors import UsageError
from emoterm.safe_text import quoted


def tui(
    theme: Annotated[
        str | None,
        typer.Option("--theme", metavar="NAME", help="Colours, such as textual-light, nord or ansi-dark.", autocompletion=complete_theme),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours at all; NO_COLOR does the same.")] = False,
    still: Annotated[
        bool, typer.Option("--still", help="Nothing moves unless you move it; TEXTUAL_ANIMATIONS=none does the same.")
    ] = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
) -> None:
    """Browse, make, morph and understand emojis in the terminal.

    Six screens, by the digits 1 to 6: browse the gallery, sample new emojis, morph, blend, look inside the codebook, and the library of
    what you kept. The bottom line shows the keys that work; ? shows them all, and : finds every action by its name.

    \b
    Examples:
      emoterm tui
      emoterm tui --theme textual-light
      emoterm tui --no-color --still
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The terminal interface needs a terminal.", fix="Without one: emoterm search cat, emoterm sample --n 16")
    if no_color:
        os.environ["NO_COLOR"] = "1"
    if still:
        os.environ["TEXTUAL_ANIMATIONS"] = "none"

    # Collecting garbage among the thousands of new objects of an import finds nothing, and takes a tenth of the time to the first frame.
    gc.disable()
    from emoterm.tui.heap import share_heaps

    share_heaps()
    from emoterm.cli.defaults import defaults_of
    from emoterm.config import read_keymap
    from emoterm.terminal.detect import Graphics, choose_graphics
    from emoterm.tui.stderr import private_stderr

    keymap, sampling = read_keymap(), {name: setting.value for name, setting in defaults_of("sample").items()}
    # By its name alone: an answer of the terminal would arrive among the keys.
    grey = choose_graphics("auto", setting=setting_of("graphics"), ask=None).graphics in (Graphics.GREY, Graphics.NONE)
    with private_stderr():
        from emoterm.tui.app import EmotermApp

        app = EmotermApp(
            bundle=bundle,
            device=device,
            grey=grey,
            theme=theme,
            keymap=keymap,
            sampling=sampling,
            moving=not still,
            when_drawn=_collect_again,
        )
        if app.wrong_theme is not None:
            raise UsageError(f"There is no theme {quoted(app.wrong_theme)}.", fix=f"Use one of: {', '.join(sorted(app.available_themes))}")
        code = app.run()
    raise typer.Exit(code or app.return_code or 0)


def _collect_again() -> None:
    """Leave what start-up made out of every later collection, which then is too short to be noticed."""
    gc.freeze()
    gc.enable()
