"""A search for tokens with the networks of a training run, before there is a bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from emoterm.bundle import Bundle
from emoterm.codec import Codec
from export.left_out import searched_reconstruction
from export.torch_codec import BATCH, TorchCodec
from tests.drawing import write_emojis
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.leave_one_out import compare, reconstruction
from trainer.run import load_run, load_vqvae
from trainer.train import run_training

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> EmojiSet:
    return load_emojis(str(write_emojis(tmp_path_factory.mktemp("data") / "emojis.parquet"))).split("test")


@pytest.fixture(scope="module")
def run(unpacked_tiny_bundle: Path) -> Path:
    return unpacked_tiny_bundle


def test_it_is_the_codec_of_the_bundle_in_full_precision(run: Path, tiny_bundle: Bundle, unseen: EmojiSet) -> None:
    ours, theirs = TorchCodec(load_vqvae(run, load_run(run))), Codec(tiny_bundle, device="cpu")
    images = unseen.images.float().numpy() / np.float32(255)
    (z, tokens), (z_theirs, tokens_theirs) = ours.encode(images), theirs.encode(images)
    assert np.abs(z - z_theirs).max() < 0.05
    assert (tokens == tokens_theirs).mean() > 0.95
    many = np.tile(tokens.reshape(len(tokens), -1), (BATCH // len(tokens) + 1, 1))
    assert np.abs(ours.decode_tokens(many) - theirs.decode_tokens(many)).max() < 0.1
    codes, distances = ours.nearest(z, 5)
    codes_theirs, distances_theirs = theirs.nearest(z, 5)
    assert np.array_equal(codes, codes_theirs)
    assert np.allclose(distances - distances[..., :1], distances_theirs - distances_theirs[..., :1], atol=1e-5)
    assert np.array_equal(codes[..., 0], tokens)


def test_a_search_brings_a_run_closer_to_pictures(run: Path, unseen: EmojiSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.searched.PART", 5)  # so that the tokens come in another order than the pictures
    nearest = reconstruction(run, unseen)
    assert searched_reconstruction(run, unseen, effort=0).psnr == pytest.approx(nearest.psnr, abs=1e-3)
    assert searched_reconstruction(run, unseen, effort=1).psnr > nearest.psnr + 0.1


def test_a_run_without_alpha_is_measured_over_white(tmp_path: Path) -> None:
    data = str(write_emojis(tmp_path / "emojis.parquet"))
    run_training(
        "vqvae", "tiny", data, tmp_path / "run", {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "data.channels": "3"}
    )
    pictures = load_emojis(data).split("test")
    assert searched_reconstruction(tmp_path / "run", pictures, effort=0).psnr == pytest.approx(
        reconstruction(tmp_path / "run", pictures).psnr, abs=1e-3
    )


def test_a_run_that_is_missing(tmp_path: Path, unseen: EmojiSet) -> None:
    with pytest.raises(TrainerError):
        compare(unseen, tmp_path, searched_reconstruction)
