"""A training run that was stopped or killed and then resumed ends where an unbroken one ends: the same bits, in both stages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tests.made_once import made_once
from trainer import checkpoint
from trainer.errors import TrainerError
from trainer.progress import read_log
from trainer.train import run_training
from trainer.train_prior import PriorStage
from trainer.train_vqvae import VQVAEStage

torch.set_num_threads(1)

# 12 steps in two epochs. k-means comes in the fifth step, a reset of unused codes after the sixth. Averages, early stopping and everything
# random (augmentation, flips, dropout of tokens and conditions) are on.
OVERRIDES = {
    "data.flip": "0.5",
    "vqvae.codebook.reset_every_epochs": "1",
    "prior.token_dropout": "0.1",
    "prior_optim.ema_weights": "0.9",
    "prior_optim.early_stopping": "true",
    **{
        f"{stage}_optim.{name}": value
        for stage in ("vqvae", "prior")
        for name, value in {"epochs": "2", "batch_size": "8", "checkpoint_every_steps": "4", "eval_every_epochs": "1"}.items()
    },
}
STEPS = 12
STAGES = {"vqvae": VQVAEStage, "prior": PriorStage}


class Killed(BaseException):
    """Nothing in the trainer catches this."""


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def unbroken(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "unbroken", lambda run: run_training("all", "tiny", data, run, OVERRIDES))


@pytest.fixture
def train(data: str, unbroken: Path, tmp_path: Path, without_figures: None) -> Callable[..., Path]:
    """Trains a stage of a second run; the prior stands on the autoencoder of the unbroken one, and figures were drawn of that."""
    run = tmp_path / "run"

    def call(stage: str, **options: Any) -> Path:
        if stage == "prior" and not run.exists():
            shutil.copytree(unbroken / "vqvae", run / "vqvae")
        run_training(stage, "tiny", data, run, OVERRIDES, **options)
        return run / stage

    return call


def trained(folder: Path) -> dict[str, dict[str, Tensor]]:
    """All that a finished stage leaves behind: its weights, and the model, optimizer and averages of its last checkpoint."""
    last = checkpoint.load(folder / "checkpoint")
    assert last is not None
    assert last.step == STEPS
    return {"weights": load_file(folder / "weights.safetensors"), "model": last.model, "optimizer": last.optimizer, "average": last.ema}


def assert_bitwise_equal(found: Path, wanted: Path) -> None:
    ours, theirs = trained(found), trained(wanted)
    for part, tensors in theirs.items():
        assert tensors, part
        assert ours[part].keys() == tensors.keys()
        differing = [name for name, value in tensors.items() if not torch.equal(ours[part][name], value)]
        assert not differing, f"{part}: {differing}"


def die_after(monkeypatch: pytest.MonkeyPatch, stage: type, steps: int) -> None:
    """Let the process die in the middle of the step after so many."""
    whole, done = stage.loss, 0

    def loss(self: Any, model: nn.Module, rows: Tensor) -> Any:
        nonlocal done
        result = whole(self, model, rows)
        if done == steps:
            raise Killed
        done += 1
        return result

    monkeypatch.setattr(stage, "loss", loss)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stopped_run_ends_like_an_unbroken_one(stage: str, train: Callable[..., Path], unbroken: Path) -> None:
    folder = train(stage, stop_after_steps=5)  # in the middle of an epoch
    halfway = checkpoint.load(folder / "checkpoint")
    assert halfway is not None
    assert halfway.step == 5
    assert not (folder / "weights.safetensors").exists()
    end = train(stage)
    assert_bitwise_equal(end, unbroken / stage)
    # and there was something left to learn, or the comparison would mean nothing
    assert not any(torch.equal(halfway.model[name], value) for name, value in trained(end)["model"].items() if name.endswith("weight"))


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_was_killed_twice_ends_like_an_unbroken_one(
    stage: str, train: Callable[..., Path], unbroken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # in the seventh step, which goes back to the fourth; then in the eleventh, which goes back to the eighth
        with monkeypatch.context() as patch:
            die_after(patch, STAGES[stage], 6)
            with pytest.raises(Killed):
                train(stage)
    folder = train(stage)
    assert_bitwise_equal(folder, unbroken / stage)
    steps = [record["step"] for record in read_log(folder / "metrics.jsonl") if record["event"] == "train"]
    assert steps == [10, 12]  # step 10 was logged, lost and logged again


@pytest.mark.parametrize("told", ["false", "true"])
def test_a_stopped_run_that_spells_its_pictures_anew_ends_like_an_unbroken_one(
    told: str, data: str, unbroken: Path, tmp_path: Path, without_figures: None
) -> None:
    changed = OVERRIDES | {"prior.fresh_tokens": "true", "prior.told_changes": told}
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for run in (whole, broken):
        shutil.copytree(unbroken / "vqvae", run / "vqvae")
    run_training("prior", "tiny", data, whole, changed)
    run_training("prior", "tiny", data, broken, changed, stop_after_steps=5)
    run_training("prior", "tiny", data, broken, changed)
    assert_bitwise_equal(broken / "prior", whole / "prior")
    # and the tokens were others than those made beforehand
    assert not torch.equal(trained(whole / "prior")["weights"]["head.weight"], trained(unbroken / "prior")["weights"]["head.weight"])


@pytest.mark.usefixtures("without_figures")
def test_a_finished_run_is_left_as_it_is(data: str, unbroken: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(unbroken, run)
    run_training("prior", "tiny", data, run, OVERRIDES)
    assert_bitwise_equal(run / "prior", unbroken / "prior")


def test_a_fresh_run_takes_nothing_over(data: str, unbroken: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(unbroken, run)
    run_training("vqvae", "tiny", data, run, OVERRIDES | {"vqvae_optim.lr": "0.001"}, resume=False, stop_after_steps=1)
    begun = checkpoint.load(run / "vqvae" / "checkpoint")
    assert begun is not None
    assert begun.step == 1
    assert not (run / "vqvae" / "weights.safetensors").exists()
    assert not (run / "vocabulary.json").exists()


def test_a_stage_that_has_begun_is_not_mixed_with_another_configuration(data: str, unbroken: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(unbroken, run, ignore=shutil.ignore_patterns("prior"))
    with pytest.raises(TrainerError, match="another configuration of vqvae") as caught:
        run_training("vqvae", "tiny", data, run, OVERRIDES | {"vqvae.codebook.size": "32"})
    assert str(run) in caught.value.what
    assert "--fresh" in str(caught.value.fix)
    # The prior has not begun: it may still become another one.
    changed = OVERRIDES | {"prior.d_ff": "96"}
    run_training("prior", "tiny", data, run, changed, stop_after_steps=1)
    begun = checkpoint.load(run / "prior" / "checkpoint")
    assert begun is not None
    assert begun.model["blocks.0.fc.weight"].shape == (96, 64)
    with pytest.raises(TrainerError, match="another configuration of prior"):
        run_training("prior", "tiny", data, run, OVERRIDES)
