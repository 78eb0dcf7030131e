"""One step of the prior with a KV cache and the sampler, in five variants that share their outputs and weights.

============ =============================== ================================ ==========
variant      attention (attention.py)        matrices                         arithmetic
============ =============================== ================================ ==========
``cpu``      rounded, or as ``standard``     MatMulIntegerToFloat, or MatMul  float32
``guided``   as ``cpu``                      as ``cpu``                       float32
``plain``    as ``cpu``                      as ``cpu``                       float32
``standard`` operators of the ONNX standard  MatMul                           float32
``cuda``     GroupQueryAttention             MatMul                           float16
============ =============================== ================================ ==========

``guided`` has a shorter sampler than ``cpu``, and ``plain`` is told nothing besides. What is stored in 8 bits is multiplied in 8 bits.
``past_key_values.*`` and ``present.*`` are meant to be bound to the same memory: the kernels then write the new keys and values in place.
All but ``cuda`` have local layers, where there are such, which see the context and a window of the newest tokens.
Shapes: B rows of the batch, T new positions, D of them that a token is drawn after, L positions of the cache, M of that of a local layer,
C d_model, K codes, hd head dimension, g query heads that share a key and a value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from onnx import TensorProto

from export.graphs.attention import CachedAttention, GroupedAttention, RoundedAttention, StandardAttention, is_rounded
from export.graphs.builder import CONTRIB, GraphBuilder
from export.graphs.sampler import add_sampler
from export.graphs.weights_file import WeightsFile
from trainer.conditions import CONTEXT, STYLE_SLOTS
from trainer.config import PriorConfig
from trainer.positions import BLOCK_SIZE, axial_frequencies, cells

Variant = Literal["cpu", "guided", "plain", "cuda", "standard"]
ROUNDING = frozenset({"cpu", "guided", "plain"})
"""Variants that multiply in 8 bits, where the weights are stored in them."""
SORTING = frozenset({"cpu", "cuda", "standard"})
"""Variants that know top-k and top-p."""
GROUPED_OPSET = 20
"""The first opset with a Gelu operator."""
STANDARD_OPSET = 24
"""The first opset with TensorScatter; Attention and RotaryEmbedding came with 23."""
EPSILON = 1e-5


def build_prior_graph(
    config: PriorConfig, weights: WeightsFile, codebook_size: int, variant: Variant, local_layers: Collection[int] = ()
) -> bytes:
    """The model, without its weights.

    Args:
        config: of the trained prior.
        weights: from :func:`export.graphs.prior_weights.pack_prior`.
        codebook_size: K.
        variant: see above.
        local_layers: layers that see a window of the newest tokens only.

    Returns:
        A serialized model with inputs ``tokens`` (B, T) int64, where to: ``position_ids`` (B, T) int64, and ``mask`` (T, g, L) float32, 0
        where a new position may look and −∞ where not; where there are local layers, their own ``local_mask`` (T, g, M), and
        ``local_places`` (B,) int64, where in their cache the first new token goes; for a prior that is told of each cell ``guide``
        (B, T, 2 C), but not in the variant ``plain``; ``drawn_after`` (D,) int64, the new tokens after which one is drawn, by their number
        among the T; the sampler's inputs; ``past_key_values.{layer}.{key,value}`` (B, L or M, hd), or (B, n_kv_head, L or M, hd) where
        there are more heads than one; where attention is rounded they are bytes, and keys are (…, hd, L or M). Outputs are ``next_tokens``
        (B, D), ``logits`` (B, T, K) and ``present.*``. The variant ``cuda`` has ``positions`` (T,) int64, ``seqlens_k`` (B,) int32: the
        position of the last new token, and ``total_sequence_length`` int32: one more than that, in place of the first two, a cache
        (B, n_kv_head, block_size, hd), and no ``drawn_after``: it draws after the last one.
    """
    return _PriorGraph(config, weights, codebook_size, variant, local_layers).build()


def opset_of(variant: Variant) -> int:
    """The standard operators that a variant is written in."""
    return GROUPED_OPSET if variant == "cuda" else STANDARD_OPSET


@dataclass(frozen=True)
class _Residual:
    """The stream x and a branch that is still to be added to it."""

    x: str
    branch: str


class _PriorGraph:
    def __init__(
        self, config: PriorConfig, weights: WeightsFile, codebook_size: int, variant: Variant, local_layers: Collection[int]
    ) -> None:
        self.config = config
        self.weights = weights
        self.codebook_size = codebook_size
        self.variant = variant
        self.grouped = variant == "cuda"
        self.local_layers = local_layers
        self.graph = GraphBuilder("prior", weights)
        self.dtype = TensorProto.FLOAT16 if self.grouped else TensorProto.FLOAT
        self.np_dtype = np.float16 if self.grouped else np.float32

    def build(self) -> bytes:
        graph, config = self.graph, self.config
        self.tokens = graph.input("tokens", TensorProto.INT64, ["B", "T"])
        self.attention = self._attention(self._angles() if config.axial_positions else [])
        place = graph.node("Gather", self._places(), self.attention.positions)  # (B, T, C)
        if self.grouped:
            place = graph.node("Unsqueeze", place, graph.constant([0]))  # (T, C) → (1, T, C)

        token = graph.node("Gather", self._matrix("embed.weight", output_axis=0), self.tokens)  # (B, T, C)
        reads_guide = config.reads_guide and self.variant != "plain"
        if reads_guide:
            guide = graph.input("guide", self.dtype, ["B", "T", 2 * config.d_model])
            read, concluded = graph.node("Split", guide, outputs=2, num_outputs=2, axis=-1)  # (B, T, C) each
            token = graph.node("Add", token, read)
        state = _Residual(token, place)
        for layer in range(config.n_layer):
            state = self._block(layer, state)
        _, hidden = self._add_and_norm(state, "norm")
        if reads_guide:
            hidden = graph.node("Add", hidden, concluded)
        logits = graph.node("Cast", self._linear(hidden, "head"), to=TensorProto.FLOAT, name="logits")  # (B, T, K)
        # A recorded step can only be one whose shapes never change.
        places = graph.constant([-1]) if self.grouped else graph.input("drawn_after", TensorProto.INT64, ["D"])
        newest = graph.node("Gather", logits, places, axis=1)  # (B, D, K)
        next_tokens = add_sampler(graph, newest, guides=self.variant != "plain", sorts=self.variant in SORTING, counts=self.grouped)

        graph.output(next_tokens, TensorProto.INT64, ["B", 1 if self.grouped else "D"])
        graph.output(logits, TensorProto.FLOAT, ["B", "T", self.codebook_size])
        for layer in range(config.n_layer):
            self.attention.declare_caches(layer)
        return graph.build(opset_of(self.variant))

    def _attention(self, tables: list[str]) -> CachedAttention:
        """Rounded, where the weights say by what steps and the variant rounds at all."""
        if self.grouped:
            return GroupedAttention(self.graph, self.config, tables)
        rounds = self.variant in ROUNDING and is_rounded(self.weights)
        kind = RoundedAttention if rounds else StandardAttention
        return kind(self.graph, self.config, tables, self.local_layers)

    def _places(self) -> str:
        """What marks a position, as :meth:`trainer.prior.Prior.embed_places`: (BLOCK_SIZE, C). Constant, so computed once."""
        if not self.config.axial_positions:
            return self._as_float("embed_position.weight")
        graph = self.graph
        row, column = (graph.constant(cell.numpy()) for cell in cells())
        place = graph.node(
            "Add",
            graph.node("Gather", self._as_float("embed_row.weight"), row),
            graph.node("Gather", self._as_float("embed_column.weight"), column),
        )
        position = np.arange(BLOCK_SIZE)
        slot = graph.node("Gather", self._as_float("embed_slot.weight"), graph.constant((position >= STYLE_SLOTS).astype(np.int64)))
        return str(graph.node("Where", graph.constant((position < CONTEXT - 1)[:, None]), slot, place))

    def _angles(self) -> list[str]:
        """Cosines and sines of the rotary angles, as :func:`trainer.positions.axial_angles`: two of (BLOCK_SIZE, hd / 2). Computed once."""
        graph = self.graph
        frequency = graph.constant(axial_frequencies(self.config.head_dim).numpy()[None])  # (1, hd / 4)
        places = [graph.constant(cell.numpy()[:, None].astype(np.float32)) for cell in cells()]  # (BLOCK_SIZE, 1)
        angles = graph.node("Concat", *(graph.node("Mul", place, frequency) for place in places), axis=1)
        tables = [graph.node(function, angles) for function in ("Cos", "Sin")]
        return [str(graph.node("Cast", table, to=self.dtype)) for table in tables]

    def _block(self, layer: int, state: _Residual) -> _Residual:
        """A pre-norm transformer block, with the addition of each branch left to the norm that follows."""
        name = f"blocks.{layer}"
        x, hidden = self._add_and_norm(state, f"{name}.norm1")
        qkv = self._linear(hidden, f"{name}.attention.qkv")  # (B, T, (nh + 2 n_kv)·hd)
        branch = self._linear(self.attention.attend(layer, qkv), f"{name}.attention.proj")
        x, hidden = self._add_and_norm(_Residual(x, branch), f"{name}.norm2")
        inner = self.graph.node("Gelu", self._linear(hidden, f"{name}.fc"), approximate="tanh")
        return _Residual(x, self._linear(inner, f"{name}.out"))

    def _add_and_norm(self, state: _Residual, name: str) -> tuple[str, str]:
        """x + branch, and its layer norm."""
        gamma, beta = self._as_float(f"{name}.weight"), self._as_float(f"{name}.bias")
        # Not SkipLayerNormalization, which does both in one: on a CPU it is slower than the two.
        total = self.graph.node("Add", state.x, state.branch)
        return total, self.graph.node("LayerNormalization", total, gamma, beta, epsilon=EPSILON, axis=-1)

    def _linear(self, x: str, name: str) -> str:
        """x · W + b."""
        graph, weight = self.graph, f"{name}.weight"
        bias = self._as_float(f"{name}.bias") if f"{name}.bias" in self.weights else ""
        if f"{weight}.input_factors" in self.weights:
            x = graph.node("Mul", x, self._as_float(f"{weight}.input_factors"))
        if self.variant in ROUNDING and f"{weight}.scales" in self.weights:
            scale, zero_point = (graph.weight(f"{weight}.{part}", []) for part in ("input_scale", "input_zero_point"))
            rounded = graph.node("QuantizeLinear", x, scale, zero_point)
            inputs = (rounded, graph.weight(weight), scale, graph.weight(f"{weight}.scales"), zero_point, "", bias)
            return str(graph.node("MatMulIntegerToFloat", *inputs, domain=CONTRIB))
        product = graph.node("MatMul", x, self._matrix(weight, output_axis=1))
        return str(graph.node("Add", product, bias) if bias else product)

    def _matrix(self, name: str, output_axis: int) -> str:
        """A matrix in the arithmetic of the graph. All inputs are constant, so ONNX Runtime computes it once, when it loads."""
        if f"{name}.scales" not in self.weights:
            return self._as_float(name)
        graph = self.graph
        stored = graph.node("Cast", graph.weight(name), to=TensorProto.FLOAT)
        (n,) = self.weights.place(f"{name}.scales").shape
        scales = graph.weight(f"{name}.scales", [n, 1] if output_axis == 0 else [1, n])
        matrix = graph.node("Mul", stored, scales)
        return str(graph.node("Cast", matrix, to=self.dtype)) if self.dtype != TensorProto.FLOAT else str(matrix)

    def _as_float(self, name: str) -> str:
        """A stored float tensor in the arithmetic of the graph."""
        value = self.graph.weight(name)
        return value if self.weights.place(name).dtype == self.np_dtype else str(self.graph.node("Cast", value, to=self.dtype))
