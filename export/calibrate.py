"""How large the inputs of the prior's matrices get on real pictures, which fixes the steps they are rounded to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from export.graphs.quantize import Range
from trainer.prior import Prior

BATCH = 32


@dataclass(frozen=True)
class Readings:
    """M training pictures as the prior reads them."""

    contexts: Tensor
    """(M, CONTEXT)."""
    tokens: Tensor
    """(M, 256)."""
    sources: Tensor | None = None
    """(M, 256): tokens of the pictures that they are drawn after."""


@torch.no_grad()
def measure_inputs(prior: Prior, *readings: Readings) -> dict[str, Range]:
    """The smallest and the largest input of every linear layer that runs for every token.

    Args:
        prior: the trained model.
        readings: pictures, with all that may be asked for and without.

    Returns:
        Ranges by the names of the layers.
    """
    found: dict[str, Range] = {}

    def hook(name: str) -> Any:
        def see(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            low, high = (float(bound) for bound in inputs[0].aminmax())
            before = found.get(name, Range(low, high))
            found[name] = Range(min(before.low, low), max(before.high, high))

        return see

    hooks = [module.register_forward_pre_hook(hook(name)) for name, module in prior.step_modules() if isinstance(module, nn.Linear)]
    try:
        for read in readings:
            for part in torch.arange(len(read.tokens)).split(BATCH):
                prior(read.contexts[part], read.tokens[part], source=None if read.sources is None else read.sources[part])
    finally:
        for handle in hooks:
            handle.remove()
    return found
