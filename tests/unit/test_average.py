"""The prior between two runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.made_once import made_once
from tests.no_figures import no_figures
from trainer import checkpoint
from trainer.average import average
from trainer.errors import TrainerError
from trainer.run import load_run, load_vqvae
from trainer.train import run_training

torch.set_num_threads(1)

pytestmark = pytest.mark.usefixtures("without_figures")

SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1", "prior.word_reader": "false"}


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def runs(data: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and one that went on from it and learned to read words too."""

    def train(folder: Path) -> None:
        with no_figures():
            run_training("all", "tiny", data, folder / "before", SHORT)
            run_training("prior", "tiny", data, folder / "after", SHORT | {"prior.word_reader": "true"}, init=folder / "before")

    folder = made_once(tmp_path_factory, "to_average", train)
    return folder / "before", folder / "after"


def weights(run: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load_weights(run / "prior" / "weights.safetensors", "")


@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_every_weight_is_between_the_two(runs: tuple[Path, Path], tmp_path: Path, share: float) -> None:
    average(*runs, tmp_path / "run", share=share)
    before, after, found = weights(runs[0]), weights(runs[1]), weights(tmp_path / "run")
    assert found.keys() == after.keys()
    assert any(name not in before for name in after)
    for name, value in found.items():
        expected = after[name] if name not in before else before[name] + share * (after[name] - before[name])
        torch.testing.assert_close(value, expected, rtol=0, atol=1e-6)
    end = {0: before, 1: after}.get(share, {})
    assert all(torch.equal(found[name], value) for name, value in end.items())


def test_the_result_is_a_run_that_says_where_it_comes_from(runs: tuple[Path, Path], data: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    average(*runs, run, share=0.5)
    assert load_run(run) == load_run(runs[1])
    assert load_vqvae(run, load_run(run))
    facts = json.loads((run / "recipe.json").read_text())
    assert facts["init"]["share"] == 0.5
    assert facts["init"]["averaged_with"]["recipe"] == json.loads((runs[0] / "recipe.json").read_text())["recipe"]
    assert "data" not in facts["init"]["averaged_with"]
    run_training("prior", "tiny", data, tmp_path / "next", SHORT | {"prior.word_reader": "true"}, init=run)  # and one can go on from it


def test_runs_that_do_not_go_together_are_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = runs
    with pytest.raises(TrainerError, match="--share"):
        average(before, after, tmp_path / "run", share=1.5)
    with pytest.raises(TrainerError, match="already exists"):
        average(before, after, before, share=0.5)
    other = shutil.copytree(after, tmp_path / "other")
    facts = json.loads((other / "recipe.json").read_text())
    facts["recipe"]["prior"]["d_model"] *= 2
    (other / "recipe.json").write_text(json.dumps(facts))
    with pytest.raises(TrainerError, match="different networks"):
        average(before, other, tmp_path / "run", share=0.5)
    changed = shutil.copytree(after, tmp_path / "changed")
    (changed / "vocabulary.json").write_text("{}")
    with pytest.raises(TrainerError, match="different words"):
        average(before, changed, tmp_path / "run", share=0.5)
    shutil.copyfile(before / "vocabulary.json", changed / "vocabulary.json")
    moved = {
        name: value + 1 if name.startswith("codebook.") and value.is_floating_point() else value
        for name, value in checkpoint.load_weights(before / "vqvae" / "weights.safetensors", "").items()
    }
    checkpoint.save_weights(changed / "vqvae" / "weights.safetensors", moved)
    with pytest.raises(TrainerError, match="mean different things"):
        average(before, changed, tmp_path / "run", share=0.5)
    assert not (tmp_path / "run").exists()
