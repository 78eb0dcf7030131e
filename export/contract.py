"""The graphs of a bundle by name: what goes in, what comes out, which dimensions are free.

The same names stand in ARCHITECTURE.md; the parity check holds every exported graph against them.
"""

from __future__ import annotations

from dataclasses import dataclass

from export.graphs.prior_graph import SORTING, Variant

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
_LOCAL = ("local_mask", "local_places")
_AHEAD = ("drawn_after",)
_DRAW = ("uniforms", "inverse_temperature", "min_p")
_GUIDANCE = ("guidance", "conditional", "unconditional")
_SORT = ("top_k", "nucleus")
WITHOUT_BATCH = frozenset(
    {
        *("mask", "local_mask", "positions", "total_sequence_length"),
        *("drawn_after", "inverse_temperature", "min_p", "top_k", "nucleus", "guidance"),
    }
)
"""Inputs of the prior that are the same for every picture of a batch."""


def prior_contract(variant: Variant, n_layer: int, *, reads_guide: bool = False, local: bool = False) -> GraphContract:
    """One step of the prior: what to read and how to draw, and the cache of every layer.

    Args:
        variant: of its graph.
        n_layer: layers of the prior.
        reads_guide: it has the input ``guide``, what words or a source say of each cell, in all variants but the plain one.
        local: it has local layers.
    """
    grouped, plain = variant == "cuda", variant == "plain"
    controls = [
        *(_READ_GROUPED if grouped else _READ),
        *(_LOCAL if local and not grouped else ()),
        *(("guide",) if reads_guide and not plain else ()),
        *(() if grouped else _AHEAD),
        *_DRAW,
        *(() if plain else _GUIDANCE),
        *(_SORT if variant in SORTING else ()),
        *(() if plain else ("picture_of_row",)),
    ]
    past = [f"past_key_values.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    present = [f"present.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    return GraphContract((*controls, *past), ("next_tokens", "logits", *present))
