"""Reconstruction losses.

With associated alpha a picture over a background b is ``rgb + (1−a)·b``, so the error over white is ``e_rgb − e_a`` and over black
``e_rgb``: both come from the same four channels without any compositing.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.config import LossConfig

# Emojis are judged over white (and mostly seen on light backgrounds); black and alpha keep dark themes and edges honest.
WHITE, BLACK, ALPHA = 0.6, 0.2, 0.2
# Slope outside [0, 1]: the decoder's output is clipped when used, so beyond the range only a trace of gradient is needed to come back.
LEAK = 0.01


def leaky_clip(x: Tensor) -> Tensor:
    """Clip to [0, 1] with slope ``LEAK`` outside; any shape."""
    clipped = x.clamp(0, 1)
    return clipped + LEAK * (x - clipped)


def reconstruction_loss(x_hat: Tensor, x: Tensor, config: LossConfig) -> Tensor:
    """Weighted MSE and L1.

    Args:
        x_hat: (B, C, H, W), not clipped.
        x: (B, C, H, W) in [0, 1]; C is 3 (RGB) or 4 (RGBA, associated).
        config: the weights.

    Returns:
        A scalar.
    """
    if x.shape[1] == 3:
        error = x_hat - x
        return config.mse * error.square().mean() + (config.l1 * error.abs().mean() if config.l1 else 0.0)
    error = leaky_clip(x_hat) - x
    rgb, alpha = error[:, :3], error[:, 3:]
    loss = torch.zeros((), device=x.device)
    for weight, part in ((WHITE, rgb - alpha), (BLACK, rgb), (ALPHA, alpha)):
        loss = loss + weight * config.mse * part.square().mean()
        if config.l1:
            loss = loss + weight * config.l1 * part.abs().mean()
    return loss
