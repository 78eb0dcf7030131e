"""Alpha arithmetic and colours.

Inside the app a picture is float32 ``(..., 4, H, W)`` in [0, 1] with associated (premultiplied) alpha: the colour channels already
carry the alpha, so that a resize, a blend or a mean is plain arithmetic and colour hidden under alpha 0 cannot reach an edge. At the
edges of the app (files, terminal) it is uint8 ``(..., H, W, 4)`` with straight alpha.

Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import UsageError
from emoterm.names import did_you_mean
from emoterm.safe_text import quoted

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Color = tuple[int, int, int]
"""Red, green, blue in 0…255."""

BLACK: Color = (0, 0, 0)
WHITE: Color = (255, 255, 255)


def premultiply(pictures: F32) -> F32:
    """Straight to associated alpha.

    Args:
        pictures: ``(..., 4, H, W)`` in [0, 1], straight alpha.

    Returns:
        The same shape, the colour channels multiplied by alpha.
    """
    alpha = pictures[..., 3:, :, :]
    return np.concatenate([pictures[..., :3, :, :] * alpha, alpha], axis=-3)


def unpremultiply(pictures: F32) -> F32:
    """Associated to straight alpha; where alpha is 0 the colour is 0 too.

    Args:
        pictures: ``(..., 4, H, W)`` in [0, 1], associated alpha.

    Returns:
        The same shape, the colour channels divided by alpha and clipped to [0, 1].
    """
    alpha = pictures[..., 3:, :, :]
    color = np.zeros_like(pictures[..., :3, :, :])
    np.divide(pictures[..., :3, :, :], alpha, out=color, where=alpha > 0)
    return np.concatenate([np.clip(color, 0.0, 1.0), alpha], axis=-3)


def over(pictures: F32, background: Color = WHITE) -> F32:
    """Compose over an opaque background: ``rgb + (1 - a) * background``.

    Args:
        pictures: ``(..., 4, H, W)`` in [0, 1], associated alpha.
        background: 8-bit colour.

    Returns:
        ``(..., 3, H, W)`` in [0, 1].
    """
    behind = np.asarray(background, np.float32).reshape(3, 1, 1) / np.float32(255)  # (3,) -> (3, 1, 1)
    return pictures[..., :3, :, :] + (1 - pictures[..., 3:, :, :]) * behind


def composite(ground: F32, picture: F32) -> F32:
    """A picture over another one, both ``(..., 4, H, W)`` in [0, 1] with associated alpha: the same (Porter and Duff 1984, "over")."""
    return picture + (1 - picture[..., 3:, :, :]) * ground


def over_uint8(pixels: U8, background: Color) -> U8:
    """Compose straight 8-bit pixels over an opaque background.

    Args:
        pixels: ``(..., H, W, 4)``, straight alpha.
        background: 8-bit colour.

    Returns:
        ``(..., H, W, 4)``, alpha 255 everywhere.
    """
    alpha = pixels[..., 3:].astype(np.uint16)
    total = pixels[..., :3] * alpha + np.asarray(background, np.uint16) * (255 - alpha) + 127
    out = np.full_like(pixels, 255)
    # (x + 1 + (x >> 8)) >> 8 is x // 255 for all x up to 255 * 255 + 127, and stays within 16 bits.
    out[..., :3] = (total + 1 + (total >> 8)) >> 8
    return out


def to_uint8(pictures: F32) -> U8:
    """From the inside form to the one of files and terminals.

    Args:
        pictures: ``(..., 4, H, W)`` in [0, 1], associated alpha; values outside are clipped.

    Returns:
        ``(..., H, W, 4)``, straight alpha. Colour is 0 where the 8-bit alpha is 0.
    """
    straight = unpremultiply(np.clip(pictures, 0.0, 1.0))
    pixels = np.moveaxis(np.rint(straight * 255).astype(np.uint8), -3, -1)  # (..., 4, H, W) -> (..., H, W, 4)
    pixels[pixels[..., 3] == 0] = 0
    return np.ascontiguousarray(pixels)


def from_uint8(pixels: U8) -> F32:
    """From the form of files and terminals to the inside one.

    Args:
        pixels: ``(..., H, W, 4)``, straight alpha.

    Returns:
        ``(..., 4, H, W)`` in [0, 1], associated alpha.
    """
    straight = np.moveaxis(pixels.astype(np.float32) / np.float32(255), -1, -3)  # (..., H, W, 4) -> (..., 4, H, W)
    return premultiply(straight)


def parse_color(text: str) -> Color | None:
    """Read a colour that a person typed.

    Args:
        text: ``#rgb``, ``#rrggbb``, a CSS colour name, or ``transparent``.

    Returns:
        The 8-bit colour, or None for ``transparent``.

    Raises:
        UsageError: not a colour; names the nearest one.
    """
    from PIL import ImageColor

    name = text.strip().lower()
    if name == "transparent":
        return None
    digits = name.removeprefix("#")
    is_hex = name.startswith("#") and len(digits) in (3, 6)
    try:
        if is_hex or name in ImageColor.colormap:
            red, green, blue = ImageColor.getrgb(name)[:3]
            return red, green, blue
    except ValueError:  # a digit that is not hexadecimal
        pass
    hint = did_you_mean(name, [*ImageColor.colormap, "transparent"])
    raise UsageError(f"{quoted(text)} is not a colour.", fix=f"{hint}Use #rrggbb, a CSS name such as white, or transparent.")
