"""8-bit matrix products: signed weights with a scale for each output, unsigned inputs with one scale for all.

``w ≈ byte · scale`` and ``x ≈ (byte − zero_point) · scale``. Products of bytes are summed in integers, so a row of the result depends on
its own inputs alone, to the bit: not on the batch, nor on the order of the sum. For that the scale of the inputs must be fixed too (static
quantization): it is measured once, on real pictures (export/calibrate.py). In attention both sides are unsigned, with a scale and a zero
point each; for such products processors without VNNI have room.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]

LARGEST = 64
"""Of the signed bytes. Processors without VNNI add two products in 16 bits, where no more than 2 · 255 · 64 fits: with larger weights their
sums would be cut off."""
LEVELS = 255
"""Steps of the unsigned bytes."""
USUAL_SHARE = 0.99
"""Of the channels of an input, those that are not far off; with fewer than a hundred channels there is none that could be."""
FAR_OFF = 4.0
"""From how many times the reach of the usual channels on the others are brought down."""


class Range(NamedTuple):
    """The values that the inputs of a matrix take."""

    low: float
    high: float


class Inputs(NamedTuple):
    """The same for each channel."""

    low_C: F32
    high_C: F32

    def range(self, factors_C: F32 | None = None) -> Range:
        """Of all channels, once they are multiplied by these factors."""
        factors = np.float32(1) if factors_C is None else factors_C
        return Range(float((self.low_C * factors).min()), float((self.high_C * factors).max()))


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


def outlier_factors(inputs: Inputs) -> F32 | None:
    """What to multiply the channels of an input with, and divide the rows of the matrix by, so that none reaches far beyond the others.

    A trained transformer has a few hidden units with values ten times as large as all others, on the first tokens (Sun et al. 2024,
    https://arxiv.org/abs/2402.17762). The steps that all channels share would be as wide as these need, and say little of the rest. That
    the products stay the same is the idea of SmoothQuant (Xiao et al. 2023, https://arxiv.org/abs/2211.10438, eq. 3).

    Returns:
        (C,), mostly ones; None where there is no such channel.
    """
    reach_C = np.maximum(-inputs.low_C, inputs.high_C)
    usual = np.quantile(reach_C, USUAL_SHARE)
    if not usual > 0 or reach_C.max() < FAR_OFF * usual:
        return None
    return np.minimum(1, usual / np.maximum(reach_C, usual)).astype(np.float32)


def step_names(name: str) -> tuple[str, str]:
    """Where the weights hold the scale and the zero point of what is rounded beside them, such as the inputs of a layer."""
    return f"{name}.scale", f"{name}.zero_point"


def input_scale(values: Range) -> tuple[np.float32, np.uint8]:
    """Scale and zero point of inputs in a range; zero itself is always met exactly."""
    low, high = min(values.low, 0.0), max(values.high, 0.0)
    scale = np.float32((high - low) / LEVELS or 1.0)
    return scale, np.uint8(np.clip(np.rint(-low / scale), 0, LEVELS))
