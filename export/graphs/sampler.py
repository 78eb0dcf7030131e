"""The sampling law as ONNX operators: from logits to one token a row, in a fixed order.

guidance → temperature → top-k → softmax → top-p → draw

The temperature does not change which tokens are the k likeliest, so it is applied to these alone, and from there on everything is float64.
Every operator works on each row by itself, so a picture's tokens do not depend on the pictures beside it (but for the last of 53 bits,
where vector instructions may round in another way at another place of a batch).
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from export.graphs.builder import GraphBuilder


def add_sampler(graph: GraphBuilder, logits: str, *, plain: bool = False) -> str:
    """Append the sampler and its inputs.

    The inputs are ``uniforms`` (N, 1) in [0, 1), ``inverse_temperature``, ``top_k`` [1], ``nucleus``, ``guidance`` and three lists of
    indices, so that no shape has to be computed at every step: which rows of the batch are the ``conditional`` (N,) and the
    ``unconditional`` (N,) halves of each picture, and ``picture_of_row`` (rows,). Without guidance both halves are the same row. Guidance:
    Ho and Salimans, https://arxiv.org/abs/2207.12598, eq. (6), with guidance = 1 + w.

    Args:
        graph: where to.
        logits: (rows, K) float32; rows is N or 2 N.
        plain: without guidance and nucleus. Then rows is N, and the only inputs are ``uniforms``, ``inverse_temperature`` and ``top_k``.
            What is drawn is the same, to the bit, as with guidance 1 and the whole nucleus.

    Returns:
        The value (rows, 1) int64: the token drawn for the picture of each row.
    """
    uniforms = graph.input("uniforms", TensorProto.DOUBLE, ["N", 1])
    inverse_temperature = graph.input("inverse_temperature", TensorProto.DOUBLE, [])
    top_k = graph.input("top_k", TensorProto.INT64, [1])
    axis = graph.constant(np.array(1))
    scores = logits if plain else _guided(graph, logits)

    # Falling, (N, k); of equal scores the lower token first.
    likeliest, tokens = graph.node("TopK", scores, top_k, outputs=["sampler.scores", "sampler.tokens"], axis=1)
    wide = graph.node("Cast", likeliest, to=TensorProto.DOUBLE)
    probabilities = graph.node("Softmax", graph.node("Mul", wide, inverse_temperature), axis=1)
    kept = probabilities if plain else _nucleus(graph, probabilities, axis)

    # Inverse of the cumulative distribution. With u ≤ 1 − 2⁻⁵³ the product always rounds to less than the whole mass.
    mass = graph.node("CumSum", kept, axis)
    target = graph.node("Mul", uniforms, graph.node("Gather", mass, graph.constant([-1]), axis=1))  # (N, 1)
    passed = graph.node("Cast", graph.node("LessOrEqual", mass, target), to=TensorProto.INT64)
    rank = graph.node("ReduceSum", passed, graph.constant([1]), keepdims=1)  # (N, 1)
    if plain:
        return str(graph.node("GatherElements", tokens, rank, axis=1, name="next_tokens"))  # (N, 1)
    drawn = graph.node("GatherElements", tokens, rank, axis=1)  # (N, 1)
    picture_of_row = graph.input("picture_of_row", TensorProto.INT64, ["B"])
    return str(graph.node("Gather", drawn, picture_of_row, name="next_tokens"))  # (rows, 1)


def _guided(graph: GraphBuilder, logits: str) -> str:
    """(rows, K) → (N, K)."""
    guidance = graph.input("guidance", TensorProto.FLOAT, [])
    halves = [graph.input(name, TensorProto.INT64, ["N"]) for name in ("conditional", "unconditional")]
    conditional, unconditional = (graph.node("Gather", logits, half) for half in halves)  # (N, K)
    difference = graph.node("Mul", guidance, graph.node("Sub", conditional, unconditional))
    return str(graph.node("Add", unconditional, difference))  # a row that is both halves stays what it is, to the bit


def _nucleus(graph: GraphBuilder, probabilities: str, axis: str) -> str:
    """(N, k), falling → the same with 0 for what is outside of the shortest run whose mass reaches top_p."""
    nucleus_mass = graph.input("nucleus", TensorProto.DOUBLE, [])
    # In it are all those before which the mass is still too small.
    before = graph.node("CumSum", probabilities, axis, exclusive=1)
    kept = graph.node("Less", before, nucleus_mass)
    return str(graph.node("Where", kept, probabilities, graph.constant(np.array(0.0)), name="sampler.nucleus"))
