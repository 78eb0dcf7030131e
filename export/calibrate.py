"""How large the inputs of the prior's matrices get on real pictures, which fixes the steps they are rounded to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from export.graphs.quantize import Inputs
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

    def subset(self, rows: Tensor) -> Readings:
        """Some of them, by their numbers."""
        sources = None if self.sources is None else self.sources[rows]
        return Readings(self.contexts[rows], self.tokens[rows], sources)


@torch.no_grad()
def measure_inputs(prior: Prior, *readings: Readings) -> dict[str, Inputs]:
    """The smallest and the largest value of each channel of the inputs of every linear layer that runs for every token.

    Args:
        prior: the trained model.
        readings: pictures, with all that may be asked for and without.

    Returns:
        By the names of the layers.
    """
    found: dict[str, Inputs] = {}

    def hook(name: str) -> Any:
        def see(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            low, high = (bound.numpy() for bound in inputs[0].flatten(0, -2).aminmax(dim=0))  # (B, T, C) → (B·T, C)
            before = found.get(name, Inputs(low, high))
            found[name] = Inputs(np.minimum(before.low_C, low), np.maximum(before.high_C, high))

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
