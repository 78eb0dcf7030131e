"""The reconstruction loss, against compositions made by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from trainer.config import LossConfig
from trainer.losses import ALPHA, BLACK, LEAK, WHITE, leaky_clip, reconstruction_loss

torch.set_num_threads(1)

MSE = LossConfig(mse=1.0, l1=0.0)
L1 = LossConfig(mse=0.0, l1=1.0)


def picture(seed: int, channels: int = 4) -> Tensor:
    """(3, channels, 8, 8) in [0, 1]; four are RGBA with associated alpha."""
    x = torch.rand(3, channels, 8, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x if channels == 3 else torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)


def over(x: Tensor, background: float) -> Tensor:
    """What one sees: rgb + (1 − a)·b."""
    return x[:, :3] + (1 - x[:, 3:]) * background


@pytest.mark.parametrize(("config", "power"), [(MSE, 2), (L1, 1)], ids=["mse", "l1"])
def test_the_loss_is_the_error_over_white_over_black_and_of_alpha(config: LossConfig, power: int) -> None:
    x, x_hat = picture(1), picture(2)

    def error(a: Tensor, b: Tensor) -> Tensor:
        return (a - b).abs().pow(power).mean()

    by_hand = (
        WHITE * error(over(x_hat, 1.0), over(x, 1.0)) + BLACK * error(over(x_hat, 0.0), over(x, 0.0)) + ALPHA * error(x_hat[:, 3], x[:, 3])
    )
    torch.testing.assert_close(reconstruction_loss(x_hat, x, config), by_hand)


def test_the_shares_of_the_backgrounds_and_of_alpha_add_up_to_one() -> None:
    assert sum((WHITE, BLACK, ALPHA)) == pytest.approx(1)


def test_two_pixels_by_numbers() -> None:
    """One pixel: half-transparent red against half-transparent black, the same alpha. Over both backgrounds red is 0.5 off."""
    x = torch.tensor([0.5, 0.0, 0.0, 0.5]).view(1, 4, 1, 1)
    x_hat = torch.tensor([0.0, 0.0, 0.0, 0.5]).view(1, 4, 1, 1)
    assert float(reconstruction_loss(x_hat, x, MSE)) == pytest.approx((WHITE + BLACK) * 0.25 / 3)
    # White that is there against nothing at all: the same over white, all wrong over black and in alpha.
    white, nothing = torch.ones(1, 4, 1, 1), torch.zeros(1, 4, 1, 1)
    assert float(reconstruction_loss(nothing, white, MSE)) == pytest.approx(BLACK + ALPHA)


def test_three_channels_are_compared_as_they_are() -> None:
    x, x_hat = picture(1, 3), picture(2, 3) * 3 - 1  # outside [0, 1] too
    torch.testing.assert_close(reconstruction_loss(x_hat, x, MSE), (x_hat - x).square().mean())
    torch.testing.assert_close(reconstruction_loss(x_hat, x, L1), (x_hat - x).abs().mean())


@pytest.mark.parametrize("channels", [3, 4])
def test_both_terms_add_up_by_their_weights(channels: int) -> None:
    x, x_hat = picture(1, channels), picture(2, channels)
    both = reconstruction_loss(x_hat, x, LossConfig(mse=3.0, l1=0.5))
    torch.testing.assert_close(both, 3 * reconstruction_loss(x_hat, x, MSE) + 0.5 * reconstruction_loss(x_hat, x, L1))


@pytest.mark.parametrize("channels", [3, 4])
def test_a_perfect_reconstruction_costs_nothing(channels: int) -> None:
    x = picture(1, channels)
    assert float(reconstruction_loss(x, x, LossConfig(mse=1.0, l1=1.0))) == 0


def test_values_inside_the_range_pass_the_clip_and_outside_a_trace_of_gradient_leads_back() -> None:
    x = torch.tensor([-3.0, -0.5, 0.0, 0.25, 1.0, 1.5, 9.0], requires_grad=True)
    y = leaky_clip(x)
    torch.testing.assert_close(y.detach(), torch.tensor([-3.0 * LEAK, -0.5 * LEAK, 0.0, 0.25, 1.0, 1 + 0.5 * LEAK, 1 + 8 * LEAK]))
    y.sum().backward()
    torch.testing.assert_close(x.grad[[0, 1, 3, 5, 6]], torch.tensor([LEAK, LEAK, 1.0, LEAK, LEAK]))


def test_overshooting_an_opaque_white_pixel_costs_next_to_nothing() -> None:
    white = torch.ones(1, 4, 1, 1)
    assert float(reconstruction_loss(white + 0.5, white, MSE)) < 1e-4
    assert float(reconstruction_loss(white - 0.5, white, MSE)) > 0.05
