"""From an opened Pillow image of any mode to upright straight RGBA."""

from __future__ import annotations

import numpy as np
from PIL import Image

from emoterm.imaging.compose import U8

# EXIF 2.32, tag 0x0112: what to do to see the picture upright.
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = [_TRANSPOSES[orientation] for orientation in (5, 6, 7, 8)]


def decode(image: Image.Image, *, png_depth: int | None, enough_px: int) -> U8:
    """Decode the first frame, upright.

    Args:
        image: opened, not yet loaded.
        png_depth: bits of a sample, if the file is a PNG.
        enough_px: a picture several times larger than this is shrunk by a whole factor, to not less than this.

    Returns:
        ``(H, W, 4)``, straight alpha.

    Raises:
        Exception: whatever Pillow raises on damaged data.
    """
    image.draft(None, (enough_px, enough_px))  # JPEG decodes straight to 1/2, 1/4 or 1/8
    image.load()
    orientation = orientation_of(image)
    upright = _to_rgba(image, png_depth)
    factor = max(upright.size) // enough_px
    if factor > 1:
        upright = upright.reduce(factor)  # a box filter, which Pillow applies to associated alpha
    if orientation is not None:
        upright = upright.transpose(orientation)
    return np.asarray(upright)


def orientation_of(image: Image.Image) -> Image.Transpose | None:
    """What to do to see a picture upright; None for nothing."""
    try:
        return _TRANSPOSES.get(image.getexif().get(0x0112, 1))
    except Exception:  # broken EXIF in a sound picture is common; then it is taken as it lies
        return None


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height of what :func:`decode` gives, but for shrinking."""
    width, height = image.size
    return (height, width) if orientation_of(image) in _ON_ITS_SIDE else (width, height)


def _to_rgba(image: Image.Image, png_depth: int | None) -> Image.Image:
    """Any mode to RGBA, also where Pillow's own conversion clips 16-bit grey or misses the transparent colour."""
    key = image.info.get("transparency")
    if image.mode == "I;16":
        grey16 = np.asarray(image).astype(np.uint32)  # (H, W)
        alpha = np.where(grey16 == key, 0, 255) if isinstance(key, int) else np.full_like(grey16, 255)
        grey = (grey16 * 255 + 32767) // 65535
        return Image.fromarray(np.stack([grey, grey, grey, alpha], axis=-1).astype(np.uint8))  # 4 x (H, W) -> (H, W, 4)
    # The transparent colour in tRNS has the depth of the file, but the pixels are scaled to 8 bits by now.
    if png_depth == 16 and isinstance(key, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in key)
    elif png_depth == 1 and image.mode == "1" and isinstance(key, int):
        image.info["transparency"] = 255 if key else 0  # newer releases of Pillow have done so already
    elif png_depth in (2, 4) and image.mode == "L" and isinstance(key, int):
        image.info["transparency"] = key * 255 // (2**png_depth - 1)
    return image.convert("RGBA")
