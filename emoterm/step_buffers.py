"""What goes in and out of a step of the prior, in memory that stays the same, so that it is bound once.

Shapes: B rows of a batch, n pictures, T tokens that a step reads of each row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoterm.prior_model import DRAWN_AFTER, GUIDE, PriorModel
from emoterm.session import load_onnxruntime


def placed(value: NDArray[Any], device: str) -> Any:
    """An array as ONNX Runtime takes it, in memory of the device; on a CPU that is the memory of ``value`` itself."""
    return load_onnxruntime().OrtValue.ortvalue_from_numpy(value, device, 0)


class Cell:
    """A small input or output that changes from step to step and always lies in the same memory.

    Args:
        host: its first value.
        device: ``cpu`` or ``cuda``.
    """

    def __init__(self, host: NDArray[Any], device: str) -> None:
        self._host = host
        self.shape = host.shape
        self._on_host = device == "cpu"
        self.value = placed(host, device)
        """For the binding. On a CPU its memory is that of the array itself."""

    def set(self, new: NDArray[Any] | int) -> None:
        """Write a value of its shape, or one that NumPy makes of it."""
        self._host[...] = new
        if not self._on_host:
            self.value.update_inplace(self._host)

    def set_first(self, new: NDArray[Any]) -> None:
        """The first rows; the others stay as they are."""
        self._host[: len(new)] = new
        if not self._on_host:
            self.value.update_inplace(self._host)

    def get(self) -> NDArray[Any]:
        """The value; on a CPU it is its memory itself."""
        return self._host if self._on_host else self.value.numpy()


class StepBuffers:
    """What goes in and out of a step that reads T tokens of each row and draws one after each.

    Args:
        model: the opened prior.
        device: ``cpu`` or ``cuda``.
        rows: of the batch.
        n: pictures.
        new: T.
    """

    def __init__(self, model: PriorModel, device: str, *, rows: int, n: int, new: int) -> None:
        self._model = model
        self.new = new
        self.tokens = Cell(np.zeros((rows, new), np.int64), device)
        """(rows, T): those that are read, and then those that are drawn."""
        self.positions = Cell(np.zeros(new if model.grouped else (rows, new), np.int64), device)
        self._uniforms = Cell(np.zeros((n, new, 1), np.float32), device)
        self._after = placed(np.arange(-new, 0, dtype=np.int64), device)
        self.told = Cell(np.zeros((rows, new, model.spec.guide_width), model.dtype), device)

    def draw_by(self, uniforms: NDArray[np.floating[Any]]) -> None:
        """Take these random numbers, (n, T)."""
        self._uniforms.set(uniforms.reshape(self._uniforms.shape))

    def bind_drawing(self, binding: Any) -> None:
        """Draw a token after each of the last T that are read."""
        binding.bind_ortvalue_input("uniforms", self._uniforms.value)
        binding.bind_ortvalue_output("next_tokens", self.tokens.value)
        if DRAWN_AFTER in self._model.inputs:
            binding.bind_ortvalue_input(DRAWN_AFTER, self._after)

    def bind_reading(self, binding: Any) -> None:
        """Read ``tokens`` at ``positions``."""
        binding.bind_ortvalue_input("tokens", self.tokens.value)
        binding.bind_ortvalue_input(self._model.position_input, self.positions.value)
        if GUIDE in self._model.inputs:
            binding.bind_ortvalue_input(GUIDE, self.told.value)
