"""Which screens there are, in the order of their keys; each is imported when it is first shown."""

from __future__ import annotations

import importlib
from typing import cast

from emoterm.tui.screens.base import EmotermScreen

SCREENS = {
    "browse": "emoterm.tui.screens.browse:BrowseScreen",
    "sample": "emoterm.tui.screens.sample:SampleScreen",
    "morph": "emoterm.tui.screens.morph:MorphScreen",
    "blend": "emoterm.tui.screens.blend:BlendScreen",
    "codebook": "emoterm.tui.screens.codebook:CodebookScreen",
    "library": "emoterm.tui.screens.library:LibraryScreen",
}


def screen_class(name: str) -> type[EmotermScreen]:
    """The class of a screen; imports its module."""
    module, _, found = SCREENS[name].partition(":")
    return cast("type[EmotermScreen]", getattr(importlib.import_module(module), found))


def make_screen(name: str) -> EmotermScreen:
    """A new screen."""
    return screen_class(name)()
