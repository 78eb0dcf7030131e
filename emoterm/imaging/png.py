"""Pictures as PNG files."""

from __future__ import annotations

import io

from PIL import Image

from emoterm.imaging.compose import U8


def encode_png(pixels: U8, *, max_colors: int | None = None) -> bytes:
    """Encode as PNG. The same pixels give the same bytes: fixed settings, no time stamp or other metadata.

    Args:
        pixels: ``(H, W, 4)``, straight alpha.
        max_colors: the nearest of so many colours (alpha counted in), up to 256; None keeps them all.
    """
    image = Image.fromarray(pixels)
    if max_colors is not None:
        image = image.quantize(max_colors, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()
