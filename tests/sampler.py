"""The sampler of the prior's graphs by itself, so that its laws can be tested on any logits."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from onnx import TensorProto

from emoterm.prior_step import sampler_inputs
from emoterm.sampling import SamplingParams
from emoterm.session import open_session
from export.graphs.builder import GraphBuilder
from export.graphs.sampler import add_sampler


@functools.cache
def _session() -> Any:
    graph = GraphBuilder("sampler")
    next_tokens = add_sampler(graph, graph.input("logits", TensorProto.FLOAT, ["rows", "K"]))
    graph.output(next_tokens, TensorProto.INT64, ["rows", 1])
    graph.output("sampler.tokens", TensorProto.INT64, ["N", "k"])
    graph.output("sampler.nucleus", TensorProto.DOUBLE, ["N", "k"])
    return open_session(graph.build(20), device="cpu")


def _run(logits: np.ndarray, uniforms: np.ndarray, params: SamplingParams) -> list[np.ndarray]:
    inputs = sampler_inputs(params, codebook_size=logits.shape[1], rows=len(logits), n=len(uniforms))
    feeds = {"logits": np.asarray(logits, np.float32), "uniforms": uniforms[:, None], **inputs}
    found: list[np.ndarray] = _session().run(None, feeds)
    return found


def draw(logits: np.ndarray, uniforms: np.ndarray, params: SamplingParams, *, halves: bool = False) -> np.ndarray:
    """One token for each of (N,) uniforms, or, with ``halves``, one for each row of the (rows, K) logits."""
    tokens = _run(logits, uniforms, params)[0][:, 0]
    return tokens if halves else tokens[: len(uniforms)]


def probabilities(logits: np.ndarray, params: SamplingParams, *, pairs: bool = False) -> np.ndarray:
    """(N, K) → (N, K), exactly 0 where top-k or top-p cut a token off.

    With ``pairs`` the logits are (2 N, K): N conditional rows, then N unconditional ones.
    """
    n = len(logits) // 2 if pairs else len(logits)
    _, tokens, nucleus = _run(logits, np.zeros(n), params)
    probs = np.zeros((n, logits.shape[1]))
    np.put_along_axis(probs, tokens, nucleus / nucleus.sum(axis=1, keepdims=True), axis=1)
    return probs
