"""The sampling law as ONNX operators: from logits to one token a row, in a fixed order.

guidance → temperature → top-k → softmax → top-p → min-p → draw

Nothing is sorted but for top-k and top-p, so a graph that leaves these two out draws sooner. Sorted or not, it is drawn in
the order of the codes, so what is drawn is the same, to the bit. Every operator works on each row by itself, so a picture's tokens do not
depend on the pictures beside it.

Shapes: N pictures, D places of each that a token is drawn for, K codes.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from export.graphs.builder import GraphBuilder


def add_sampler(graph: GraphBuilder, logits: str, *, guides: bool = True, sorts: bool = True, counts: bool = False) -> str:
    """Append the sampler and its inputs.

    The inputs are ``uniforms`` (N, D, 1) from 0 to 1 − 2⁻²⁴, ``inverse_temperature`` and ``min_p``.

    Args:
        graph: where to.
        logits: (rows, D, K) float32; rows is N or 2 N.
        guides: with ``guidance`` and three lists of indices, so that no shape has to be computed at every step: which rows of the batch are
            the ``conditional`` (N,) and the ``unconditional`` (N,) halves of each picture, and ``picture_of_row`` (rows,). Without guidance
            both halves are the same row. Guidance: Ho and Salimans, https://arxiv.org/abs/2207.12598, eq. (6), with guidance = 1 + w.
            Else rows is N.
        sorts: with ``top_k`` [1] and ``nucleus``.
        counts: find the code that is drawn by counting those before it, which is slower on a CPU. CUDA's ArgMax does not promise to take
            the first of equals.

    Returns:
        The value (rows, D) int64: the tokens drawn for the picture of each row.
    """
    uniforms = graph.input("uniforms", TensorProto.FLOAT, ["N", "D", 1])
    inverse_temperature = graph.input("inverse_temperature", TensorProto.FLOAT, [])
    min_p = graph.input("min_p", TensorProto.FLOAT, [])
    axis, last = graph.constant(np.array(2)), graph.constant([-1])
    scores = _guided(graph, logits) if guides else logits
    if sorts:
        too_low = graph.node("Less", scores, _lowest_kept(graph, scores, inverse_temperature))
        scores = graph.node("Where", too_low, graph.constant(float("-inf")), scores)
    probabilities = graph.node("Softmax", graph.node("Mul", scores, inverse_temperature), axis=2)

    # Min-p: what is less likely than this share of the likeliest (Nguyen et al. 2024, https://arxiv.org/abs/2407.01082, section 3).
    likeliest = graph.node("ReduceMax", probabilities, graph.constant([2]), keepdims=1)  # (N, D, 1)
    unlikely = graph.node("Less", probabilities, graph.node("Mul", likeliest, min_p))
    kept = graph.node("Where", unlikely, graph.constant(0.0), probabilities, name="sampler.kept")  # (N, D, K)

    # Inverse of the cumulative distribution: the first code at which it is above the target. Uniforms of at most 1 − 2⁻²⁴ times the whole
    # mass always round to less than that, so there is one.
    mass = graph.node("CumSum", kept, axis)
    target = graph.node("Mul", uniforms, graph.node("Gather", mass, last, axis=2))  # (N, D, 1)
    name = None if guides else "next_tokens"
    if counts:
        passed = graph.node("Cast", graph.node("LessOrEqual", mass, target), to=TensorProto.INT64)
        drawn = graph.node("ReduceSum", passed, graph.constant([2]), keepdims=0, name=name)  # (N, D)
    else:
        drawn = graph.node("ArgMax", graph.node("Sign", graph.node("Sub", mass, target)), axis=2, keepdims=0, name=name)  # (N, D)
    if not guides:
        return str(drawn)
    picture_of_row = graph.input("picture_of_row", TensorProto.INT64, ["B"])
    return str(graph.node("Gather", drawn, picture_of_row, name="next_tokens"))  # (rows, D)


def _guided(graph: GraphBuilder, logits: str) -> str:
    """(rows, D, K) → (N, D, K)."""
    guidance = graph.input("guidance", TensorProto.FLOAT, [])
    halves = [graph.input(name, TensorProto.INT64, ["N"]) for name in ("conditional", "unconditional")]
    conditional, unconditional = (graph.node("Gather", logits, half) for half in halves)  # (N, D, K)
    difference = graph.node("Mul", guidance, graph.node("Sub", conditional, unconditional))
    return str(graph.node("Add", unconditional, difference))  # a row that is both halves stays what it is, to the bit


def _lowest_kept(graph: GraphBuilder, scores: str, inverse_temperature: str) -> str:
    """The lowest score that is among the k highest, and in the shortest run of these whose mass reaches top_p: (N, D, K) →
    (N, D, 1).

    In float64, as such a run should end where a person who adds up its probabilities says.
    """
    top_k = graph.input("top_k", TensorProto.INT64, [1])
    nucleus_mass = graph.input("nucleus", TensorProto.DOUBLE, [])
    axis, one = graph.constant(np.array(2)), graph.constant(np.array([[[1]]]))
    highest, _ = graph.node("TopK", scores, top_k, outputs=2, axis=2)  # falling, (N, D, k)
    wide, inverse = (graph.node("Cast", value, to=TensorProto.DOUBLE) for value in (highest, inverse_temperature))
    probabilities = graph.node("Softmax", graph.node("Mul", wide, inverse), axis=2)
    # In the run are all those before which the mass is still too small.
    before = graph.node("CumSum", probabilities, axis, exclusive=1)
    inside = graph.node("Cast", graph.node("Less", before, nucleus_mass), to=TensorProto.INT64)
    place = graph.node("Sub", graph.node("ReduceSum", inside, graph.constant([2]), keepdims=1), one)  # (N, D, 1)
    return str(graph.node("GatherElements", highest, place, axis=2))  # (N, D, 1)
