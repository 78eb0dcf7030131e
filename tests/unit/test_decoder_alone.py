"""Training the decoder alone: another picture for each token, but the same tokens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from trainer import checkpoint
from trainer.errors import TrainerError
from trainer.overrides import override
from trainer.progress import read_log
from trainer.recipes import load_recipe
from trainer.run import load_run, load_vqvae
from trainer.train import run_training
from trainer.vqvae import VQVAE

SHORT = {
    "vqvae_optim.epochs": "1",
    "vqvae.codebook.kmeans_start_steps": "1",
    "prior_optim.epochs": "1",
    "vqvae_optim.checkpoint_every_steps": "2",
}
ALONE = SHORT | {"vqvae.decoder_alone": "true"}
OTHER = ALONE | {"vqvae.decoder_width_32": "64", "vqvae.decoder_heads": "0", "vqvae.decoder_norm": "false"}


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def first(short_run: Path) -> Path:
    return short_run


def weights(run: Path, stage: str) -> dict[str, torch.Tensor]:
    return checkpoint.load_weights(run / stage / "weights.safetensors", "")


@pytest.mark.parametrize("changes", [ALONE, OTHER], ids=["the same network", "another network"])
def test_every_token_keeps_its_meaning(changes: dict[str, str], data: str, first: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run_training("vqvae", "tiny", data, run, changes, init=first)
    before, after = weights(first, "vqvae"), weights(run, "vqvae")
    kept = [name for name in before if not name.startswith("decoder.")]
    assert {name.split(".")[0] for name in kept} == {"encoder", "codebook"}
    assert all(torch.equal(before[name], after[name]) for name in kept)
    assert any(name not in before or not torch.equal(before[name], after[name]) for name in after)
    pictures = torch.rand(4, 4, 64, 64)
    indices = [load_vqvae(folder, load_run(folder)).encode(pictures)[1] for folder in (first, run)]
    assert torch.equal(*indices)
    # So the prior, and the words it was taught, come along: the run can be exported as it is.
    for name in ("vocabulary.json", "prior/weights.safetensors"):
        assert (run / name).read_bytes() == (first / name).read_bytes()


@pytest.mark.parametrize("changes", [{}, {"vqvae.network": "paper", "vqvae.codebook.dim": "8"}], ids=["residual", "paper"])
def test_a_training_step_leaves_encoder_and_codebook_as_they_are(changes: dict[str, str]) -> None:
    torch.manual_seed(0)
    recipe = override(load_recipe("tiny"), ALONE | changes)
    model = VQVAE(recipe.vqvae, recipe.data.channels)
    pictures = torch.rand(6, 4, 64, 64) * torch.rand(6, 1, 1, 1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    indices = model.eval().encode(pictures)[1]
    model.train()
    assert model.decoder.training
    out = model(pictures)
    assert torch.equal(out.indices, indices)  # the decoder learns the tokens that it will be given
    out.x_hat.square().mean().backward()
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    torch.optim.SGD(learned, lr=0.1).step()
    after = model.state_dict()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"decoder"}
    assert torch.equal(model.eval().encode(pictures)[1], indices)


@pytest.mark.usefixtures("without_figures")
def test_the_same_network_goes_on_where_it_was_and_another_begins_anew(data: str, first: Path, tmp_path: Path) -> None:
    def first_loss(changes: dict[str, str]) -> float:
        run = tmp_path / str(len(list(tmp_path.iterdir())))
        run_training("vqvae", "tiny", data, run, changes | {"vqvae_optim.lr": "1e-9"}, init=first)
        return next(float(r["reconstruction_loss"]) for r in read_log(run / "vqvae" / "metrics.jsonl") if r["event"] == "train")

    assert first_loss(ALONE) < first_loss(OTHER)
    without_attention = ALONE | {"vqvae.decoder_heads": "0"}
    assert first_loss(without_attention) < first_loss(OTHER)  # all but the attention goes on


@pytest.mark.usefixtures("without_figures")
def test_a_stopped_run_ends_like_an_unbroken_one(data: str, first: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run_training("vqvae", "tiny", data, whole, OTHER, init=first)
    run_training("vqvae", "tiny", data, broken, OTHER, init=first, stop_after_steps=3)
    run_training("vqvae", "tiny", data, broken, OTHER, init=first)
    ours, theirs = weights(broken, "vqvae"), weights(whole, "vqvae")
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_it_wants_something_to_begin_with(data: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="decoder_alone") as caught:
        run_training("vqvae", "tiny", data, tmp_path / "run", ALONE)
    assert "--init" in str(caught.value.fix)


def test_another_encoder_would_write_other_tokens(data: str, first: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="another configuration of vqvae"):
        run_training("vqvae", "tiny", data, tmp_path / "run", ALONE | {"vqvae.encoder_blocks": "3"}, init=first)


@pytest.mark.usefixtures("without_figures")
def test_a_prior_that_was_never_trained_is_not_missed(data: str, first: Path, tmp_path: Path) -> None:
    shutil.copytree(first, tmp_path / "first", ignore=shutil.ignore_patterns("prior", "vocabulary.json"))
    run_training("vqvae", "tiny", data, tmp_path / "run", ALONE, init=tmp_path / "first")
    assert (tmp_path / "run" / "vqvae" / "weights.safetensors").exists()


def test_a_prior_that_is_kept_is_the_one_of_the_recipe(data: str, first: Path, tmp_path: Path) -> None:
    other = ALONE | {"prior.word_reader": "false", "prior.source_share": "0"}
    with pytest.raises(TrainerError, match="reads other things") as caught:
        run_training("vqvae", "tiny", data, tmp_path / "run", other, init=first)
    assert caught.value.fix == "Add --set prior.word_reader=true --set prior.source_share=0.5"
