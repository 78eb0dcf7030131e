"""The pictures that a command is given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from emoterm.cli.report import narrate

if TYPE_CHECKING:
    from emoterm.codec import Codec
    from emoterm.gallery import Gallery
    from emoterm.inputs import Picture


def given_picture(spec: str, *, codec: Codec, gallery: Gallery) -> Picture:
    """What the user typed as a picture, of :func:`emoterm.inputs.resolve`; of an animation it is told that the rest is left out.

    Raises:
        InputError: the file cannot be read as a picture or as tokens.
        UsageError: neither a file nor a known emoji, or an unknown style.
    """
    from emoterm.inputs import resolve

    picture = resolve(spec, codec=codec, gallery=gallery, stdin=sys.stdin.buffer)
    if picture.animated:
        tell_of_animation(picture.label)
    return picture


def tell_of_animation(label: str) -> None:
    """Say that of a file with several pictures one is used."""
    narrate(f"{label} is an animation: only its first picture is used")
