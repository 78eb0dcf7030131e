"""An emoji as it travels between the screens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emoterm.codec import F32, I64
    from emoterm.gallery import GalleryEntry
    from emoterm.imaging.compose import U8
    from emoterm.recipe import Recipe, RecipeInput


@dataclass(frozen=True, eq=False)
class Item:
    """One emoji, wherever it came from."""

    label: str
    """For people: ``😊 smiling face with smiling eyes``."""
    tokens: I64
    """``(256,)``, raster order."""
    z: F32
    """``(D, 16, 16)``: its codes, or what the encoder says of an image file."""
    pixels: U8
    """``(64, 64, 4)``, straight alpha."""
    spec: str | None
    """What to type for it on a command line; None where only its command makes it again."""
    command: tuple[str, ...]
    """The command line that makes it."""
    recipe: Recipe
    """How it was made; goes into the files it is kept in. That of a kept file may be of another bundle, and hold other tokens or none."""
    packed: bytes
    """The tokens as an ``.emo`` file has them."""
    entry: GalleryEntry | None = None
    """Its gallery entry, if it has one."""
    image: RecipeInput | None = None
    """The image file it was read from, as a recipe keeps it."""

    @property
    def as_input(self) -> RecipeInput:
        """What the recipe of something made from it says of it."""
        from emoterm.recipe import RecipeInput

        return self.image or RecipeInput(self.label, self.packed)


_NEEDS_QUOTES = re.compile(r"[\s'\"\\$`!*?\[\](){}<>|&;#~]|^$")


def command_line(command: Sequence[str]) -> str:
    """A command as it is typed into a shell; unlike :func:`shlex.join` without quotes around emojis."""
    return " ".join(shlex.quote(word) if _NEEDS_QUOTES.search(word) else word for word in command)
