"""How large what the prior multiplies gets on real pictures, which fixes the steps it is rounded to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from export.graphs.quantize import Inputs
from trainer.networks.transformer import Attention
from trainer.positions import rotate
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
    """The smallest and the largest value of each channel of what goes into every matrix product that runs for every token.

    Args:
        prior: the trained model.
        readings: pictures, with all that may be asked for and without.

    Returns:
        By name: for ``LAYER``, a linear layer, its inputs; for ``ATTENTION.keys`` queries and keys, turned by their rotary angles, and for
        ``ATTENTION.values`` values, with a channel for each of the head dimension.
    """
    found: dict[str, Inputs] = {}

    def see(name: str, values: Tensor) -> None:
        low, high = (bound.numpy() for bound in values.flatten(0, -2).aminmax(dim=0))  # (B, …, C) → (B·…, C)
        before = found.get(name, Inputs(low, high))
        found[name] = Inputs(np.minimum(before.low_C, low), np.maximum(before.high_C, high))

    def watch(name: str, module: nn.Module) -> Iterator[RemovableHandle]:
        if isinstance(module, nn.Linear):
            yield module.register_forward_pre_hook(lambda _, inputs: see(name, inputs[0]))
        elif isinstance(module, Attention):
            yield module.qkv.register_forward_hook(lambda _, __, qkv: see_attention(name, module, qkv))

    def see_attention(name: str, attention: Attention, qkv: Tensor) -> None:
        heads = qkv.unflatten(-1, (-1, attention.hd)).transpose(1, 2)  # (B, T, (nh + 2 n_kv)·hd) → (B, nh + 2 n_kv, T, hd)
        turned, values = heads.split([attention.nh + attention.n_kv, attention.n_kv], dim=1)
        if attention.rotary:
            turned = rotate(turned, prior.cos[: qkv.shape[1]], prior.sin[: qkv.shape[1]])
        see(f"{name}.keys", turned)
        see(f"{name}.values", values)

    hooks = [hook for name, module in prior.step_modules() for hook in watch(name, module)]
    try:
        for read in readings:
            for part in torch.arange(len(read.tokens)).split(BATCH):
                prior(read.contexts[part], read.tokens[part], source=None if read.sources is None else read.sources[part])
    finally:
        for handle in hooks:
            handle.remove()
    return found
