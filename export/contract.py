"""The graphs of a bundle by name: what goes in, what comes out, which dimensions are free.

The same names stand in ARCHITECTURE.md; the parity check holds every exported graph against them.
"""

from __future__ import annotations

from dataclasses import dataclass

OPSET = 20
"""The first opset with a Gelu operator, which the prior uses."""


@dataclass(frozen=True)
class GraphContract:
    """Names of one graph, in order."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


ENCODER = GraphContract(("image",), ("z_e", "indices"))
DECODER = GraphContract(("z_q",), ("image",))


def prior_contract(n_layer: int) -> GraphContract:
    """The prior's step: tokens, positions and the cache of every layer."""
    past = [f"past_key_values.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    present = [f"present.{i}.{kind}" for i in range(n_layer) for kind in ("key", "value")]
    return GraphContract(("tokens", "positions", *past), ("logits", *present))
