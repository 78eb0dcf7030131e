"""Read an ONNX model as far as it takes to say that it is harmless, before ONNX Runtime sees it.

What a bundle may hold is a list of stateless operators over tensors that lie in the model itself or in the weights file of the manifest.
Everything else is refused: other operators, operators with graphs inside (loops, branches), functions, files to read, ONNX Runtime's own
format. A protocol buffer is a sequence of (field number, value); only the few fields below are looked into, the rest is skipped by length.

https://protobuf.dev/programming-guides/encoding/ · https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from emoterm.errors import RefusedError

STANDARD = ""
MICROSOFT = "com.microsoft"

_STANDARD_OPERATORS = """
    Add ArgMax ArgMin Attention AveragePool Cast Clip Concat Constant Conv ConvTranspose Cos CumSum DepthToSpace DequantizeLinear Div
    Equal Expand Flatten Gather GatherElements Gelu Gemm Identity InstanceNormalization LayerNormalization Less LessOrEqual MatMul Min
    Mul Not Pow QuantizeLinear ReduceL2 ReduceMax ReduceSum Relu Reshape Resize RotaryEmbedding Shape Sigmoid Sign Sin Slice Softmax
    Split Sqrt Squeeze Sub TensorScatter TopK Transpose Unsqueeze Where
"""
_MICROSOFT_OPERATORS = "GroupQueryAttention MatMulIntegerToFloat"
OPERATORS = frozenset(
    (domain, name) for domain, names in ((STANDARD, _STANDARD_OPERATORS), (MICROSOFT, _MICROSOFT_OPERATORS)) for name in names.split()
)
"""(domain, name) of what ``export`` writes, and of what an encoder or decoder made elsewhere is likely to have. One that is missing here
is refused when a bundle is built, not first by a user."""

Value: TypeAlias = int | memoryview
Weights: TypeAlias = Mapping[str, bytes]

# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS = 5, 10
_ATTRIBUTE_REFUSED = {6: "a graph", 11: "graphs", 22: "a sparse tensor", 23: "sparse tensors", 21: "a reference"}
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_EXTERNAL = 1  # TensorProto.DataLocation

_ORT_FORMAT = b"ORTM"  # at byte 4 of ONNX Runtime's own format, which it would open without being asked
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def check_graph(model: bytes, weights: Weights | None = None) -> None:
    """Refuse a model that holds anything but known operators and tensors at known places.

    Args:
        model: the bytes of an ONNX file.
        weights: the files that its external data may lie in, by name.

    Raises:
        RefusedError: says what is refused.
    """
    if model[4:8] == _ORT_FORMAT:
        raise _refused("it is in ONNX Runtime's own format")
    graphs = 0
    for number, value in _fields(memoryview(model)):
        if number == _MODEL_GRAPH:
            graphs += 1
            _check_graph(_message(value), weights or {})
        elif number in (_MODEL_FUNCTIONS, _MODEL_TRAINING):
            raise _refused("it has functions or training steps of its own")
    if graphs != 1:
        raise _refused(f"it has {graphs} graphs where there should be one")


def _check_graph(graph: memoryview, weights: Weights) -> None:
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            _check_node(_message(value), weights)
        elif number == _GRAPH_INITIALIZER:
            _check_tensor(_message(value), weights)
        elif number == _GRAPH_SPARSE:
            raise _refused("it has sparse tensors")


def _check_node(node: memoryview, weights: Weights) -> None:
    operator, domain = [], []
    for number, value in _fields(node):
        if number == _NODE_OPERATOR:
            operator.append(_text(value))
        elif number == _NODE_DOMAIN:
            domain.append(_text(value))
        elif number == _NODE_ATTRIBUTE:
            _check_attribute(_message(value), weights)
    # A field that comes twice counts once for one reader and twice for another.
    if len(operator) != 1 or len(domain) > 1:
        raise _refused("a node should have one operator")
    name = (domain[0] if domain and domain[0] != "ai.onnx" else STANDARD, operator[0])
    if name not in OPERATORS:
        raise _refused(f"the operator {'.'.join(filter(None, name))!r:.60} is not one that emoterm knows")


def _check_attribute(attribute: memoryview, weights: Weights) -> None:
    for number, value in _fields(attribute):
        if number in _ATTRIBUTE_REFUSED:
            raise _refused(f"an operator has {_ATTRIBUTE_REFUSED[number]} inside")
        if number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            _check_tensor(_message(value), weights)


def _check_tensor(tensor: memoryview, weights: Weights) -> None:
    is_external, entries = False, []
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL:
            entries.append(_message(value))
        elif number == _TENSOR_LOCATION:
            is_external |= value == _EXTERNAL
    if is_external or entries:
        _check_place([_entry(entry) for entry in entries], weights)


def _check_place(entries: list[tuple[str, str]], weights: Weights) -> None:
    """External data: in one of the given files, and whole."""
    place = dict(entries)
    if len(place) != len(entries) or not place.keys() <= {"location", "offset", "length", "checksum"}:
        raise _refused("a tensor lies at no clear place")
    data = weights.get(place.get("location", ""))
    if data is None:  # also ONNX Runtime's "*/_ORT_MEM_ADDR_/*", which is an address in memory
        raise _refused(f"a tensor lies in {place.get('location', '')!r:.60}, which is not the weights file of the manifest")
    numbers = [place.get("offset", "0"), place.get("length", "0")]
    if not all(number.isascii() and number.isdigit() and len(number) < 20 for number in numbers):
        raise _refused("a tensor lies at no clear place")
    if sum(map(int, numbers)) > len(data):
        raise _refused("a tensor reaches beyond the weights file")


def _entry(entry: memoryview) -> tuple[str, str]:
    key, value = "", ""
    for number, text in _fields(entry):
        if number == _ENTRY_KEY:
            key = _text(text)
        elif number == _ENTRY_VALUE:
            value = _text(text)
    return key, value


def _fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """Number and value of each field of a message; the bytes of a nested message, a text or packed numbers as a view."""
    at, end = 0, len(data)
    while at < end:
        tag = data[at]
        # Nearly every number here takes one byte; a call for each would double the time.
        tag, at = (tag, at + 1) if tag < 0x80 else _varint(data, at)
        kind = tag & 7
        if kind == _BYTES:
            size = data[at] if at < end else 0x80
            size, at = (size, at + 1) if size < 0x80 else _varint(data, at)
            stop = at + size
            if stop > end:
                raise _cut_short()
            yield tag >> 3, data[at:stop]
            at = stop
        elif kind == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
            if at > end:
                raise _cut_short()
        else:  # groups, which ONNX never had
            raise _refused("it is no ONNX file")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number of at most ten bytes, seven bits each, lowest first; and where the next field begins."""
    try:
        value = data[at]
        if value < 0x80:
            return value, at + 1
        value, shift = value & 0x7F, 7
        for place in range(at + 1, at + 10):
            byte = data[place]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, place + 1
            shift += 7
    except IndexError:
        raise _cut_short() from None
    raise _refused("it is no ONNX file")


def _message(value: Value) -> memoryview:
    if isinstance(value, int):
        raise _refused("it is no ONNX file")
    return value


def _text(value: Value) -> str:
    return str(_message(value), "utf-8", "replace")


def _cut_short() -> RefusedError:
    return _refused("it is cut short")


def _refused(why: str) -> RefusedError:
    return RefusedError(
        f"The model is refused: {why}.", fix="Use a bundle that emoterm export has written, and only from people you trust."
    )
