"""The exponential moving average of a model's weights (Polyak averaging), which is evaluated and kept in their place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Averaged:
    """An exponential moving average of the trainable weights; with decay 0 it does nothing."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = model
        self.decay = decay
        self.shadow = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad} if decay else {}

    def load(self, shadow: dict[str, Tensor]) -> None:
        """Put back a saved average."""
        for name, value in shadow.items():
            self.shadow[name].copy_(value)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the weights as they are now, faster in the first steps, so that it soon forgets the random start."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            parameters = dict(self.model.named_parameters())
            names = list(self.shadow)
            torch._foreach_lerp_([self.shadow[n] for n in names], [parameters[n].detach() for n in names], 1 - decay)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """The model with the averaged weights, and in eval mode, for the length of a ``with`` block."""
        current = {name: value.detach().clone() for name, value in self.model.named_parameters()} if self.decay else {}
        self.model.load_state_dict(self.shadow, strict=False)
        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.model.load_state_dict(current, strict=False)
            self.model.train()
