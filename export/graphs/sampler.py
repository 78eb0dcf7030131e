"""The sampling law as ONNX operators: from logits to one token a row, in a fixed order.

guidance → temperature → top-k → softmax → top-p → draw

All of it in float64, and every operator works on each row by itself, so a picture's tokens do not depend on the pictures beside it (but
for the last of 53 bits, where vector instructions may round in another way at another place of a batch).
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from export.graphs.builder import GraphBuilder

NUCLEUS_SLACK = 1e-12
"""Adding K probabilities in float64 is off by about K·2⁻⁵³ ≈ 1e-13: without slack ten times 0.1 would not reach 0.8 with eight."""


def add_sampler(graph: GraphBuilder, logits: str) -> str:
    """Append the sampler and its inputs.

    The inputs are ``uniforms`` (N,) in [0, 1), ``temperature`` > 0, ``top_k`` [1], ``top_p`` and ``guidance``. Guidance (Ho and Salimans,
    https://arxiv.org/abs/2207.12598, eq. (6), guidance = 1 + w) reads the first N rows as conditional and the last N as unconditional: a
    batch that is not guided has N rows, which are then both.

    Args:
        graph: where to.
        logits: (rows, K) float32; rows is N or 2 N.

    Returns:
        The value (rows, 1) int64: the tokens drawn, once for each half.
    """
    uniforms = graph.input("uniforms", TensorProto.DOUBLE, ["N"])
    temperature = graph.input("temperature", TensorProto.DOUBLE, [])
    top_k = graph.input("top_k", TensorProto.INT64, [1])
    top_p = graph.input("top_p", TensorProto.DOUBLE, [])
    guidance = graph.input("guidance", TensorProto.DOUBLE, [])
    n = graph.node("Shape", uniforms)  # [N]
    zero, one, last = graph.constant([0]), graph.constant([1]), graph.constant([-1])

    conditional = graph.node("Cast", graph.node("Slice", logits, zero, n, zero), to=TensorProto.DOUBLE)  # (N, K)
    tail = graph.node("Slice", logits, graph.node("Neg", n), graph.constant([np.iinfo(np.int64).max]), zero)
    unconditional = graph.node("Cast", tail, to=TensorProto.DOUBLE)  # (N, K)
    difference = graph.node("Sub", conditional, unconditional)
    scores = graph.node("Add", unconditional, graph.node("Mul", guidance, difference))  # equal rows stay what they are, to the bit

    # Falling, (N, k); of equal scores the lower token first.
    likeliest, tokens = graph.node("TopK", scores, top_k, outputs=["sampler.scores", "sampler.tokens"], axis=1)
    # Less the maximum first: a tiny temperature then overflows to -inf, never to inf - inf.
    scaled = graph.node("Div", graph.node("Sub", likeliest, graph.node("Slice", likeliest, zero, one, one)), temperature)
    probabilities = graph.node("Softmax", scaled, axis=1)
    # The nucleus is the shortest run whose mass reaches top_p: all those before which the mass is still too small.
    before = graph.node("CumSum", probabilities, graph.constant(np.array(1)), exclusive=1)
    kept = graph.node("Less", before, graph.node("Sub", top_p, graph.constant(np.array(NUCLEUS_SLACK))))
    nucleus = graph.node("Mul", probabilities, graph.node("Cast", kept, to=TensorProto.DOUBLE), name="sampler.nucleus")

    # Inverse of the cumulative distribution. With u ≤ 1 − 2⁻⁵³ the product always rounds to less than the whole mass.
    mass = graph.node("CumSum", nucleus, graph.constant(np.array(1)))
    whole = graph.node("Slice", mass, last, graph.constant([np.iinfo(np.int64).max]), one)  # (N, 1)
    target = graph.node("Mul", graph.node("Unsqueeze", uniforms, one), whole)
    passed = graph.node("Cast", graph.node("LessOrEqual", mass, target), to=TensorProto.INT64)
    rank = graph.node("ReduceSum", passed, one, keepdims=1)  # (N, 1)
    drawn = graph.node("GatherElements", tokens, rank, axis=1)  # (N, 1)
    copies = graph.node("Div", graph.node("Shape", logits, start=0, end=1), n)  # 1, or 2 with guidance
    return str(graph.node("Tile", drawn, graph.node("Concat", copies, one, axis=0), name="next_tokens"))  # (rows, 1)
