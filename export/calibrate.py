"""How large the inputs of the prior's matrices get on real pictures, which fixes the steps they are rounded to."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from export.graphs.quantize import Range
from trainer.prior import Prior

BATCH = 32


@torch.no_grad()
def measure_inputs(prior: Prior, contexts: Tensor, tokens: Tensor) -> dict[str, Range]:
    """The smallest and the largest input of every linear layer.

    Args:
        prior: the trained model.
        contexts: conditions of training pictures (M, CONTEXT).
        tokens: those pictures (M, 256).

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

    hooks = [module.register_forward_pre_hook(hook(name)) for name, module in prior.named_modules() if isinstance(module, nn.Linear)]
    try:
        for context, codes in zip(contexts.split(BATCH), tokens.split(BATCH), strict=True):
            prior(context, codes)
    finally:
        for handle in hooks:
            handle.remove()
    return found
