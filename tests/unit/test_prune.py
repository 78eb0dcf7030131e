"""A decoder with fewer channels."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.made_once import made_once
from tests.no_figures import no_figures
from trainer import checkpoint
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.prune import channel_energies, inner_blocks, prune
from trainer.run import load_run, load_vqvae
from trainer.train import run_training

torch.set_num_threads(1)

SHORT = {
    "vqvae_optim.epochs": "1",
    "vqvae.codebook.kmeans_start_steps": "1",
    "prior_optim.epochs": "1",
    "vqvae.decoder_norm": "false",
    "vqvae.decoder_blocks": "2",
}
INNER = 64


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def run(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of both stages; half of the channels of its second block are dead, the odd ones."""

    def train(folder: Path) -> None:
        with no_figures():
            run_training("all", "tiny", data, folder, SHORT | {"vqvae.bottleneck": str(INNER)})
        path = folder / "vqvae" / "weights.safetensors"
        weights = checkpoint.load_weights(path, "")
        name, _ = inner_blocks(load_vqvae(folder, load_run(folder)))[1]
        weights[f"{name}.conv2.weight"][:, 1::2] = 0
        checkpoint.save_weights(path, weights)

    return made_once(tmp_path_factory, "to_prune", train)


def test_dead_channels_go_first_and_nothing_is_lost_with_them(run: Path, data: str, tmp_path: Path) -> None:
    prune(run, tmp_path / "pruned", keep=[INNER, INNER // 2], data=data)
    before, after = (load_vqvae(folder, load_run(folder)) for folder in (run, tmp_path / "pruned"))
    assert [block.conv1.out_channels for _, block in inner_blocks(after)] == [INNER, INNER // 2]
    pictures = load_emojis(data).split("train").images[:2].float() / 255  # channels that are silent for all of these may be taken for dead
    z = before.codebook.lookup(before.encode(pictures)[1])
    torch.testing.assert_close(after.decode(z), before.decode(z), rtol=0, atol=1e-3)
    assert all(
        torch.equal(a, b) for (_, a), (_, b) in zip(before.encoder.named_parameters(), after.encoder.named_parameters(), strict=True)
    )
    for name in ("vocabulary.json", "prior/weights.safetensors"):
        assert (tmp_path / "pruned" / name).read_bytes() == (run / name).read_bytes()


def test_the_channels_that_add_least_are_taken_out(run: Path, data: str, tmp_path: Path) -> None:
    prune(run, tmp_path / "pruned", keep=[INNER // 4, INNER], data=data)
    before, after = (load_vqvae(folder, load_run(folder)) for folder in (run, tmp_path / "pruned"))
    energy = channel_energies(before, load_emojis(data).split("train").images)[0]
    kept = energy.argsort(descending=True)[: INNER // 4].sort().values
    assert torch.equal(inner_blocks(after)[0][1].conv1.weight, inner_blocks(before)[0][1].conv1.weight[kept])


def test_what_is_large_stays_behind_and_nothing_looks_whole_before_it_is(
    run: Path, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shutil.copytree(run, tmp_path / "run")
    for name in ("pictures", "vqvae/best"):
        (source / name).mkdir()

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_weights", die)
        with pytest.raises(KeyboardInterrupt):
            prune(source, tmp_path / "pruned", keep=[8, 8], data=data)
    assert not (tmp_path / "pruned").exists()
    prune(source, tmp_path / "pruned", keep=[8, 8], data=data)
    assert not (tmp_path / "pruned" / "pictures").exists()
    assert not (tmp_path / "pruned" / "vqvae" / "best").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"run", "pruned"}


@pytest.mark.usefixtures("without_figures")
def test_training_goes_on_from_a_pruned_run(run: Path, data: str, tmp_path: Path) -> None:
    pruned, on = tmp_path / "pruned", tmp_path / "on"
    prune(run, pruned, keep=[16, 8], data=data)
    changes = SHORT | {"vqvae.bottleneck": str(INNER), "vqvae.decoder_alone": "true", "vqvae.decoder_bottlenecks": "16,8"}
    run_training("vqvae", "tiny", data, on, changes | {"vqvae_optim.lr": "1e-9", "vqvae_optim.min_lr": "0"}, init=pruned)
    before, after = (load_vqvae(folder, load_run(folder)) for folder in (pruned, on))
    z = torch.randn(2, before.config.codebook.dim, 16, 16)
    torch.testing.assert_close(after.decode(z), before.decode(z), rtol=0, atol=1e-3)  # its weights were taken, not new ones


def test_a_network_without_alpha_is_pruned_too(data: str, tmp_path: Path) -> None:
    opaque = tmp_path / "opaque"
    changes = SHORT | {"data.channels": "3", "prior.word_reader": "false", "prior.source_share": "0"}
    run_training("vqvae", "tiny", data, opaque, changes)
    prune(opaque, tmp_path / "pruned", keep=[8, 16], data=data)
    assert load_vqvae(tmp_path / "pruned", load_run(tmp_path / "pruned")).decode(torch.randn(1, 8, 16, 16)).shape == (1, 3, 64, 64)


@pytest.mark.usefixtures("without_figures")
def test_what_cannot_be_pruned_is_refused(run: Path, data: str, tmp_path: Path) -> None:
    for keep in ([8], [8, INNER + 1], [0, 8]):
        with pytest.raises(TrainerError, match="does not fit blocks of 64, 64"):
            prune(run, tmp_path / "pruned", keep=keep, data=data)
    with pytest.raises(TrainerError, match="already exists"):
        prune(run, run, keep=[8, 8], data=data)
    with pytest.raises(TrainerError, match="1 numbers for 2 blocks"):
        run_training("vqvae", "tiny", data, tmp_path / "short", SHORT | {"vqvae.decoder_bottlenecks": "8"})
    normed = tmp_path / "normed"
    run_training(
        "vqvae",
        "tiny",
        data,
        normed,
        {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "vqvae.norm": "true", "vqvae.decoder_norm": "true"},
    )
    with pytest.raises(TrainerError, match="cannot be pruned"):
        prune(normed, tmp_path / "pruned", keep=[8], data=data)
    assert not (tmp_path / "pruned").exists()
