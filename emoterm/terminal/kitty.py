"""Pictures as pixels, by the graphics protocol of kitty, which ghostty, Konsole, WezTerm and others take too.

https://sw.kovidgoyal.net/kitty/graphics-protocol/: one picture, sent compressed in the text itself, shown at the cursor.
"""

from __future__ import annotations

import base64
import zlib

from emoterm.imaging.compose import U8

_CHUNK = 4096
"""Most characters of data in one escape sequence."""


def kitty_image(pixels: U8, *, columns: int, lines: int) -> str:
    """The escape sequences that show a picture in a box of cells; the cursor stays where it is.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        columns: width of the box.
        lines: height of the box.
    """
    height, width, _ = pixels.shape
    data = base64.standard_b64encode(zlib.compress(pixels.tobytes(), 1)).decode("ascii")
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    # Transmit and show (a=T) RGBA (f=32) that is deflated (o=z); no answer (q=2), no cursor movement (C=1).
    control = f"a=T,f=32,o=z,s={width},v={height},c={columns},r={lines},q=2,C=1,"
    parts = []
    for number, chunk in enumerate(chunks):
        more = int(number < len(chunks) - 1)
        parts.append(f"\x1b_G{control if number == 0 else ''}m={more};{chunk}\x1b\\")
    return "".join(parts)
