"""8-bit convolutions and matrices with scales that are measured once, on real pictures, and then fixed.

Fixed scales (static quantization) keep a picture independent of its batch, which scales measured at run time do not.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

PERCENTILE = 99.999
"""Percentage of the activations that a scale covers; the rare rest is clipped, which makes the steps of all others finer."""
_CALIBRATION_BATCH = 16


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, name: str, values: NDArray[np.float32]) -> None:
        # The histograms want batches of one size: what is left over is left out.
        size = min(_CALIBRATION_BATCH, len(values))
        self._batches: Iterator[dict[str, NDArray[np.float32]]] = (
            {name: values[i : i + size]} for i in range(0, len(values) - size + 1, size)
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._batches, None)


def quantize_convolutions(model: onnx.ModelProto, calibration: NDArray[np.float32]) -> onnx.ModelProto:
    """Convolutions and linear layers with 8-bit weights (a scale for each output channel) and 8-bit activations.

    Not the last convolution: it writes the pixels (or latents), its rounding would be seen directly, and it is a small part of the work.
    Nor the products of attention, which have no weights.

    Args:
        model: one input, float32 weights.
        calibration: what real inputs look like, (N, …).
    """
    copied = onnx.ModelProto()
    copied.CopyFrom(model)  # the tool moves the weights of the model that it is given into a file
    last = [node.name for node in model.graph.node if node.op_type == "Conv"][-1]
    stored = {tensor.name for tensor in model.graph.initializer}
    scores = [node.name for node in model.graph.node if node.op_type == "MatMul" and node.input[1] not in stored]
    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder) / "quantized.onnx"
        quantize_static(
            copied,
            path,
            _Calibration(model.graph.input[0].name, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul"],
            nodes_to_exclude=[last, *scores],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,  # weights up to 64, for the reason given in export/graphs/quantize.py
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": PERCENTILE},
        )
        return onnx.load(path)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The tool prints its progress, and advice that does not fit a model without a preprocessing step."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(level)
