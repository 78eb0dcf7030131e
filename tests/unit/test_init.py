"""A run that begins with the weights of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from trainer import checkpoint
from trainer.errors import TrainerError
from trainer.run import read_facts
from trainer.train import run_training

SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def first(short_run: Path) -> Path:
    return short_run


def weights(run: Path, stage: str) -> dict[str, torch.Tensor]:
    return checkpoint.load_weights(run / stage / "weights.safetensors", "")


@pytest.mark.usefixtures("without_figures")
def test_a_prior_goes_on_from_another_run_and_takes_over_its_vqvae(data: str, first: Path, tmp_path: Path) -> None:
    # With a rate of nearly nothing the weights stay where they began.
    still = SHORT | {"prior_optim.lr": "1e-12", "prior_optim.min_lr": "1e-12", "prior_optim.weight_decay": "0"}
    run_training("prior", "tiny", data, tmp_path / "next", still, init=first)
    for stage in ("vqvae", "prior"):
        before, after = weights(first, stage), weights(tmp_path / "next", stage)
        assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in before)
    facts = json.loads((tmp_path / "next" / "recipe.json").read_text())
    assert facts["init"]["recipe"] == json.loads((first / "recipe.json").read_text())["recipe"]
    assert (tmp_path / "next" / "vocabulary.json").read_text() == (first / "vocabulary.json").read_text()


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("before", "after"), [("0", "0.5"), ("0.5", "0")], ids=["learns to read a source", "forgets how to"])
def test_the_reader_of_a_source_may_come_and_go(data: str, first: Path, tmp_path: Path, before: str, after: str) -> None:
    still = SHORT | {"prior_optim.lr": "1e-12", "prior_optim.min_lr": "1e-12", "prior_optim.weight_decay": "0"}
    run_training("prior", "tiny", data, tmp_path / "a", still | {"prior.source_share": before}, init=first)
    run_training("prior", "tiny", data, tmp_path / "b", still | {"prior.source_share": after}, init=tmp_path / "a")
    old, new = weights(tmp_path / "a", "prior"), weights(tmp_path / "b", "prior")
    assert any(name.startswith("source.") for name in new) == (after != "0")
    shared = [name for name in new if not name.startswith("source.")]
    assert all(torch.allclose(old[name], new[name], atol=1e-6) for name in shared)


def test_a_run_that_began_before_a_field_existed_goes_on(data: str, first: Path, tmp_path: Path) -> None:
    none = SHORT | {"prior.source_share": "0"}
    run_training("prior", "tiny", data, tmp_path / "run", none, init=first, stop_after_steps=1)
    path = tmp_path / "run" / "recipe.json"
    facts = json.loads(path.read_text())
    del facts["recipe"]["prior"]["source_share"]
    path.write_text(json.dumps(facts))
    run_training("prior", "tiny", data, tmp_path / "run", none, init=first)
    assert weights(tmp_path / "run", "prior")


def test_without_init_a_run_begins_elsewhere(data: str, first: Path, tmp_path: Path) -> None:
    run_training("vqvae", "tiny", data, tmp_path / "a", SHORT | {"seed": "5"}, stop_after_steps=1)
    begun = checkpoint.load(tmp_path / "a" / "vqvae" / "checkpoint")
    assert begun is not None
    assert not torch.allclose(begun.model["encoder.1.weight"], weights(first, "vqvae")["encoder.1.weight"], atol=1e-2)


def test_other_networks_are_refused(data: str, first: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="another configuration of prior"):
        run_training("prior", "tiny", data, tmp_path / "next", SHORT | {"prior.n_layer": "3"}, init=first)


@pytest.mark.usefixtures("without_figures")
def test_a_run_that_is_refused_has_not_begun_with_it(data: str, first: Path, tmp_path: Path) -> None:
    run, other = tmp_path / "next", SHORT | {"seed": "5"}
    run_training("vqvae", "tiny", data, run, other)
    with pytest.raises(TrainerError, match="mean different things"):
        run_training("prior", "tiny", data, run, other, init=first)
    assert "init" not in read_facts(run)
    run_training("prior", "tiny", data, run, other, stop_after_steps=1)
    assert "init" not in read_facts(run)


def test_an_unfinished_run_is_refused(data: str, tmp_path: Path) -> None:
    run_training("vqvae", "tiny", data, tmp_path / "half", SHORT, stop_after_steps=1)
    with pytest.raises(TrainerError, match=r"weights\.safetensors"):
        run_training("vqvae", "tiny", data, tmp_path / "next", SHORT, init=tmp_path / "half")


def test_how_a_codebook_was_trained_does_not_matter_to_who_goes_on(data: str, first: Path, tmp_path: Path) -> None:
    changed = SHORT | {"vqvae.codebook.ema_decay": "0.9", "vqvae.codebook.reset_every_epochs": "1", "prior.max_words": "50"}
    run_training("prior", "tiny", data, tmp_path / "next", changed, init=first, stop_after_steps=1)
    with pytest.raises(TrainerError, match="another configuration of vqvae"):
        run_training("prior", "tiny", data, tmp_path / "other", SHORT | {"vqvae.codebook.size": "32"}, init=first)
