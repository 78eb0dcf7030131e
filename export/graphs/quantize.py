"""8-bit matrix products: signed weights with a scale for each output, unsigned inputs with one scale for all.

``w ≈ byte · scale`` and ``x ≈ (byte − zero_point) · scale``. Products of bytes are summed in integers, so a row of the result depends on
its own inputs alone, to the bit: not on the batch, nor on the order of the sum. For that the scale of the inputs must be fixed too (static
quantization): it is measured once, on real pictures (export/calibrate.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LARGEST = 64
"""Of the signed bytes. Processors without VNNI add two products in 16 bits, where no more than 2 · 255 · 64 fits: with larger weights their
sums would be cut off."""
LEVELS = 255
"""Steps of the unsigned bytes."""

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]


class Range(NamedTuple):
    """The values that the inputs of a matrix take."""

    low: float
    high: float


def quantize(weight: F32) -> tuple[I8, F32]:
    """Round each row to the nearest of 2 · :data:`LARGEST` + 1 steps.

    Args:
        weight: (N, K).

    Returns:
        Bytes (N, K) and scales (N,).
    """
    largest_N = np.abs(weight).max(axis=1)
    scales_N = np.where(largest_N > 0, largest_N / LARGEST, 1).astype(np.float32)
    return np.rint(weight / scales_N[:, None]).clip(-LARGEST, LARGEST).astype(np.int8), scales_N


def dequantize(quantized: I8, scales_N: F32) -> F32:
    """Undo :func:`quantize`: bytes (N, K) and scales (N,) to weights (N, K)."""
    weight: F32 = quantized.astype(np.float32) * scales_N[:, None]
    return weight


def input_scale(values: Range) -> tuple[np.float32, np.uint8]:
    """Scale and zero point of inputs in a range; zero itself is always met exactly."""
    low, high = min(values.low, 0.0), max(values.high, 0.0)
    scale = np.float32((high - low) / LEVELS or 1.0)
    return scale, np.uint8(np.clip(np.rint(-low / scale), 0, LEVELS))
