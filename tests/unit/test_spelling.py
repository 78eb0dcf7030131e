"""The training pictures as the prior is given them: spelled once, or anew each time."""

from __future__ import annotations

import pytest
import torch

from trainer.config import DataConfig
from trainer.data import EmojiRow, EmojiSet
from trainer.encode_dataset import encode_dataset
from trainer.recipes import load_recipe
from trainer.spelling import PLAIN_SHARE, FreshSpeller, SpellingTable
from trainer.vqvae import VQVAE

torch.set_num_threads(1)

CPU = torch.device("cpu")
RGBA = DataConfig(channels=4, flip=0.5)


def emojis(group: str, n: int = 4) -> EmojiSet:
    torch.manual_seed(1)
    images = torch.randint(256, (n, 4, 64, 64), dtype=torch.uint8)
    images[:, :3] = torch.minimum(images[:, :3], images[:, 3:])  # associated alpha
    return EmojiSet(images, [EmojiRow("octopus", group=group) for _ in range(n)])


@pytest.fixture(scope="module")
@torch.no_grad()
def model() -> VQVAE:
    torch.manual_seed(0)
    vqvae = VQVAE(load_recipe("tiny").vqvae, 4).eval()
    # As made, all latents lie close together: codes among them make small changes of a picture show in its tokens.
    z_e, _ = vqvae.encode(emojis("").images.float() / 255)
    spread = z_e.permute(0, 2, 3, 1).reshape(-1, z_e.shape[1])  # (B, D, 16, 16) → (M, D)
    vqvae.codebook.codes.copy_(spread[torch.randperm(len(spread))[: len(vqvae.codebook.codes)]])
    return vqvae


def spellings(model: VQVAE, data: EmojiSet, config: DataConfig, n: int = 60) -> torch.Tensor:
    """(n, 256): the first picture, again and again."""
    torch.manual_seed(2)
    return FreshSpeller(model, data, config, CPU)(torch.zeros(n, dtype=torch.int64)).tokens


def test_a_share_is_spelled_plainly_and_the_rest_in_many_ways(model: VQVAE) -> None:
    data = emojis("Symbols")
    (plain,) = encode_dataset(model, data, RGBA, variants=1, seed=0, device=CPU)[:, 0].long()
    found = spellings(model, data, RGBA)
    same = (found == plain).all(dim=1)
    assert 0.5 * PLAIN_SHARE < same.float().mean() < 2 * PLAIN_SHARE
    others = found[~same]
    assert len(others.unique(dim=0)) == len(others)


def test_spellings_come_from_the_seed_alone(model: VQVAE) -> None:
    data = emojis("Symbols")
    first, again = (spellings(model, data, RGBA, n=8) for _ in range(2))
    assert torch.equal(first, again)


def test_only_what_may_be_mirrored_is(model: VQVAE, monkeypatch: pytest.MonkeyPatch) -> None:
    # With nothing else changed, a picture has two spellings, or one.
    monkeypatch.setattr("trainer.augment.jitter", lambda x: x)
    assert len(spellings(model, emojis("Animals & Nature"), RGBA).unique(dim=0)) == 2
    assert len(spellings(model, emojis("Symbols"), RGBA).unique(dim=0)) == 1
    assert len(spellings(model, emojis("Animals & Nature"), DataConfig(channels=4)).unique(dim=0)) == 1


def test_the_two_pictures_of_a_pair_are_changed_alike(model: VQVAE) -> None:
    data = emojis("Animals & Nature")
    rows = torch.zeros(30, dtype=torch.int64)
    torch.manual_seed(3)
    first, second = FreshSpeller(model, data, RGBA, CPU).pairs(rows, rows)
    assert torch.equal(first, second)
    assert len(first.unique(dim=0)) > 15
    torch.manual_seed(3)
    _, other = FreshSpeller(model, data, RGBA, CPU).pairs(rows, rows + 1)
    assert (other != first).any(dim=1).all()


def test_a_table_gives_the_same_variant_of_a_pair() -> None:
    variants, rows = 3, torch.arange(40)
    table = SpellingTable((100 * torch.arange(variants)[:, None, None] + torch.arange(80)[:, None]).expand(-1, -1, 256).to(torch.int16))
    torch.manual_seed(0)
    first, second = table.pairs(rows, rows + 40)
    assert (second - first == 40).all()
    assert len((first[:, 0] // 100).unique()) == variants
    assert torch.equal(table(rows).tokens[:, 0] % 100, rows)
