"""The ONNX graph of a residual decoder, written by hand: channels last, and in 8 bits from the latents to the last convolution.

ONNX Runtime has its fast 8-bit convolutions for channels last. A graph as torch exports it, with quantizers put around its convolutions,
goes back and forth between two layouts, and rounds what a ReLU follows twice. Here a value between two convolutions is rounded once, a
ReLU is the lower end of the bytes that it writes, and pixels are unfolded while they are bytes whose neighbours are moved together. The
stream that residual blocks add to stays in floats, and so does the last convolution, whose rounding would be seen directly.

The operators are standard ones, with quantizers and dequantizers beside them (QDQ): where there are no 8-bit kernels, as on CUDA, the same
graph runs in floats.

Shapes: N batch, D code length, C channels, S side, L = S·S positions, G groups of a norm, nh heads, hd head dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto
from torch import Tensor, nn

from export.contract import OPSET
from export.graphs.builder import GraphBuilder
from export.graphs.quantize import LARGEST, Range, input_scale
from trainer.networks.residual import HEAD_DIM, AttentionBlock, ResidualBlock, ResidualDecoder
from trainer.vqvae import GRID

Step: TypeAlias = tuple[np.float32, np.uint8]
"""Scale and zero point of bytes."""
F32 = NDArray[np.float32]
_LARGEST_BIAS = 2**30
"""Biases are rounded to 32 bits, by the product of two scales."""


def build_decoder_graph(decoder: ResidualDecoder, ranges: Mapping[str, Range] | None = None, *, watched: bool = False) -> onnx.ModelProto:
    """The graph, z_q (N, D, 16, 16) → image (N, C, 64, 64) in [0, 1]; with four channels no colour exceeds its alpha.

    Args:
        decoder: in eval mode. Its weights keep their names, with ``_quantized`` and ``_scale`` behind them where they are bytes.
        ranges: of the values that are rounded, by their names; None: nothing is.
        watched: these values are outputs, too, so that their ranges can be measured.
    """
    return _Writer(decoder, ranges, watched=watched).write()


def unfolded_last(weight: Tensor) -> Tensor:
    """Rows of a layer before a pixel shuffle by 2, from (channel, row, column) to (row, column, channel) of the pixels that they become."""
    return weight.unflatten(0, (-1, 2, 2)).movedim(0, 2).flatten(0, 2)  # (4C, …) → (C, 2, 2, …) → (2, 2, C, …) → (4C, …)


def unfolded_first(weight: NDArray[Any]) -> NDArray[Any]:
    """Undo :func:`unfolded_last`."""
    rows = np.moveaxis(weight.reshape(2, 2, -1, *weight.shape[1:]), 2, 0)  # (4C, …) → (2, 2, C, …) → (C, 2, 2, …)
    return rows.reshape(weight.shape)


class _Writer:
    """Values are handled by their names; those that are bytes are known by their steps."""

    def __init__(self, decoder: ResidualDecoder, ranges: Mapping[str, Range] | None, *, watched: bool) -> None:
        self._decoder = decoder
        self._ranges = ranges
        self._watched = watched
        self._names = {module: name for name, module in decoder.named_modules()}
        self._steps: dict[str, Step] = {}
        self._side = GRID
        self._graph = GraphBuilder("decoder")

    def write(self) -> onnx.ModelProto:
        graph = self._graph
        conv_in, blocks, unfold, fine_block, conv_out = self._decoder.parts()
        z_q = graph.input("z_q", TensorProto.FLOAT, ["N", conv_in.in_channels, GRID, GRID])
        x = self._real(self._conv(conv_in, self._rounded("z_q", self._channels_last(z_q)), "0.output"))  # (N, 16, 16, C)
        for block in blocks:
            if isinstance(block, ResidualBlock):
                x = self._residual(block, x)
            elif isinstance(block, AttentionBlock):
                x = self._attention(block, x)
        name = self._names[unfold]
        x = self._conv(unfold, self._rounded(f"{name}.input", x), f"{name}.output", unfolded=True)  # (N, 16, 16, 2·2·C)
        x = self._residual(fine_block, self._real(self._unfold(x, unfold.out_channels // 4)))  # (N, 32, 32, C)
        x = self._channels_first(graph.node("Relu", x))
        x = graph.node("Conv", x, *self._floats(conv_out), pads=[1] * 4)
        image = graph.node("DepthToSpace", x, blocksize=2, mode="CRD")  # (N, 4C, 32, 32) → (N, C, 64, 64)
        self._finish(image, conv_out.out_channels // 4)
        return graph.model(OPSET)

    def _finish(self, image: str, channels: int) -> None:
        graph, zero, one = self._graph, self._graph.constant(0.0), self._graph.constant(1.0)
        if channels == 4:
            clipped = graph.node("Clip", image, zero, one)
            colours, alpha = graph.node("Split", clipped, graph.constant([3, 1]), outputs=2, axis=1)
            graph.node("Concat", graph.node("Min", colours, alpha), alpha, outputs=["image"], axis=1)
        else:
            graph.node("Clip", image, zero, one, outputs=["image"])
        graph.output("image", TensorProto.FLOAT, ["N", channels, 4 * GRID, 4 * GRID])

    def _residual(self, block: ResidualBlock, x: str) -> str:
        """(N, S, S, C) → the same."""
        name = self._names[block]
        h = self._rounded(f"{name}.input", self._norm(block.norm1, x), relu=True)
        if isinstance(block.norm2, nn.Identity):
            h = self._conv(block.conv1, h, f"{name}.inner", relu=True)
        else:
            h = self._norm(block.norm2, self._real(self._conv(block.conv1, h, f"{name}.before_norm")))
            h = self._rounded(f"{name}.inner", h, relu=True)
        return str(self._graph.node("Add", x, self._real(self._conv(block.conv2, h, f"{name}.output"))))

    def _attention(self, block: AttentionBlock, x: str) -> str:
        """(N, S, S, C) → the same."""
        graph, name, width = self._graph, self._names[block], block.n_head * HEAD_DIM
        h = self._rounded(f"{name}.input", self._norm(block.norm, x))
        h = self._real(self._conv(block.qkv, h, f"{name}.qkv"))  # (N, S, S, 3·nh·hd)
        h = graph.node("Reshape", h, graph.constant([0, -1, 3 * width]))  # (N, S, S, 3·nh·hd) → (N, L, 3·nh·hd)
        q, k, v = graph.node("Split", h, graph.constant([width] * 3), outputs=3, axis=2)
        if block.n_head > 1:
            heads = graph.constant([0, 0, block.n_head, HEAD_DIM])
            q, k, v = (graph.node("Reshape", part, heads) for part in (q, k, v))  # (N, L, nh·hd) → (N, L, nh, hd)
            q, k, v = (graph.node("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, k, v))
        k = graph.node("Transpose", k, perm=[0, 2, 1] if block.n_head == 1 else [0, 1, 3, 2])
        scores = graph.node("MatMul", graph.node("Mul", q, graph.constant(HEAD_DIM**-0.5)), k)
        h = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), v)  # (N, nh, L, hd), or (N, L, hd)
        if block.n_head > 1:
            h = graph.node("Transpose", h, perm=[0, 2, 1, 3])
        h = graph.node("Reshape", h, graph.constant([0, self._side, self._side, width]))  # (N, L, nh, hd) → (N, S, S, nh·hd)
        h = self._conv(block.proj, self._rounded(f"{name}.attended", h), f"{name}.output")
        return str(graph.node("Add", x, self._real(h)))

    def _norm(self, norm: nn.GroupNorm | nn.Identity, x: str) -> str:
        """(N, S, S, C) → the same."""
        if isinstance(norm, nn.Identity):
            return x
        graph, groups, name = self._graph, norm.num_groups, self._names[norm]
        each = norm.num_channels // groups
        h = graph.node("Reshape", x, graph.constant([0, -1, groups, each]))  # (N, S, S, C) → (N, L, G, C/G)
        h = graph.node("Transpose", h, perm=[0, 2, 1, 3])
        h = graph.node("Reshape", h, graph.constant([0, groups, -1]))  # (N, G, L, C/G) → (N, G, L·C/G)
        ones, zeros = (graph.constant(np.full(groups, value, np.float32)) for value in (1, 0))
        h = graph.node("InstanceNormalization", h, ones, zeros, epsilon=norm.eps)
        h = graph.node("Reshape", h, graph.constant([0, groups, -1, each]))
        h = graph.node("Transpose", h, perm=[0, 2, 1, 3])
        h = graph.node("Reshape", h, graph.constant([0, self._side, self._side, norm.num_channels]))  # (N, L, G, C/G) → (N, S, S, C)
        weight, bias = _array(norm.weight), _array(norm.bias)
        if (weight != 1).any():
            h = graph.node("Mul", h, graph.initializer(f"{name}.weight", weight))
        if bias.any():
            h = graph.node("Add", h, graph.initializer(f"{name}.bias", bias))
        return str(h)

    def _conv(self, layer: nn.Conv2d | nn.Linear, x: str, output: str, *, relu: bool = False, unfolded: bool = False) -> str:
        """(N, S, S, C) → (N, S, S, out), rounded if all is; a linear layer is a convolution of one cell."""
        size = layer.kernel_size[0] if isinstance(layer, nn.Conv2d) else 1
        weights = self._bytes(layer, x, unfolded=unfolded) if x in self._steps else self._floats(layer, unfolded=unfolded)
        y = self._graph.node("Conv", self._real(self._channels_first(x)), *weights, pads=[size // 2] * 4)
        return self._channels_last(self._rounded(output, y, relu=relu))

    def _unfold(self, x: str, channels: int) -> str:
        """A pixel shuffle by 2: (N, S, S, 2·2·C) → (N, 2S, 2S, C)."""
        graph, side = self._graph, self._side
        y = graph.node("Reshape", x, graph.constant([0, side, side, 2, 2 * channels]))
        y = graph.node("Transpose", y, perm=[0, 1, 3, 2, 4])  # (N, S, S, 2, 2·C) → (N, S, 2, S, 2·C)
        self._side = 2 * side
        return self._moved(x, graph.node("Reshape", y, graph.constant([0, 2 * side, 2 * side, channels])))

    def _floats(self, layer: nn.Conv2d | nn.Linear, *, unfolded: bool = False) -> tuple[str, str]:
        name, (weight, bias) = self._names[layer], _weights(layer, unfolded=unfolded)
        return self._graph.initializer(f"{name}.weight", weight), self._graph.initializer(f"{name}.bias", bias)

    def _bytes(self, layer: nn.Conv2d | nn.Linear, x: str, *, unfolded: bool) -> tuple[str, str]:
        """Weights in signed bytes, and biases in the steps that sums of products with ``x`` have; a scale for each output."""
        graph, name, (weight, bias) = self._graph, self._names[layer], _weights(layer, unfolded=unfolded)
        scale_of_x = self._steps[x][0]
        scales = np.maximum(np.abs(weight).max(axis=(1, 2, 3)) / LARGEST, np.abs(bias) / scale_of_x / _LARGEST_BIAS)
        scales = np.where(scales > 0, scales, 1).astype(np.float32)
        rounded = {
            "weight": (np.rint(weight / scales[:, None, None, None]).clip(-LARGEST, LARGEST).astype(np.int8), scales),
            "bias": (np.rint(bias / (scales * scale_of_x)).astype(np.int32), scales * scale_of_x),
        }
        weight_name, bias_name = (
            graph.node(
                "DequantizeLinear",
                graph.initializer(f"{name}.{what}_quantized", values),
                graph.initializer(f"{name}.{what}_scale", steps),
                axis=0,
            )
            for what, (values, steps) in rounded.items()
        )
        return weight_name, bias_name

    def _rounded(self, name: str, x: str, *, relu: bool = False) -> str:
        """Bytes of ``x``, of what a ReLU leaves of it; or ``x`` itself where nothing is rounded."""
        graph = self._graph
        if self._ranges is not None:
            step = input_scale(self._ranges[name])  # with zero as the lowest byte what is below zero becomes zero
            rounded: str = graph.node("QuantizeLinear", x, *(graph.constant(np.array(part)) for part in step))
            self._steps[rounded] = step
            return rounded
        value: str = graph.node("Relu" if relu else "Identity", x, outputs=[f"{name}.value"])
        if self._watched:
            graph.output(value, TensorProto.FLOAT, ["N", *(f"{name}.{i}" for i in range(3))])
        return value

    def _real(self, x: str) -> str:
        """``x`` in floats."""
        if x not in self._steps:
            return x
        return str(self._graph.node("DequantizeLinear", x, *(self._graph.constant(np.array(part)) for part in self._steps[x])))

    def _channels_first(self, x: str) -> str:
        return self._moved(x, self._graph.node("Transpose", x, perm=[0, 3, 1, 2]))

    def _channels_last(self, x: str) -> str:
        return self._moved(x, self._graph.node("Transpose", x, perm=[0, 2, 3, 1]))

    def _moved(self, x: str, y: str) -> str:
        """``y`` holds the values of ``x`` at other places."""
        if x in self._steps:
            self._steps[y] = self._steps[x]
        return y


def _weights(layer: nn.Conv2d | nn.Linear, *, unfolded: bool) -> tuple[F32, F32]:
    """Of a convolution (out, in, k, k) and (out,)."""
    assert layer.bias is not None
    weight, bias = (_array(unfolded_last(part) if unfolded else part) for part in (layer.weight, layer.bias))
    return weight.reshape(*weight.shape[:2], *(layer.kernel_size if isinstance(layer, nn.Conv2d) else (1, 1))), bias


def _array(tensor: Tensor) -> F32:
    array: F32 = tensor.detach().float().cpu().numpy()
    return array
