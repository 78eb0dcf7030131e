"""Which layers of a prior may see the context and a window of the newest tokens only, on a CPU, where attention costs by the position.

Some layers of a trained transformer hardly look farther than a row of cells or two. Which, is measured: those whose windows, all together,
raise the bits of training pictures by next to nothing become local. To have local and global layers is usual in models that are trained so
(Beltagy et al. 2020, "Longformer", https://arxiv.org/abs/2004.05150; Gemma Team 2024, https://arxiv.org/abs/2408.00118, section 2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from export.calibrate import BATCH, Readings
from export.torch_prior import logits
from trainer.conditions import CONTEXT
from trainer.prior import Prior

WINDOW = 38
"""Tokens: two rows of cells and a bit."""
MAX_RISE = 0.002
"""Share by which windows may raise the bits per emoji."""


@torch.no_grad()
def choose_local_layers(prior: Prior, *readings: Readings) -> tuple[list[int], dict[str, float]]:
    """As many layers as :data:`MAX_RISE` allows, those first that mind it least.

    Args:
        prior: the trained model.
        readings: training pictures, with all that may be asked for and without.

    Returns:
        The layers, and the bits per emoji of these pictures: ``bits_global`` without windows, ``bits_local`` with those of the layers.
    """
    bits = {"bits_global": _bits(prior, readings, {})}
    bits["bits_local"] = bits["bits_global"]
    most = bits["bits_global"] * (1 + MAX_RISE)
    alone = {layer: _bits(prior, readings, {layer: WINDOW}) for layer in range(prior.config.n_layer)}
    chosen: list[int] = []
    for layer in sorted(alone, key=lambda layer: alone[layer])[:-1]:  # what every layer would overlook, nobody would see
        together = alone[layer] if not chosen else _bits(prior, readings, dict.fromkeys([*chosen, layer], WINDOW))
        if together > most:
            break
        chosen, bits["bits_local"] = [*chosen, layer], together
    return sorted(chosen), bits


def _bits(prior: Prior, readings: Sequence[Readings], windows: Mapping[int, int]) -> float:
    """Mean bits per emoji."""
    nats, n = 0.0, 0
    for read in readings:
        for part in torch.arange(len(read.tokens)).split(BATCH):
            contexts, tokens = read.contexts[part], read.tokens[part]
            guide = prior.guide(contexts, None if read.sources is None else read.sources[part])
            log_p = logits(prior, torch.cat([contexts, tokens[:, :-1]], 1), guide, windows)[:, CONTEXT - 1 :].log_softmax(2)
            nats -= float(log_p.gather(2, tokens[:, :, None]).sum())
            n += len(tokens)
    return nats / n / math.log(2)
