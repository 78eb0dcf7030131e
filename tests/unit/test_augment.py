"""Augmentations keep pictures valid: associated alpha, values in range, and nothing happens that was not asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from trainer import augment

torch.set_num_threads(1)

ONLY_ROUNDING = 1e-6
Change = Callable[[Tensor], Tensor]


def every(x: Tensor) -> Tensor:
    return torch.ones(len(x), dtype=torch.bool)


CHANGES: dict[str, Change] = {
    "augment": lambda x: augment.augment(x, every(x)),
    "jitter": augment.jitter,
    "flip": lambda x: augment.flip(x, every(x)),
    "transform": augment.transform,
    "recolour": augment.recolour,
}
changes = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


def pictures(n: int = 32, size: int = 64, seed: int = 0) -> Tensor:
    """(n, 4, size, size): noise in all colours, a hard-edged opaque square in the middle, soft alpha around, a transparent frame."""
    generator = torch.Generator().manual_seed(seed)
    straight = torch.rand(n, 4, size, size, generator=generator)
    alpha = straight[:, 3:]
    alpha[:, :, size // 4 : -size // 4, size // 4 : -size // 4] = 1
    frame = torch.zeros(size, size)
    frame[4:-4, 4:-4] = 1
    alpha = alpha * frame
    return torch.cat([straight[:, :3] * alpha, alpha], 1)


@changes
def test_no_colour_exceeds_its_alpha_and_all_stays_in_range(change: Change) -> None:
    for seed in range(5):
        torch.manual_seed(seed)
        y = change(pictures(seed=seed))
        assert y.shape == (32, 4, 64, 64)
        assert float(y.min()) >= 0
        assert float(y.max()) <= 1 + ONLY_ROUNDING
        assert float((y[:, :3] - y[:, 3:]).max()) <= ONLY_ROUNDING


@changes
def test_what_is_drawn_comes_from_the_seed_alone(change: Change) -> None:
    x = pictures(4)
    results = []
    for seed in (7, 7, 8):
        torch.manual_seed(seed)
        results.append(change(x))
    assert torch.equal(results[0], results[1])
    if change is not CHANGES["flip"]:  # there is nothing to draw
        assert not torch.equal(results[0], results[2])


@changes
def test_an_empty_picture_stays_empty(change: Change) -> None:
    assert not change(torch.zeros(4, 4, 64, 64)).any()


@changes
def test_the_pictures_given_are_not_changed(change: Change) -> None:
    x = pictures(4)
    before = x.clone()
    change(x)
    assert torch.equal(x, before)


def test_only_the_chosen_pictures_are_augmented() -> None:
    torch.manual_seed(0)
    x = pictures(12, size=16)
    chosen = torch.tensor([True, False, False] * 4)
    changed = (x != augment.augment(x, chosen)).flatten(1).any(1)
    assert torch.equal(changed, chosen)


def test_a_flip_mirrors_the_chosen_pictures_left_and_right() -> None:
    x = pictures(6)
    chosen = torch.tensor([True, False] * 3)
    y = augment.flip(x, chosen)
    assert torch.equal(y[chosen], x[chosen].flip(-1))
    assert torch.equal(y[~chosen], x[~chosen])


def test_recolouring_leaves_the_shape_alone() -> None:
    x = pictures()
    assert torch.equal(augment.recolour(x)[:, 3], x[:, 3])


def test_recolouring_treats_a_colour_the_same_at_every_alpha() -> None:
    torch.manual_seed(0)
    x = torch.full((16, 4, 1, 5), 0.5)
    x[:, 3] = 1
    x = x * torch.tensor([1.0, 0.75, 0.5, 0.25, 0.125])  # one straight colour, five alphas
    y = augment.recolour(x)
    straight = y[:, :3] / y[:, 3:]
    torch.testing.assert_close(straight, straight[..., :1].expand_as(straight))
    assert not torch.allclose(straight, torch.full_like(straight, 0.5), atol=0.02)


def test_recolouring_keeps_greys_grey() -> None:
    torch.manual_seed(0)
    y = augment.recolour(torch.tensor([0.5, 0.5, 0.5, 1.0]).view(1, 4, 1, 1).expand(64, 4, 2, 2))
    torch.testing.assert_close(y[:, :3], y[:, :1].expand(-1, 3, -1, -1), rtol=0, atol=1e-5)


def test_a_jitter_shifts_by_whole_pixels_up_to_two() -> None:
    torch.manual_seed(0)
    x = pictures(64)
    y = augment.jitter(x)
    shifts = {(dy, dx): x[:, 3].roll((dy, dx), (1, 2)) for dy in range(-2, 3) for dx in range(-2, 3)}  # the frame of 4 px hides the wrap
    found = [{shift for shift, alpha in shifts.items() if torch.equal(y[i, 3], alpha[i])} for i in range(64)]
    assert all(len(matches) == 1 for matches in found)
    assert len(set.union(*found)) > 15


def test_a_jitter_changes_colours_gently() -> None:
    torch.manual_seed(0)
    colour = torch.tensor([0.6, 0.4, 0.2, 1.0])
    y = augment.jitter(colour.view(1, 4, 1, 1).expand(256, 4, 16, 16))[:, :, 8, 8]
    assert (y[:, :3] - colour[:3]).abs().max() < 0.12
    assert (y[:, :3] != colour[:3]).any(1).all()


def test_a_transform_moves_scales_and_tilts_within_its_limits() -> None:
    torch.manual_seed(0)
    x = torch.zeros(256, 4, 64, 64)
    x[:, :, 24:40, 24:40] = 1  # 16 × 16 in the middle
    alpha = augment.transform(x)[:, 3]
    area = alpha.sum((1, 2)) / 256
    assert augment.MIN_SCALE**2 * 0.98 <= float(area.min()) < 0.75
    assert 1.1 < float(area.max()) <= augment.MAX_SCALE**2 * 1.02
    columns = torch.arange(64) + 0.5
    centre = (alpha.sum(1) * columns).sum(1) / alpha.sum((1, 2)) - 32
    # The shift is applied before scaling, in units of half an edge.
    assert 3 < float(centre.abs().max()) <= augment.MAX_SHIFT * 32 * augment.MAX_SCALE * (1 + augment.MAX_TILT)
