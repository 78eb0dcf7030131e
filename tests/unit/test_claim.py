"""``recipe.json``: the same run goes on, another does not, and what a stage began with is not forgotten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from tests.drawing import write_emojis
from trainer import claim as module
from trainer.claim import claim, data_digest
from trainer.config import Recipe
from trainer.data import EmojiRow, EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.overrides import override
from trainer.train import run_training

RECIPE = Recipe(name="any")


def call(run: Path, stage: str = "vqvae", *, config: Recipe = RECIPE, init: Path | None = None, **source: str) -> dict[str, Any]:
    """Claim the folder, begin the stage and return what is written."""
    told = {"data": "a/emojis.parquet", "digest": "1", **source}
    claim(run, stage, config, told["data"], told["digest"], init)
    for part in ("vqvae", "prior") if stage == "all" else (stage,):
        (run / part / "checkpoint").mkdir(parents=True, exist_ok=True)
    return facts_of(run)


def facts_of(run: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((run / "recipe.json").read_text())
    return facts


def forget(run: Path, *names: str) -> None:
    """Make it a run from before these were kept."""
    (run / "recipe.json").write_text(json.dumps({key: value for key, value in facts_of(run).items() if key not in names}))


@pytest.mark.parametrize("stage", ["vqvae", "prior", "all"])
def test_other_data_and_another_seed_are_refused_once_a_stage_has_begun(stage: str, tmp_path: Path) -> None:
    claim(tmp_path, "vqvae", RECIPE, "other.parquet", "0", None)  # nothing has begun
    before = call(tmp_path)
    with pytest.raises(TrainerError, match=r"began with other data \(a/emojis.parquet\) than a/emojis.parquet holds now") as caught:
        call(tmp_path, stage, digest="2")
    assert f"--init {tmp_path}" in str(caught.value.fix)
    assert ("--fresh" in str(caught.value.fix)) == (stage != "prior")  # which would keep the VQ-VAE
    with pytest.raises(TrainerError, match="another configuration of seed"):
        call(tmp_path, stage, config=override(RECIPE, {"seed": "1"}))
    assert facts_of(tmp_path) == before


def test_the_same_data_may_lie_elsewhere(tmp_path: Path) -> None:
    call(tmp_path)
    assert call(tmp_path, "prior", data="/elsewhere/renamed.parquet")["data"] == "/elsewhere/renamed.parquet"


def test_a_run_from_before_knows_its_data_by_name(tmp_path: Path) -> None:
    call(tmp_path)
    forget(tmp_path, "data_digest", "stages")
    with pytest.raises(TrainerError, match="other data"):
        call(tmp_path, "prior", data="a/others.parquet")
    assert call(tmp_path, "prior", data="/b/emojis.parquet", digest="7")["data_digest"] == "7"


def test_what_a_stage_began_with_stays_when_another_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, run = tmp_path / "first", tmp_path / "run"
    call(first, "all")
    monkeypatch.setattr(module, "current_commit", lambda: "one")
    shown = {key: value for key, value in facts_of(first).items() if key not in ("data", "stages")}
    begun = call(run, "vqvae", config=override(RECIPE, {"vqvae_optim.epochs": "7", "loss.l1": "0.5"}), init=first)
    assert begun["init"] == begun["stages"]["vqvae"]["init"] == shown
    monkeypatch.setattr(module, "current_commit", lambda: "two")
    after = call(run, "prior", config=override(RECIPE, {"prior_optim.epochs": "3"}))
    assert after["init"] == shown
    assert after["stages"]["vqvae"] == begun["stages"]["vqvae"]
    assert (after["commit"], after["stages"]["vqvae"]["commit"], after["stages"]["prior"]["commit"]) == ("two", "one", "two")
    assert "init" not in after["stages"]["prior"]
    # and how it was trained: only the schedule of what is trained now is another
    recipe = after["recipe"]
    assert (recipe["vqvae_optim"]["epochs"], recipe["loss"]["l1"], recipe["prior_optim"]["epochs"]) == (7, 0.5, 3)
    again = call(run, "vqvae", init=run)  # it goes on with weights of its own, whatever --init says
    assert again["stages"]["vqvae"] == begun["stages"]["vqvae"]


def test_a_run_from_before_passes_on_what_it_knows(tmp_path: Path) -> None:
    first, run = tmp_path / "first", tmp_path / "run"
    call(first)
    before = call(run, init=first)
    forget(run, "stages")
    after = call(run, "prior")
    assert after["stages"]["vqvae"] == {key: before[key] for key in ("commit", "torch", "machine", "init")}
    assert after["init"] == before["init"]


def test_a_vqvae_that_was_taken_over_is_told_of_by_the_next_prior_too(tmp_path: Path) -> None:
    first, run = tmp_path / "first", tmp_path / "run"
    call(first, "all")
    before = call(run, "prior", init=first)
    (run / "vqvae").mkdir()  # as --init leaves it
    shutil.rmtree(run / "prior")  # as --fresh does
    after = call(run, "prior")
    assert after["init"] == before["init"]
    assert after["stages"].keys() == {"prior"}


def test_a_run_that_starts_again_tells_nothing_of_before(tmp_path: Path) -> None:
    first, run = tmp_path / "first", tmp_path / "run"
    call(first)
    call(run, init=first)
    shutil.rmtree(run / "vqvae")
    assert "init" not in call(run, digest="2", config=override(RECIPE, {"seed": "3"}))


def test_what_runs_say_of_each_other_does_not_multiply(tmp_path: Path) -> None:
    sizes = []
    for number in range(6):
        call(tmp_path / str(number), "all", init=tmp_path / str(number - 1) if number else None)
        sizes.append(len((tmp_path / str(number) / "recipe.json").read_text()))
    assert sizes[5] - sizes[4] < 2 * (sizes[2] - sizes[1])


def test_the_digest_is_of_pictures_names_and_their_order() -> None:
    images = torch.arange(3, dtype=torch.uint8)[:, None, None, None].expand(-1, 4, 2, 2)
    rows = [EmojiRow(text=f"emoji {i}", style="noto") for i in range(3)]
    whole = EmojiSet(images, rows)
    others = [
        EmojiSet(images.flip(0), rows),
        EmojiSet(images, rows[::-1]),
        whole.subset([2, 1, 0]),
        EmojiSet(images, [*rows[:2], EmojiRow(text="emoji 2", style="blob")]),
        EmojiSet(images, [*rows[:2], EmojiRow(text="emoji 2", style="noto", keywords=("x",))]),
    ]
    assert len({emojis.digest() for emojis in (whole, *others)}) == 6
    assert data_digest(whole, others[0]) not in (data_digest(others[0], whole), data_digest(whole))


def test_a_run_goes_on_with_a_copy_of_its_data_and_not_with_other_data(tmp_path: Path) -> None:
    data, short = write_emojis(tmp_path / "emojis.parquet"), {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1"}
    run_training("vqvae", "tiny", str(data), tmp_path / "run", short, stop_after_steps=1)
    (tmp_path / "other").mkdir()
    shutil.copy(data, tmp_path / "other" / "copy.parquet")
    run_training("vqvae", "tiny", str(tmp_path / "other" / "copy.parquet"), tmp_path / "run", short, stop_after_steps=1)
    fewer = tmp_path / "fewer" / "emojis.parquet"
    fewer.parent.mkdir()
    pq.write_table(pq.read_table(data).slice(1), fewer)
    prior = tmp_path / "run" / "prior"
    prior.mkdir()
    for stage, resume in (("vqvae", True), ("prior", False)):
        with pytest.raises(TrainerError, match="other data"):
            run_training(stage, "tiny", str(fewer), tmp_path / "run", short, resume=resume)
    assert prior.exists()  # what is refused deletes nothing
    emojis = load_emojis(str(data))
    assert facts_of(tmp_path / "run")["data_digest"] == data_digest(emojis.split("train"), emojis.split("test"))
