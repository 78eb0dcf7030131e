"""The sampler of the prior's graphs by itself, so that its laws can be tested on any logits."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from onnx import TensorProto

from emoterm.prior_step import largest_uniform, sampler_inputs
from emoterm.sampling import SamplingParams
from emoterm.session import open_session
from export.graphs.builder import GraphBuilder
from export.graphs.sampler import add_sampler


@functools.cache
def _session(guides: bool, sorts: bool, counts: bool) -> Any:
    graph = GraphBuilder("sampler")
    logits = graph.input("logits", TensorProto.FLOAT, ["rows", "D", "K"])
    next_tokens = add_sampler(graph, logits, guides=guides, sorts=sorts, counts=counts)
    graph.output(next_tokens, TensorProto.INT64, ["rows", "D"])
    graph.output("sampler.kept", TensorProto.FLOAT, ["N", "D", "K"])
    return open_session(graph.build(20), device="cpu")


def run(
    logits: np.ndarray, uniforms: np.ndarray, params: SamplingParams, *, guides: bool = True, sorts: bool = True, counts: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """One step of a graph that has guidance or not, and top-k and top-p or not.

    Args:
        logits: (rows, K), or (rows, D, K): of several places of each picture.
        uniforms: (N,), or (N, D), in [0, 1).
        params: the law.
        guides: whether the graph knows guidance; without, rows is N.
        sorts: whether it knows top-k and top-p.
        counts: whether it counts the codes before the one that is drawn.

    Returns:
        The tokens (rows,), and (N, K) float32: the probability of each code before those that are cut off are 0. With places (rows, D), and
        (N, D, K).
    """
    if logits.ndim == 2:
        tokens, masses = run(logits[:, None], uniforms[:, None], params, guides=guides, sorts=sorts, counts=counts)
        return tokens[:, 0], masses[:, 0]
    session = _session(guides, sorts, counts)
    inputs = sampler_inputs(params, codebook_size=logits.shape[2], rows=len(logits), n=len(uniforms))
    numbers = np.minimum(uniforms[:, :, None], largest_uniform(params))  # as Decoding hands them in
    feeds = {"logits": np.asarray(logits, np.float32), "uniforms": np.asarray(numbers, np.float32), **inputs}
    known = {each.name for each in session.get_inputs()}
    tokens, kept = session.run(None, {name: value for name, value in feeds.items() if name in known})
    return tokens, kept


def draw(logits: np.ndarray, uniforms: np.ndarray, params: SamplingParams, *, halves: bool = False) -> np.ndarray:
    """One token for each of (N,) uniforms, or, with ``halves``, one for each row of the (rows, K) logits."""
    tokens, _ = run(logits, uniforms, params)
    return tokens if halves else tokens[: len(uniforms)]


def kept(logits: np.ndarray, params: SamplingParams) -> np.ndarray:
    """(N, K) → (N, K) float32, as the sampler has them: exactly 0 where top-k, top-p or min-p cut a token off, else not divided by their
    sum."""
    return run(logits, np.zeros(len(logits)), params)[1]


def probabilities(logits: np.ndarray, params: SamplingParams, *, pairs: bool = False) -> np.ndarray:
    """(N, K) → (N, K), exactly 0 where top-k, top-p or min-p cut a token off.

    With ``pairs`` the logits are (2 N, K): N conditional rows, then N unconditional ones.
    """
    n = len(logits) // 2 if pairs else len(logits)
    masses = run(logits, np.zeros(n), params)[1].astype(np.float64)
    probs: np.ndarray = masses / masses.sum(axis=1, keepdims=True)
    return probs
