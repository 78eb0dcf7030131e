"""Sampling in PyTorch, for the figures of a training run and as the reference that exported graphs are compared with.

The app has its own sampler on ONNX Runtime; this one is short and plain.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.conditions import CONTEXT
from trainer.prior import Prior
from trainer.vqvae import GRID


@torch.no_grad()
def sample(prior: Prior, context: Tensor, *, temperature: float = 1.0, top_k: int | None = None, seed: int = 0) -> Tensor:
    """Draw one token grid for each context, with the KV cache.

    Args:
        prior: in eval mode.
        context: (B, CONTEXT) style, words, BOS.
        temperature: 0 is greedy.
        top_k: keep the k likeliest codes; None keeps all.
        seed: of the draws.

    Returns:
        (B, 256) int64.
    """
    device = context.device
    generator = torch.Generator(device).manual_seed(seed)
    guide = prior.guide(context)
    told = None if guide is None else F.pad(guide[:, :1], (0, 0, CONTEXT - 1, 0))  # BOS predicts cell 0: (B, CONTEXT, 2 C)
    logits, cache = prior.extend(context, torch.arange(CONTEXT, device=device), guide=told)
    codes: list[Tensor] = []
    for position in range(CONTEXT, CONTEXT + GRID * GRID):
        last = logits[:, -1].float()
        if temperature == 0:
            code_B = last.argmax(-1)
        else:
            last = last / temperature
            if top_k is not None:
                kept = last.topk(top_k, dim=-1)
                last = torch.full_like(last, float("-inf")).scatter(1, kept.indices, kept.values)
            code_B = torch.multinomial(last.softmax(-1), 1, generator=generator)[:, 0]
        codes.append(code_B)
        if len(codes) < GRID * GRID:
            told = None if guide is None else guide[:, len(codes) : len(codes) + 1]
            logits, cache = prior.extend(code_B[:, None], torch.tensor([position], device=device), cache, told)
    return torch.stack(codes, 1)  # (B, 256)
