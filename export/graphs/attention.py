"""Attention of a step through its caches, written in three ways.

Each reads queries, keys and values side by side, and makes what the output projection of the layer reads.

Shapes: B rows of the batch, T new positions, L positions of a cache, M of that of a local layer, hd head dimension, nh query heads, n_kv
heads of keys and values, g = nh / n_kv query heads that share one. Where n_kv is 1, caches have no axis for it: there is nothing to
transpose then.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Protocol

import numpy as np
from onnx import TensorProto

from export.graphs.builder import CONTRIB, GraphBuilder
from export.graphs.quantize import LEVELS, step_names
from export.graphs.weights_file import WeightsFile
from trainer.config import PriorConfig
from trainer.positions import BLOCK_SIZE

Shape = list[str | int]


class CachedAttention(Protocol):
    """One of the ways."""

    positions: str
    """Of the new tokens: (T,), or (B, T)."""

    def attend(self, layer: int, qkv: str) -> str:
        """Rotary angles, cache and attention: (B, T, (nh + 2 n_kv)·hd) → (B, T, nh·hd)."""
        ...

    def declare_caches(self, layer: int) -> None:
        """The inputs and outputs that hold its keys and values."""
        ...


def cache_names(layer: int) -> list[str]:
    """``0.key`` and ``0.value``."""
    return [f"{layer}.{part}" for part in ("key", "value")]


def is_rounded(weights: WeightsFile) -> bool:
    """Whether these weights say by what steps :class:`RoundedAttention` should round."""
    return step_names("blocks.0.attention.keys")[0] in weights


class GroupedAttention:
    """One kernel of ONNX Runtime that does everything, GroupQueryAttention; in half precision.

    Args:
        graph: where to.
        config: of the prior.
        tables: cosines and sines of the rotary angles, two of (BLOCK_SIZE, hd / 2), or none.
    """

    def __init__(self, graph: GraphBuilder, config: PriorConfig, tables: list[str]) -> None:
        self._graph, self._config, self._tables = graph, config, tables
        self.positions: str = graph.input("positions", TensorProto.INT64, ["T"])
        self._seqlens_k = graph.input("seqlens_k", TensorProto.INT32, ["B"])
        self._total_length = graph.input("total_sequence_length", TensorProto.INT32, [])

    def attend(self, layer: int, qkv: str) -> str:
        """See :class:`CachedAttention`."""
        config = self._config
        names = cache_names(layer)
        attended, _, _ = self._graph.node(
            "GroupQueryAttention",
            qkv,
            "",
            "",
            *(f"past_key_values.{name}" for name in names),
            self._seqlens_k,
            self._total_length,
            *self._tables,
            outputs=[f"attention.{layer}", *(f"present.{name}" for name in names)],
            domain=CONTRIB,
            num_heads=config.n_head,
            kv_num_heads=config.n_kv_head,
            scale=1 / math.sqrt(config.head_dim),
            do_rotary=int(config.axial_positions),
            rotary_interleaved=0,
        )
        return str(attended)

    def declare_caches(self, layer: int) -> None:
        """See :class:`CachedAttention`: (B, n_kv, BLOCK_SIZE, hd)."""
        for name in cache_names(layer):
            _declare(self._graph, name, TensorProto.FLOAT16, ["B", self._config.n_kv_head, BLOCK_SIZE, self._config.head_dim])


class StandardAttention:
    """TensorScatter and Attention of the ONNX standard, in float32.

    The query heads that share a key are rows of one product: keys and values are then read once for all of them, not once for each.

    Args:
        graph: where to.
        config: of the prior.
        tables: as for :class:`GroupedAttention`.
        local_layers: layers that see the context and a window of the newest tokens only.
    """

    def __init__(self, graph: GraphBuilder, config: PriorConfig, tables: list[str], local_layers: Collection[int]) -> None:
        self.graph, self.config, self._tables = graph, config, tables
        self._local_layers = frozenset(local_layers)
        self.n_kv, self.hd, self.group = config.n_kv_head, config.head_dim, config.n_head // config.n_kv_head
        self._widths = graph.constant([config.n_head * self.hd, self.n_kv * self.hd])  # of queries and keys
        self.positions: str = graph.input("position_ids", TensorProto.INT64, ["B", "T"])
        self._write_indices = graph.node("Gather", self.positions, graph.constant(np.array(0)), axis=1)  # (B,)
        mask = graph.input("mask", TensorProto.FLOAT, ["T", self.group, "L"])
        self._mask = graph.node("Flatten", mask, axis=2)  # (T, g, L) → (T·g, L)
        if self._local_layers:
            local_mask = graph.input("local_mask", TensorProto.FLOAT, ["T", self.group, "M"])
            self._local_mask = graph.node("Flatten", local_mask, axis=2)  # (T, g, M) → (T·g, M)
            self._local_places = graph.input("local_places", TensorProto.INT64, ["B"])

    def attend(self, layer: int, qkv: str) -> str:
        """See :class:`CachedAttention`."""
        turned, v = self.turned(qkv)
        q, k = self.graph.node("Split", turned, self._widths, outputs=2, axis=-1)
        keys = self.write(layer, "key", self.heads_apart(k))
        values = self.write(layer, "value", self.heads_apart(v))
        heads: dict[str, Any] = {"q_num_heads": 1, "kv_num_heads": 1} if self.n_kv == 1 else {}
        attended = self.graph.node("Attention", self.as_rows(q), keys, values, self.mask(layer), scale=1 / math.sqrt(self.hd), **heads)
        return self.as_heads(attended)

    def declare_caches(self, layer: int) -> None:
        """See :class:`CachedAttention`: (B, L, hd), or (B, n_kv, L, hd)."""
        for name in cache_names(layer):
            _declare(self.graph, name, TensorProto.FLOAT, [*self.cache_heads, self.cache_length(layer), self.hd])

    @property
    def cache_heads(self) -> Shape:
        """What a cache begins with."""
        return ["B"] if self.n_kv == 1 else ["B", self.n_kv]

    def cache_length(self, layer: int) -> str:
        """The free dimension of a cache."""
        return "M" if layer in self._local_layers else "L"

    def turned(self, qkv: str) -> tuple[str, str]:
        """Queries and keys, turned by their rotary angles, (B, T, (nh + n_kv)·hd), and values (B, T, n_kv·hd)."""
        n_turned = self.config.n_head + self.n_kv
        turned, v = self.graph.node("Split", qkv, self.graph.constant([n_turned * self.hd, self.n_kv * self.hd]), outputs=2, axis=-1)
        if self.config.axial_positions:
            turned = self.graph.node("RotaryEmbedding", turned, *self._tables, self.positions, num_heads=n_turned, interleaved=0)
        return turned, v

    def mask(self, layer: int) -> str:
        """What the new positions may see: (T·g, L), or (T·g, M)."""
        return self._local_mask if layer in self._local_layers else self._mask

    def write(self, layer: int, part: str, new: str, *, along: int = -2) -> str:
        """The cache with what is new written into it; ``along`` is the axis of positions."""
        places = self._local_places if layer in self._local_layers else self._write_indices
        axis = len(self.cache_heads) + 2 + along
        past, present = f"past_key_values.{layer}.{part}", f"present.{layer}.{part}"
        return str(self.graph.node("TensorScatter", past, new, places, outputs=[present], axis=axis))

    def heads_apart(self, x: str) -> str:
        """(B, T, n_kv·D) → (B, n_kv, T, D); a single head stays as it is."""
        if self.n_kv == 1:
            return x
        split = self.graph.node("Reshape", x, self.graph.constant([0, 0, self.n_kv, -1]))  # (B, T, n_kv·D) → (B, T, n_kv, D)
        return str(self.graph.node("Transpose", split, perm=[0, 2, 1, 3]))

    def as_rows(self, q: str) -> str:
        """The query heads that share a key as rows: (B, T, nh·hd) → (B, T·nh, hd), or (B, n_kv, T·g, hd)."""
        graph = self.graph
        if self.n_kv == 1:
            return str(graph.node("Reshape", q, graph.constant([0, -1, self.hd])))  # (B, T, nh·hd) → (B, T·nh, hd)
        apart = self.heads_apart(q)  # (B, n_kv, T, g·hd)
        return str(graph.node("Reshape", apart, graph.constant([0, 0, -1, self.hd])))  # (B, n_kv, T, g·hd) → (B, n_kv, T·g, hd)

    def as_heads(self, attended: str) -> str:
        """Undo :meth:`as_rows`."""
        graph, width = self.graph, self.group * self.hd
        if self.n_kv == 1:
            return str(graph.node("Reshape", attended, graph.constant([0, -1, width])))  # (B, T·nh, hd) → (B, T, nh·hd)
        apart = graph.node("Reshape", attended, graph.constant([0, 0, -1, width]))  # (B, n_kv, T·g, hd) → (B, n_kv, T, g·hd)
        attended = graph.node("Transpose", apart, perm=[0, 2, 1, 3])  # (B, n_kv, T, g·hd) → (B, T, n_kv, g·hd)
        return str(graph.node("Reshape", attended, graph.constant([0, 0, -1])))  # (B, T, n_kv, g·hd) → (B, T, nh·hd)


class RoundedAttention(StandardAttention):
    """Queries, keys, values and weights of attention in 8 bits, and so the caches.

    Keys and values of a batch are read anew by every step and fit in no fast cache of a processor as floats; bytes are a quarter of it.
    Keys lie across, (B, hd, L), so that the product of whole numbers reads them as they lie.

    Args:
        graph: where to.
        config: of the prior.
        tables: as for :class:`GroupedAttention`.
        local_layers: as for :class:`StandardAttention`.
    """

    def attend(self, layer: int, qkv: str) -> str:
        """See :class:`CachedAttention`."""
        graph = self.graph
        turned, v = self.turned(qkv)
        key_scale, key_zero = (graph.weight(name, []) for name in step_names(f"blocks.{layer}.attention.keys"))
        value_scale, value_zero = (graph.weight(name, []) for name in step_names(f"blocks.{layer}.attention.values"))
        rounded = graph.node("QuantizeLinear", turned, key_scale, key_zero)
        q, k = graph.node("Split", rounded, self._widths, outputs=2, axis=-1)
        keys = self.write(layer, "key", self._across(k), along=-1)
        values = self.write(layer, "value", self.heads_apart(graph.node("QuantizeLinear", v, value_scale, value_zero)))
        by_root = graph.node("Mul", key_scale, graph.constant(1 / math.sqrt(self.hd)))  # constant, so computed once
        scores = self._product(self.as_rows(q), keys, by_root, key_scale, key_zero, key_zero)  # (B, …, T·g, L)
        shares = graph.node("Softmax", graph.node("Add", scores, self.mask(layer)), axis=-1)
        share_scale, share_zero = graph.constant(1 / LEVELS), graph.constant(np.array(0, np.uint8))
        shares = graph.node("QuantizeLinear", shares, share_scale, share_zero)
        return self.as_heads(self._product(shares, values, share_scale, value_scale, share_zero, value_zero))

    def declare_caches(self, layer: int) -> None:
        """See :class:`CachedAttention`: keys (B, hd, L), or (B, n_kv, hd, L), and values (B, L, hd), or (B, n_kv, L, hd)."""
        length = self.cache_length(layer)
        keys, values = cache_names(layer)
        _declare(self.graph, keys, TensorProto.UINT8, [*self.cache_heads, self.hd, length])
        _declare(self.graph, values, TensorProto.UINT8, [*self.cache_heads, length, self.hd])

    def _across(self, k: str) -> str:
        """(B, T, hd) → (B, hd, T), or (B, T, n_kv·hd) → (B, n_kv, hd, T)."""
        if self.n_kv == 1:
            return str(self.graph.node("Transpose", k, perm=[0, 2, 1]))
        split = self.graph.node("Reshape", k, self.graph.constant([0, 0, self.n_kv, -1]))  # (B, T, n_kv·hd) → (B, T, n_kv, hd)
        return str(self.graph.node("Transpose", split, perm=[0, 2, 3, 1]))

    def _product(self, a: str, b: str, a_scale: str, b_scale: str, a_zero: str, b_zero: str) -> str:
        return str(self.graph.node("MatMulIntegerToFloat", a, b, a_scale, b_scale, a_zero, b_zero, domain=CONTRIB))


def _declare(graph: GraphBuilder, name: str, dtype: int, shape: Shape) -> None:
    graph.input(f"past_key_values.{name}", dtype, shape)
    graph.output(f"present.{name}", dtype, shape)
