"""What the prior is told of how training pictures were changed: true, of no use to who draws, and in no file that ships."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from export.graphs.prior_weights import pack_prior
from trainer import augment, checkpoint
from trainer.changes import JITTERED, KINDS, MIRRORED, PLAIN, REMADE
from trainer.conditions import CONTEXT, TokenSpace
from trainer.config import DataConfig, PriorConfig
from trainer.data import EmojiRow, EmojiSet
from trainer.prior import Prior
from trainer.recipes import load_recipe
from trainer.run import load_prior, load_run
from trainer.spelling import FreshSpeller, SpellingTable
from trainer.train import run_training
from trainer.vqvae import VQVAE

torch.set_num_threads(1)

K, VOCAB = 20, 60
CPU = torch.device("cpu")
STILL = {"prior_optim.epochs": "1", "prior_optim.lr": "1e-12", "prior_optim.min_lr": "1e-12", "prior_optim.weight_decay": "0"}


def make_prior(*, told: bool = True) -> Prior:
    torch.manual_seed(0)
    config = PriorConfig(d_model=24, n_layer=2, n_head=2, n_kv_head=1, head_dim=8, d_ff=48, dropout=0.0, told_changes=told)
    prior = Prior(config, codebook_size=K, vocab_size=VOCAB)
    if told:
        with torch.no_grad():
            prior.changes.weight[PLAIN + 1 :].normal_()
    return prior


def pictures(prior: Prior, change: Tensor | None) -> Tensor:
    """Nats of four pictures, (4, 256)."""
    generator = torch.Generator().manual_seed(1)
    context, codes = torch.full((4, CONTEXT), K), torch.randint(K, (4, 256), generator=generator)
    nats: Tensor = prior(context, codes, change=change).nats
    return nats


def test_of_a_picture_as_it_is_nothing_is_said() -> None:
    prior = make_prior()
    assert torch.equal(pictures(prior, None), pictures(prior, torch.full((4,), PLAIN)))


def test_each_kind_of_change_is_told_from_the_others() -> None:
    prior = make_prior()
    found = [pictures(prior, torch.full((4,), kind)) for kind in range(KINDS)]
    assert all(not torch.allclose(found[a], found[b], atol=1e-4) for a in range(KINDS) for b in range(a))


def test_what_is_said_of_plain_pictures_stays_nothing_while_the_rest_is_learned() -> None:
    prior = make_prior()
    before = prior.changes.weight.detach().clone()
    optimizer = torch.optim.AdamW(prior.parameters(), lr=1e-2)
    pictures(prior, torch.tensor([PLAIN, JITTERED, REMADE, PLAIN])).mean().backward()
    optimizer.step()
    moved = (prior.changes.weight - before).abs().amax(1) > 5e-3
    assert moved.tolist() == [kind in (JITTERED, REMADE) for kind in range(KINDS)]
    assert not prior.changes.weight[PLAIN].any()


def test_nothing_of_it_ships() -> None:
    shipped = [set(pack_prior(make_prior(told=told), "half", {})) for told in (True, False)]
    assert shipped[0] == shipped[1]


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("told", [True, False])
def test_a_run_may_begin_with_one_that_did_it_otherwise(drawn_emojis: str, short_run: Path, tmp_path: Path, told: bool) -> None:
    changes = STILL | {"prior.fresh_tokens": "true", "prior.told_changes": str(told)}
    run_training("prior", "tiny", drawn_emojis, tmp_path / "a", changes | {"prior.told_changes": str(not told)}, init=short_run)
    run_training("prior", "tiny", drawn_emojis, tmp_path / "b", changes, init=tmp_path / "a")
    old, new = (checkpoint.load_weights(tmp_path / run / "prior" / "weights.safetensors", "") for run in ("a", "b"))
    assert ("changes.weight" in new) == told
    shared = old.keys() & new.keys()
    assert len(shared) == max(len(old), len(new)) - 1
    assert all(torch.allclose(old[name], new[name], atol=1e-6) for name in shared)


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("told", [True, False])
def test_the_prior_of_another_run_is_read_whatever_it_was_told(drawn_emojis: str, short_run: Path, tmp_path: Path, told: bool) -> None:
    """Training the decoder alone takes over a prior, and has a recipe of its own."""
    changes = STILL | {"prior.fresh_tokens": "true", "prior.told_changes": str(told)}
    run_training("prior", "tiny", drawn_emojis, tmp_path / "a", changes, init=short_run)
    alone = {
        "vqvae.decoder_alone": "true",
        "vqvae_optim.epochs": "1",
        "vqvae.codebook.kmeans_start_steps": "1",
        "prior.told_changes": str(not told),
    }
    run_training("vqvae", "tiny", drawn_emojis, tmp_path / "b", alone, init=tmp_path / "a")
    recipe = load_run(tmp_path / "b")
    prior = load_prior(tmp_path / "b", recipe, TokenSpace.load(tmp_path / "b" / "vocabulary.json", recipe.vqvae.codebook.size))
    assert hasattr(prior, "changes") != told
    kept = checkpoint.load_weights(tmp_path / "a" / "prior" / "weights.safetensors", "")
    assert torch.equal(prior.head.weight, kept["head.weight"])


# --- labels are true ---


@pytest.fixture(scope="module")
@torch.no_grad()
def model(data: EmojiSet) -> VQVAE:
    torch.manual_seed(0)
    vqvae = VQVAE(load_recipe("tiny").vqvae, 4).eval()
    z_e, _ = vqvae.encode(data.images.float() / 255)
    spread = z_e.permute(0, 2, 3, 1).reshape(-1, z_e.shape[1])  # (B, D, 16, 16) → (M, D)
    vqvae.codebook.codes.copy_(spread[torch.randperm(len(spread))[: len(vqvae.codebook.codes)]])
    return vqvae


@pytest.fixture(scope="module")
def data() -> EmojiSet:
    torch.manual_seed(1)
    images = torch.randint(256, (4, 4, 64, 64), dtype=torch.uint8)
    images[:, :3] = torch.minimum(images[:, :3], images[:, 3:])  # associated alpha
    return EmojiSet(images, [EmojiRow("octopus", group="Animals & Nature") for _ in range(4)])


def test_the_label_says_what_was_done(model: VQVAE, data: EmojiSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """With changes that come out the same each time, every label has one spelling, and that is the one of such a picture."""
    monkeypatch.setattr(augment, "jitter", lambda x: x.roll(3, 2))
    monkeypatch.setattr(augment, "transform", lambda x: x.roll(7, 3))
    monkeypatch.setattr(augment, "recolour", lambda x: x)
    torch.manual_seed(2)
    config = DataConfig(channels=4, flip=0.5)
    tokens, change = FreshSpeller(model, data, config, CPU, remade_share=0.5)(torch.zeros(300, dtype=torch.int64))

    x = data.images[:1].float() / 255
    jittered = x.roll(3, 2)
    wanted = {
        PLAIN: x,
        JITTERED: jittered,
        REMADE: jittered.roll(7, 3),
        MIRRORED + JITTERED: jittered.flip(3),
        MIRRORED + REMADE: jittered.flip(3).roll(7, 3),
    }
    assert set(change.tolist()) == wanted.keys()
    for kind, picture in wanted.items():
        _, indices = model.encode(picture)
        assert (tokens[change == kind] == indices.flatten(1)).all()  # (1, 16, 16) → (1, 256)


def test_without_a_share_nothing_is_remade(model: VQVAE, data: EmojiSet) -> None:
    _, change = FreshSpeller(model, data, DataConfig(channels=4, flip=0.5), CPU)(torch.zeros(200, dtype=torch.int64))
    assert set(change.tolist()) == {PLAIN, JITTERED, MIRRORED + JITTERED}


def test_of_a_table_the_first_variant_is_plain() -> None:
    table = SpellingTable(torch.arange(3, dtype=torch.int16)[:, None, None].expand(-1, 40, 256))
    tokens, change = table(torch.arange(40))
    assert torch.equal(change == PLAIN, tokens[:, 0] == 0)
    assert set(change.tolist()) == {PLAIN, JITTERED}
