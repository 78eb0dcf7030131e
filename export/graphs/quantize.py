"""8-bit weights in blocks: each run of 64 weights of a row shares one scale.

This is the layout of ONNX Runtime's ``MatMulNBits`` (8 bits, zero point 128): ``w ≈ (byte − 128) · scale``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ZERO_POINT = 128
BLOCK_SIZES = (64, 32, 16)
"""What ``MatMulNBits`` can do, longest first: a longer block costs fewer scales. Not 128: from there on ONNX Runtime has other kernels for
odd numbers of rows, which round in another way, and a picture would depend on the batch it is in."""

F16 = NDArray[np.float16]
F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


def block_size(k: int) -> int | None:
    """The longest block that divides a row of ``k`` weights; None if there is none."""
    return next((size for size in BLOCK_SIZES if k % size == 0), None)


def quantize(weight: F32, block: int) -> tuple[U8, F16]:
    """Round to the nearest of 255 steps.

    Args:
        weight: (N, K), K a multiple of ``block``.
        block: weights that share a scale.

    Returns:
        Bytes (N, K) and scales (N, K / block), which are stored in half precision.
    """
    blocks = weight.reshape(len(weight), -1, block).astype(np.float64)  # (N, K) → (N, K/block, block)
    scales = (np.abs(blocks).max(axis=2) / (ZERO_POINT - 1)).astype(np.float16)
    divisor = np.where(scales > 0, scales, 1).astype(np.float64)[:, :, None]
    rounded = np.clip(np.rint(blocks / divisor), 1 - ZERO_POINT, ZERO_POINT - 1) + ZERO_POINT
    return rounded.astype(np.uint8).reshape(weight.shape), scales  # (N, K/block, block) → (N, K)


def dequantize(quantized: U8, scales: F16) -> F32:
    """Undo :func:`quantize`: bytes (N, K) and scales (N, K / block) to weights (N, K)."""
    blocks = quantized.reshape(*scales.shape, -1).astype(np.float32) - ZERO_POINT  # (N, K) → (N, K/block, block)
    weight: F32 = (blocks * scales.astype(np.float32)[:, :, None]).reshape(quantized.shape)  # (N, K/block, block) → (N, K)
    return weight
