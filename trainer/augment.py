"""Augmentations on associated-alpha batches, on whatever device the batch is on.

Every draw comes, through :mod:`trainer.draws`, from torch's global generator, which the training loop reseeds before each step. So a
resumed run sees the same pictures, and so do several processes that share a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer import draws

MAX_SHIFT = 0.16
"""Largest shift, as a share of the half edge: 0.16 × 32 px ≈ 5 px."""
MIN_SCALE, MAX_SCALE = 0.75, 1.15
MAX_TILT = math.radians(12)


def augment(x: Tensor, chosen_B: Tensor) -> Tensor:
    """Shift, scale, tilt and recolour the pictures of the batch that are chosen; the others stay as they are.

    Args:
        x: (B, 4, H, W) in [0, 1], associated alpha.
        chosen_B: (B,) bool.
    """
    return torch.where(chosen_B[:, None, None, None], recolour(transform(x)), x)


def alike(change: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Change two batches of B pictures with the same draws: picture i of both is shifted and recoloured in the same way."""
    with torch.random.fork_rng(devices=[x.device] if x.is_cuda else []):  # leaves the generator as it was
        changed = change(x)
    return changed, change(y)


def jitter(x: Tensor) -> Tensor:
    """A gentle change that leaves the emoji what it is: whole-pixel shifts up to 2 px and a little brightness and saturation.

    Args:
        x: (B, 4, H, W) in [0, 1], associated alpha.
    """
    B, _, H, W = x.shape
    reach = 2
    padded = F.pad(x, (reach, reach, reach, reach))
    dy_B, dx_B = draws.randint(0, 2 * reach + 1, (2, B), device=x.device, batch_dim=1)
    rows = (dy_B[:, None] + torch.arange(H, device=x.device))[:, None, :, None]
    columns = (dx_B[:, None] + torch.arange(W, device=x.device))[:, None, None, :]
    shifted = padded[
        torch.arange(B, device=x.device)[:, None, None, None], torch.arange(4, device=x.device)[None, :, None, None], rows, columns
    ]
    gain = 0.9 + 0.2 * draws.rand(B, 1, 1, 1, device=x.device)
    saturation = 0.85 + 0.3 * draws.rand(B, 1, 1, 1, device=x.device)
    rgb, alpha = shifted[:, :3], shifted[:, 3:]
    grey = rgb.mean(1, keepdim=True)
    rgb = gain * (grey + saturation * (rgb - grey))
    return torch.cat([torch.minimum(rgb.clamp(min=0), alpha), alpha], 1)


def flip(x: Tensor, chosen_B: Tensor) -> Tensor:
    """Mirror the pictures that are chosen left and right."""
    return torch.where(chosen_B[:, None, None, None], x.flip(-1), x)


def transform(x: Tensor) -> Tensor:
    """A random shift, scale and tilt for each picture; what leaves the frame is cut, what enters is transparent."""
    B = x.shape[0]
    shift_B2 = (draws.rand(B, 2, device=x.device) * 2 - 1) * MAX_SHIFT
    scale_B = MIN_SCALE + (MAX_SCALE - MIN_SCALE) * draws.rand(B, device=x.device)
    tilt_B = (draws.rand(B, device=x.device) * 2 - 1) * MAX_TILT
    # grid_sample maps output to input, hence the inverse scale.
    cos_B, sin_B = tilt_B.cos() / scale_B, tilt_B.sin() / scale_B
    theta = torch.stack([torch.stack([cos_B, -sin_B, shift_B2[:, 0]], 1), torch.stack([sin_B, cos_B, shift_B2[:, 1]], 1)], 1)  # (B, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def recolour(x: Tensor) -> Tensor:
    """A random hue rotation, saturation, contrast and brightness for each picture.

    All are linear in straight RGB: c' = M c + b. With associated alpha that reads p' = M p + b·a, clipped to [0, a].
    """
    B = x.shape[0]
    device = x.device
    angle_B = (draws.rand(B, device=device) * 2 - 1) * math.pi
    # A third of the pictures keep their hue: skin, leaves and flags should stay common.
    angle_B = torch.where(draws.rand(B, device=device) < 1 / 3, torch.zeros_like(angle_B), angle_B)
    gain_B = 0.7 + 0.5 * draws.rand(B, device=device)
    saturation_B = 0.5 + 0.8 * draws.rand(B, device=device)
    bias_B = (draws.rand(B, device=device) - 0.5) * 0.2
    # Rotation about the grey axis (Rodrigues): cos·I + (1−cos)·u uᵀ + sin·[u]×, u = (1,1,1)/√3.
    outer = torch.full((3, 3), 1 / 3, device=device)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device) / math.sqrt(3)
    eye = torch.eye(3, device=device)
    cos, sin = angle_B.cos()[:, None, None], angle_B.sin()[:, None, None]
    hue = cos * eye + (1 - cos) * outer + sin * cross  # (B, 3, 3)
    saturate = outer + saturation_B[:, None, None] * (eye - outer)
    matrix = gain_B[:, None, None] * (saturate @ hue)
    rgb, alpha = x[:, :3], x[:, 3:]
    rgb = torch.einsum("bij,bjhw->bihw", matrix, rgb) + bias_B[:, None, None, None] * alpha
    return torch.cat([torch.minimum(rgb.clamp(min=0), alpha), alpha], 1)
