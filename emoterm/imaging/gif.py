"""Animated GIF with one palette for all frames and one index in it reserved for transparency.

The container is written here and only the LZW-coded frames come from Pillow: its own writer either repeats the palette in every frame
or reorders it, and starts the file anew at a frame that is wholly transparent.

CompuServe, "Graphics Interchange Format, Version 89a", 1990.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from emoterm.imaging.compose import U8

MAX_COLORS = 255
"""The 256th entry of the palette is the transparent one."""
_PIXELS_FOR_A_PALETTE = 1 << 15
"""Evenly spread over all frames; four times as many take three times as long and bring 0.2 dB."""
_OPAQUE_FROM = 128  # GIF alpha is one bit
_DISPOSE_TO_BACKGROUND = 2  # clear the frame before the next one, so that nothing of it shows through


def encode_gif(frames: U8, *, durations_ms: Sequence[int], loop: int, max_colors: int = MAX_COLORS) -> bytes:
    """Encode frames as an animated GIF.

    Exact where all opaque pixels together have at most ``max_colors``; otherwise the nearest of so many (median cut, then k-means),
    without dithering, which would flicker.

    Args:
        frames: ``(N, H, W, 4)``, straight alpha; a pixel is transparent where alpha is below 128.
        durations_ms: how long each is shown; multiples of 10.
        loop: how often to play it; 0 for ever.
        max_colors: size of the palette without its transparent entry, 1 … 255.
    """
    n, height, width, _ = frames.shape
    opaque = frames[..., 3] >= _OPAQUE_FROM  # (N, H, W)
    palette, nearest = _palette(frames[opaque][:, :3], max_colors)
    transparent = len(palette)
    indices = np.full((n, height, width), transparent, np.uint8)
    indices[opaque] = nearest

    bits = max(1, transparent.bit_length())  # 2 ** bits entries hold the colours and the transparent one
    table = np.zeros((2**bits, 3), np.uint8)
    table[:transparent] = palette
    parts = [
        b"GIF89a",
        # Global palette, 8 bits a channel, 2 ** bits entries; its transparent index as background; square pixels.
        struct.pack("<HHBBB", width, height, 0xF0 | (bits - 1), transparent, 0),
        table.tobytes(),
    ]
    if loop != 1:  # the extension counts repetitions, and 0 means for ever
        parts.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", max(0, loop - 1), 0))
    for frame, duration_ms in zip(indices, durations_ms, strict=True):
        image = Image.fromarray(frame)
        parts += GifImagePlugin.getdata(image, duration=duration_ms, disposal=_DISPOSE_TO_BACKGROUND, transparency=transparent)
    parts.append(b";")
    return b"".join(parts)


def _palette(colors: U8, max_colors: int) -> tuple[U8, NDArray[np.uint8]]:
    """Choose at most ``max_colors`` colours.

    Args:
        colors: ``(M, 3)``, all opaque pixels of the animation.
        max_colors: 1 … 255.

    Returns:
        The palette ``(P, 3)`` and for each pixel its index ``(M,)``.
    """
    packed = colors.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)  # (M, 3) → (M,), which sorts faster
    values, inverse = np.unique(packed, return_inverse=True)  # (U,), (M,)
    unique = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=-1).astype(np.uint8)  # 3 x (U,) → (U, 3)
    if len(unique) <= max_colors:
        return unique, inverse.reshape(-1).astype(np.uint8)
    some = colors[:: -(-len(colors) // _PIXELS_FOR_A_PALETTE)]
    strip = Image.fromarray(np.ascontiguousarray(some)[None])  # (M, 3) -> (1, M, 3)
    quantized = strip.quantize(max_colors, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    palette = np.asarray(quantized.getpalette(), np.uint8).reshape(-1, 3)[:max_colors]  # (3P,) -> (P, 3)
    return palette, _nearest(unique, palette)[inverse.reshape(-1)]


def _nearest(colors: U8, palette: U8) -> NDArray[np.uint8]:
    """Index of the nearest palette entry for each colour: (U, 3), (P, 3) -> (U,)."""
    table = palette.astype(np.float32)
    half_norms = (table**2).sum(axis=1) / 2
    # |c - p|² is smallest where |p|²/2 - c·p is. Whole numbers below 2 ** 24 (and halves below 2 ** 23) are exact in float32.
    blocks = np.array_split(colors.astype(np.float32), max(1, len(colors) // 4096))
    return np.concatenate([np.argmin(half_norms - block @ table.T, axis=1) for block in blocks]).astype(np.uint8)
