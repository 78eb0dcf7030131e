"""The graphs of a bundle by name: what goes in, what comes out, which dimensions are free.

The same names stand in ARCHITECTURE.md; the parity check holds every exported graph against them.
"""

from __future__ import annotations

from dataclasses import dataclass

OPSET = 20
"""Of encoder and decoder; for the prior see export/graphs/prior_graph.py."""


@dataclass(frozen=True)
class GraphContract:
    """Names of one graph, in order."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


ENCODER = GraphContract(("image",), ("z_e", "indices"))
DECODER = GraphContract(("z_q",), ("image",))
SOURCE = GraphContract(("tokens",), ("guide",))
WORDS = GraphContract(("conditions",), ("guide",))


_READ = ("tokens", "position_ids", "mask")
_READ_GROUPED = ("tokens", "positions", "seqlens_k", "total_sequence_length")
_DRAW = ("uniforms", "inverse_temperature", "top_k")
_DRAW_GUIDED = ("guidance", "conditional", "unconditional", "nucleus", "picture_of_row")
WITHOUT_BATCH = frozenset({"mask", "positions", "total_sequence_length", "inverse_temperature", "top_k", "nucleus", "guidance"})
"""Inputs of the prior that are the same for every picture of a batch."""


def prior_contract(n_layer: int, *, reads_guide: bool = False, plain: bool = False, grouped: bool = False) -> GraphContract:
    """One step of the prior: what to read and how to draw, and the cache of every layer.

    Args:
        n_layer: layers of the prior.
        reads_guide: it has the input ``guide``, what words or a source say of each cell.
        plain: the variant with the shorter sampler.
        grouped: the variant with GroupQueryAttention.
    """
    read = _READ_GROUPED if grouped else _READ
    controls: tuple[str, ...] = (*read, *_DRAW) if plain else (*read, *(("guide",) if reads_guide else ()), *_DRAW, *_DRAW_GUIDED)
    past = [f"past_key_values.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    present = [f"present.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    return GraphContract((*controls, *past), ("next_tokens", "logits", *present))
