from __future__ import annotations

import pytest
import torch

from trainer.networks.dropout import Dropout, dropout

N = 100_003
"""No multiple of eight: the last word of random bytes is not used up."""


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5])
def test_a_share_becomes_zero_and_the_mean_stays(p: float) -> None:
    torch.manual_seed(0)
    y = dropout(torch.ones(N), p)
    share = (y == 0).float().mean().item()
    assert share == pytest.approx(p, abs=1 / 512 + 4 * (p * (1 - p) / N) ** 0.5)  # rounding of p, and four standard deviations
    assert y.unique().tolist() == pytest.approx([0, 1 / (1 - round(256 * p) / 256)])
    assert y.mean().item() == pytest.approx(1, abs=0.02)


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(0)
    dropped = (dropout(torch.ones(N), 0.5) == 0).float()
    for distance in (1, 2, 7, 8, 64):
        pair = torch.stack([dropped[:-distance], dropped[distance:]])
        assert abs(torch.corrcoef(pair)[0, 1].item()) < 4 * N**-0.5


def test_the_gradient_goes_where_the_value_went() -> None:
    torch.manual_seed(0)
    x = torch.rand(3, 5, 7).add(1).requires_grad_()
    y = dropout(x, 0.3)
    y.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad * x.detach(), y.detach())


def test_a_seed_is_one_mask_and_evaluation_drops_nothing() -> None:
    layer, x = Dropout(0.3), torch.ones(4, 9)
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(layer(x))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert layer.eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_all_may_be_dropped() -> None:
    assert dropout(torch.ones(9), 1.0).tolist() == [0.0] * 9
