"""Drawing pictures into the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoterm.cli.report import narrate
from emoterm.terminal.detect import Graphics

if TYPE_CHECKING:
    from emoterm.imaging.compose import U8, Color
    from emoterm.terminal.detect import GraphicsChoice

DRAWN_AT_MOST = 64
"""More pictures than this would only scroll by."""


def draw(pixels: U8, choice: GraphicsChoice, *, background: Color | None = None) -> None:
    """Draw pictures ``(N, H, W, 4)``, straight alpha, as far as the choice allows."""
    if choice.graphics is Graphics.NONE:
        return
    from emoterm.terminal.show import print_pictures

    print_pictures(pixels[:DRAWN_AT_MOST], choice=choice, background=background)
    if len(pixels) > DRAWN_AT_MOST:
        narrate(f"The first {DRAWN_AT_MOST} of {len(pixels)} are drawn here.")
