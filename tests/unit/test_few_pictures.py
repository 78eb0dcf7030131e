"""Sets that are too small, or too plain, for what a recipe wants of them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

import trainer.train
from trainer.data import EmojiRow, EmojiSet
from trainer.errors import TrainerError
from trainer.overrides import override
from trainer.recipes import load_recipe
from trainer.train import run_training
from trainer.train_vqvae import VQVAEStage

SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("draw_vqvae_figures", "draw_prior_figures"):
        monkeypatch.setattr(trainer.train, name, lambda *_: None)


def stage(n: int, changes: dict[str, str]) -> VQVAEStage:
    """That of the recipe ``tiny`` on n pictures: batches of 16, ten epochs."""
    emojis = EmojiSet(torch.zeros(n, 4, 64, 64, dtype=torch.uint8), [EmojiRow(f"emoji {i}") for i in range(n)])
    return VQVAEStage(override(load_recipe("tiny"), changes), emojis, emojis, torch.device("cpu"))


def test_a_run_that_would_never_quantize_is_refused_with_two_ways_out() -> None:
    long = {"vqvae.codebook.kmeans_start_steps": "400"}
    with pytest.raises(TrainerError, match=r"the run has 20 steps, and vqvae\.codebook\.kmeans_start_steps=400") as caught:
        stage(32, long).check_quantizes()
    fixes = [word.strip(",") for word in str(caught.value.fix).split() if "=" in word]
    assert fixes == ["vqvae.codebook.kmeans_start_steps=2", "vqvae_optim.epochs=1600"]
    for fix in fixes:
        name, value = fix.split("=")
        stage(32, long | {name: value}).check_quantizes()


@pytest.mark.parametrize("changes", [{"kmeans_start_steps": "19"}, {"kmeans_start_steps": "none"}, {"kmeans_start_steps": "0"}])
def test_a_run_that_quantizes_at_last_is_taken(changes: dict[str, str]) -> None:
    stage(32, {f"vqvae.codebook.{name}": value for name, value in changes.items()}).check_quantizes()


def test_a_run_by_the_clock_does_not_know_its_steps() -> None:
    stage(32, {"vqvae.codebook.kmeans_start_steps": "400", "vqvae_optim.minutes": "1"}).check_quantizes()


def test_it_is_refused_before_the_first_step(drawn_emojis: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="never quantize"):
        run_training("all", "tiny", drawn_emojis, tmp_path / "run", SHORT | {"vqvae.codebook.kmeans_start_steps": "3"})
    assert not (tmp_path / "run" / "vqvae").exists()


def test_a_share_of_no_whole_rows_is_refused_before_the_vqvae_is_trained(drawn_emojis: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="no whole number of rows"):
        run_training("all", "tiny", drawn_emojis, tmp_path / "run", SHORT | {"prior.source_share": "0.01"})
    assert not (tmp_path / "run").exists()


def test_all_rows_may_be_drawn_after_a_source(drawn_emojis: str, short_run: Path, tmp_path: Path) -> None:
    changes = SHORT | {"prior.source_share": "1", "prior.fresh_tokens": "true"}
    run_training("prior", "tiny", drawn_emojis, tmp_path / "run", changes, init=short_run, stop_after_steps=1)
    assert (tmp_path / "run" / "prior" / "checkpoint").exists()


@pytest.mark.parametrize(("share", "is_told"), [("0.5", True), ("0", False)])
def test_where_no_emoji_comes_in_two_styles_that_is_told(
    share: str, is_told: bool, drawn_emojis: str, short_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(drawn_emojis)
    pq.write_table(table.filter(pa.compute.equal(table["style"], "noto")), tmp_path / "one.parquet")
    changes = SHORT | {"prior.source_share": share}
    run_training("prior", "tiny", str(tmp_path / "one.parquet"), tmp_path / "run", changes, init=short_run, stop_after_steps=1)
    assert ("--set prior.source_share=0" in capsys.readouterr().err) == is_told
