"""A few lines over ``onnx.helper``: nodes whose outputs get names, constants stored once, and weights that stay in a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.graphs.weights_file import WeightsFile

CONTRIB = "com.microsoft"
"""The operator domain of ONNX Runtime's own kernels."""

PRODUCER = "emoterm"
"""Who wrote a graph, as it says itself."""

IR_VERSION = 10
"""Read by ONNX Runtime 1.20 and later."""


class GraphBuilder:
    """One ONNX graph in the making. Values are handled by their names.

    Args:
        name: of the graph.
        weights: where the initializers that are not small constants lie; only their place in that file goes into the graph.
            None for a graph that has none.
    """

    def __init__(self, name: str, weights: WeightsFile | None = None) -> None:
        self.name = name
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._initializers: dict[str, TensorProto] = {}
        self._count = 0

    def input(self, name: str, dtype: int, shape: Sequence[str | int]) -> str:
        """Declare a graph input; strings in ``shape`` are free dimensions."""
        self._inputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    def output(self, name: str, dtype: int, shape: Sequence[str | int]) -> None:
        """Declare that the value ``name`` leaves the graph."""
        self._outputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))

    def node(
        self, operator: str, *inputs: str, outputs: Sequence[str] | int = 1, domain: str = "", name: str | None = None, **attributes: Any
    ) -> Any:
        """Append a node.

        Args:
            operator: its type.
            inputs: values; ``""`` leaves an optional input out.
            outputs: how many, or their names; ``""`` leaves an optional output out.
            domain: ``""`` for standard operators.
            name: shown by profilers; made up if not given.
            attributes: as the operator defines them.

        Returns:
            The name of the output, or a list of them when there are several.
        """
        self._count += 1
        name = name or f"{operator}.{self._count}"
        if isinstance(outputs, int):
            outputs = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), list(outputs), name=name, domain=domain, **attributes))
        return outputs[0] if len(outputs) == 1 else list(outputs)

    def constant(self, value: NDArray[Any] | Sequence[int] | float) -> str:
        """A small constant, kept in the graph itself; equal ones are stored once. A list becomes int64, a number float32."""
        array = value if isinstance(value, np.ndarray) else np.array(value, np.float32 if isinstance(value, float) else np.int64)
        name = f"constant.{array.dtype}.{'x'.join(map(str, array.shape))}.{array.tobytes().hex()}"
        if len(name) > 80:
            name = f"constant.{len(self._initializers)}"
        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(array, name)
        return name

    def initializer(self, name: str, value: NDArray[Any]) -> str:
        """A tensor with a name of its own that is kept in the graph itself."""
        self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, shape: Sequence[int] | None = None) -> str:
        """A tensor of the weights file, by its name there; ``shape`` views the same bytes in another shape."""
        if name not in self._initializers:
            assert self._weights is not None
            place = self._weights.place(name)
            tensor = TensorProto(
                name=name, data_type=helper.np_dtype_to_tensor_dtype(place.dtype), dims=list(place.shape if shape is None else shape)
            )
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", self._weights.file), ("offset", place.offset), ("length", place.length)):
                tensor.external_data.add(key=key, value=str(value))
            self._initializers[name] = tensor
        return name

    def build(self, opset: int) -> bytes:
        """The finished model, as a file."""
        data: bytes = self.model(opset).SerializeToString()
        return data

    def model(self, opset: int) -> onnx.ModelProto:
        """The finished model."""
        graph = helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, list(self._initializers.values()))
        opsets = [helper.make_opsetid("", opset)]
        if any(node.domain == CONTRIB for node in self._nodes):
            opsets.append(helper.make_opsetid(CONTRIB, 1))
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name=PRODUCER)
