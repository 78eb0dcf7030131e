"""A prior goes with the encoder and the codebook whose tokens it was trained on, and with no others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import trainer.train
from export.build_bundle import build_bundle
from trainer import checkpoint, tokenizer
from trainer.conditions import TokenSpace
from trainer.errors import TrainerError
from trainer.run import load_prior, load_run
from trainer.train import run_training

SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}
VQVAE, PRIOR = Path("vqvae", "weights.safetensors"), Path("prior", "weights.safetensors")


@pytest.fixture
def run(short_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run, to be changed."""
    for name in ("draw_vqvae_figures", "draw_prior_figures"):
        monkeypatch.setattr(trainer.train, name, lambda *_: None)
    return shutil.copytree(short_run, tmp_path / "run")


def move(run: Path, part: str) -> None:
    """Another VQ-VAE, as if it had been trained on."""
    weights = checkpoint.load_weights(run / VQVAE, "")
    name = next(name for name, value in weights.items() if name.startswith(part) and value.is_floating_point())
    checkpoint.save_weights(run / VQVAE, weights | {name: weights[name] + 1})


@pytest.mark.parametrize("part", ["encoder.", "codebook."])
def test_a_prior_on_tokens_of_an_earlier_vqvae_is_refused(part: str, run: Path, drawn_emojis: str) -> None:
    tokenizer.check(run)
    move(run, part)
    recipe = load_run(run)
    space = TokenSpace.load(run / "vocabulary.json", recipe.vqvae.codebook.size)
    for use in (
        lambda: run_training("prior", "tiny", drawn_emojis, run, SHORT | {"prior_optim.epochs": "2"}),
        lambda: build_bundle(run, run / "bundle"),
        lambda: load_prior(run, recipe, space),
    ):
        with pytest.raises(TrainerError, match="tokens of an earlier VQ-VAE") as caught:
            use()
        assert f"emoterm train prior --fresh --out {run}" in str(caught.value.fix)


def test_a_vqvae_that_trained_on_asks_for_a_fresh_prior(run: Path, drawn_emojis: str) -> None:
    longer = SHORT | {"vqvae_optim.epochs": "3"}
    with pytest.raises(TrainerError, match="tokens of an earlier VQ-VAE"):
        run_training("all", "tiny", drawn_emojis, run, longer)
    run_training("prior", "tiny", drawn_emojis, run, longer, resume=False)
    tokenizer.check(run)


def test_another_decoder_changes_no_token(run: Path) -> None:
    move(run, "decoder.")
    tokenizer.check(run)


def test_a_run_from_before_is_not_asked(run: Path, drawn_emojis: str) -> None:
    (run / tokenizer.NOTE).unlink()
    move(run, "encoder.")
    run_training("prior", "tiny", drawn_emojis, run, SHORT)
    assert not (run / tokenizer.NOTE).exists()  # nobody knows what its prior began with


def test_a_decoder_that_is_trained_alone_brings_along_whose_tokens_they_are(run: Path, drawn_emojis: str, tmp_path: Path) -> None:
    run_training("vqvae", "tiny", drawn_emojis, tmp_path / "alone", SHORT | {"vqvae.decoder_alone": "true"}, init=run)
    assert (tmp_path / "alone" / tokenizer.NOTE).read_bytes() == (run / tokenizer.NOTE).read_bytes()
    tokenizer.check(tmp_path / "alone")


def test_the_prior_of_another_run_goes_on_with_its_own_tokens_and_words_only(run: Path, drawn_emojis: str, tmp_path: Path) -> None:
    other = shutil.copytree(run, tmp_path / "other", ignore=shutil.ignore_patterns("prior"))
    run_training("prior", "tiny", drawn_emojis, other, SHORT, init=run, stop_after_steps=1)
    shutil.rmtree(other / "prior")
    words = json.loads((other / "vocabulary.json").read_text())
    (other / "vocabulary.json").write_text(json.dumps(words | {"words": words["words"][::-1]}))
    with pytest.raises(TrainerError, match="know different words"):
        run_training("prior", "tiny", drawn_emojis, other, SHORT, init=run)
    (other / "vocabulary.json").unlink()
    move(other, "codebook.")
    with pytest.raises(TrainerError, match="mean different things") as caught:
        run_training("prior", "tiny", drawn_emojis, other, SHORT, init=run)
    assert "--out" in str(caught.value.fix)
    assert not (other / "prior").exists()
