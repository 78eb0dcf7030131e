"""Pictures of any format, mode and size to squares with associated alpha."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from trainer.errors import TrainerError


def decode_picture(picture: bytes | Path | Image.Image, *, size_px: int, name: str = "picture") -> np.ndarray:
    """Decode one picture.

    Args:
        picture: an encoded file, its path, or a picture; of an animation the first frame counts.
        size_px: width and height of the result.
        name: what to call it in a message.

    Returns:
        (size_px, size_px, 4) uint8, RGBA, associated alpha: no channel exceeds alpha.

    Raises:
        TrainerError: it cannot be decoded.
    """
    try:
        if isinstance(picture, Path):
            picture = picture.read_bytes()
        opened = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
        associated = _associated(ImageOps.exif_transpose(opened))
    except Exception as error:  # Pillow raises nearly anything for a damaged file: OSError, SyntaxError, ValueError, struct.error …
        raise TrainerError(f"{name} cannot be decoded: {error}", fix="Remove it from the data, or save it again as PNG.") from None
    side = max(associated.size)
    if associated.size != (side, side):
        square = Image.new("RGBa", (side, side))
        square.paste(associated, ((side - associated.width) // 2, (side - associated.height) // 2))
        associated = square
    if side != size_px:
        associated = associated.resize((size_px, size_px), Image.Resampling.LANCZOS)
    pixels = np.array(associated)  # (S, S, 4)
    # Lanczos overshoots at edges, which would let a colour exceed its alpha.
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
    return pixels


def _associated(image: Image.Image) -> Image.Image:
    """Any mode to ``RGBa``, Pillow's RGBA with associated alpha."""
    if image.mode == "RGBa":
        return image
    if image.mode.startswith("I"):  # 16-bit grey; Pillow would clip it at 255 instead of scaling
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).round().clip(0, 255).astype(np.uint8))
    return image.convert("RGBA").convert("RGBa")
