"""Tokens that were searched for, and a decoder that learns from them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import export.search_dataset
import trainer.searched
from emoterm.bundle import Bundle
from emoterm.codec import Codec
from emoterm.errors import UsageError
from emoterm.token_search import search_tokens
from export.encode_gallery import encode_gallery
from export.search_dataset import Model, bundle_model, run_model, search_dataset
from export.torch_codec import TorchCodec
from trainer import checkpoint
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.run import load_run, load_vqvae
from trainer.searched import ABOUT, CODES, DIGEST, PART, SEARCHED, load_searched, part_count, part_file, part_rows
from trainer.train import run_training

torch.set_num_threads(1)

SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}
ALONE = SHORT | {"vqvae.decoder_alone": "true"}


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


@pytest.fixture(scope="module")
def train(data: str) -> EmojiSet:
    return load_emojis(data).split("train")


@pytest.fixture(scope="module")
def tiny_model(tiny_bundle_path: Path) -> Model:
    return bundle_model(str(tiny_bundle_path))


@pytest.fixture(scope="module")
def searched(tiny_model: Model, train: EmojiSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("searched") / SEARCHED
    search_dataset(tiny_model, train, folder, split="train", effort=1)
    return folder


@pytest.fixture(scope="module")
def codes(tiny_bundle: Bundle) -> torch.Tensor:
    """Those that the tokens of the search stand for."""
    return torch.from_numpy(tiny_bundle.codebook())


@pytest.mark.parametrize("n", [1, PART - 1, PART, PART + 1, 10 * PART + 3])
def test_every_picture_is_in_one_part(n: int) -> None:
    rows = [part_rows(part, n) for part in range(part_count(n))]
    assert sorted(torch.cat(rows).tolist()) == list(range(n))
    assert max(map(len, rows)) <= PART


def test_what_is_written_is_what_a_search_finds(searched: Path, codes: torch.Tensor, tiny_bundle: Bundle, train: EmojiSet) -> None:
    rows, tokens = load_searched(searched, "train", train.images, codes)
    assert sorted(rows.tolist()) == list(range(len(train)))
    chosen = rows[:3]
    found = search_tokens(train.images[chosen].float().numpy() / 255, codec=Codec(tiny_bundle, device="cpu"), effort=1)
    assert np.array_equal(tokens[:3].numpy(), found.reshape(3, -1))


def test_a_search_goes_on_where_it_stood_and_refuses_another(
    tiny_model: Model, train: EmojiSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.searched, "PART", 15)
    files = [part_file(tmp_path / "train", part) for part in range(part_count(len(train)))]
    assert len(files) > 2
    search_dataset(tiny_model, train, tmp_path, split="train", effort=1)
    before = [file.read_bytes() for file in files]
    files[1].unlink()
    searches: list[int] = []

    def search(images: np.ndarray, **options: Any) -> np.ndarray:
        searches.append(len(images))
        return search_tokens(images, **options)

    monkeypatch.setattr(export.search_dataset, "search_tokens", search)
    search_dataset(tiny_model, train, tmp_path, split="train", effort=1)
    assert searches == [len(part_rows(1, len(train)))]
    assert [file.read_bytes() for file in files] == before
    with pytest.raises(UsageError, match="another search"):
        search_dataset(tiny_model, train, tmp_path, split="train", effort=2)


def test_several_processes_find_what_one_finds(
    searched: Path, codes: torch.Tensor, tiny_model: Model, train: EmojiSet, tmp_path: Path
) -> None:
    search_dataset(tiny_model, train, tmp_path, split="train", effort=1, processes=2)
    for ours, others in zip(
        load_searched(tmp_path, "train", train.images, codes), load_searched(searched, "train", train.images, codes), strict=True
    ):
        assert torch.equal(ours, others)


def test_tokens_of_other_pictures_are_refused(searched: Path, codes: torch.Tensor, train: EmojiSet, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="no tokens of these"):
        load_searched(searched, "train", torch.cat([train.images, train.images[:1]]), codes)
    with pytest.raises(TrainerError, match="cannot be read") as caught:
        load_searched(tmp_path, "train", train.images, codes)
    assert "search_dataset" in str(caught.value.fix)


def test_tokens_of_as_many_other_pictures_are_refused(
    searched: Path, codes: torch.Tensor, tiny_model: Model, train: EmojiSet, tmp_path: Path
) -> None:
    others = EmojiSet(train.images.flip(0), train.rows[::-1])  # the same ones in another order: each would be given another's tokens
    with pytest.raises(TrainerError, match="no tokens of these"):
        load_searched(searched, "train", others.images, codes)
    shutil.copytree(searched, tmp_path / SEARCHED)
    with pytest.raises(UsageError, match="other data"):
        search_dataset(tiny_model, others, tmp_path / SEARCHED, split="train", effort=1)
    # A search from before told pictures by their number; it goes on, and what it found is read.
    about = tmp_path / SEARCHED / "train" / ABOUT
    before = {key: value for key, value in json.loads(about.read_text()).items() if key not in (DIGEST, CODES)}
    about.write_text(json.dumps(before))
    search_dataset(tiny_model, train, tmp_path / SEARCHED, split="train", effort=1)
    assert json.loads(about.read_text()) == before
    assert len(load_searched(tmp_path / SEARCHED, "train", others.images, codes)[0]) == len(train)


def test_the_gallery_shows_what_decodes_better(
    searched: Path, codes: torch.Tensor, tiny_bundle: Bundle, tiny_bundle_path: Path, train: EmojiSet, data: str, tmp_path: Path
) -> None:
    emojis, is_train = load_emojis(data), torch.tensor([row.split == "train" for row in load_emojis(data).rows])
    plain, worth = encode_gallery(tiny_bundle_path, emojis, tmp_path)
    assert worth["searched"] == 0
    assert worth["psnr"] == worth["psnr_nearest"]
    # Half of them are spoilt, as tokens of another decoder might be.
    shutil.copytree(searched, tmp_path / SEARCHED)
    rows, tokens = load_searched(searched, "train", train.images, codes)
    spoilt = torch.arange(len(tokens)) % 2 == 0
    tokens[spoilt] = 0
    np.save(part_file(tmp_path / SEARCHED / "train", 0), tokens.numpy())
    shown, worth = encode_gallery(tiny_bundle_path, emojis, tmp_path / SEARCHED)
    assert np.array_equal(shown[~is_train.numpy()], plain[~is_train.numpy()])
    found = (is_train.nonzero()[:, 0][rows]).numpy()
    assert np.array_equal(shown[found[spoilt]], plain[found[spoilt]])
    assert np.array_equal(shown[found[~spoilt]], tokens[~spoilt])
    differs = (plain[found[~spoilt]] != tokens[~spoilt].numpy()).any(axis=1)
    assert worth["searched"] == differs.sum() > 0
    assert worth["psnr"] > worth["psnr_nearest"]


@pytest.mark.usefixtures("without_figures")
def test_the_decoder_learns_from_them_and_every_token_keeps_its_meaning(data: str, short_run: Path, tmp_path: Path) -> None:
    train = load_emojis(data).split("train")
    search_dataset(run_model(short_run), train, tmp_path / "own", split="train", effort=1)
    rows, tokens = load_searched(tmp_path / "own", "train", train.images, load_vqvae(short_run, load_run(short_run)).codebook.codes)
    codec = TorchCodec(load_vqvae(short_run, load_run(short_run)))
    own = search_tokens(train.images[rows[:2]].float().numpy() / 255, codec=codec, effort=1)
    assert np.array_equal(tokens[:2].numpy(), own.reshape(2, -1))
    ends = []
    for share in ("0", "1"):
        run = tmp_path / share
        shutil.copytree(tmp_path / "own", run / SEARCHED)
        run_training("vqvae", "tiny", data, run, ALONE | {"vqvae.searched_share": share}, init=short_run)
        ends.append(checkpoint.load_weights(run / "vqvae" / "weights.safetensors", ""))
    without, with_searched = ends
    changed = {name.split(".")[0] for name in without if not torch.equal(without[name], with_searched[name])}
    assert changed == {"decoder"}


def test_only_a_decoder_that_is_trained_alone_wants_them(data: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="trained alone"):
        run_training("vqvae", "tiny", data, tmp_path / "run", SHORT | {"vqvae.searched_share": "0.5"})


def test_tokens_of_another_codebook_are_refused(searched: Path, codes: torch.Tensor, train: EmojiSet, tmp_path: Path) -> None:
    rounded = codes.half().float()  # as a bundle ships it
    load_searched(searched, "train", train.images, rounded)
    with pytest.raises(TrainerError, match="of another codebook") as caught:
        load_searched(searched, "train", train.images, codes.flip(0))
    assert "search_dataset --run" in str(caught.value.fix)
    # A search from before tells by its tokens at most.
    about = shutil.copytree(searched, tmp_path / SEARCHED) / "train" / ABOUT
    about.write_text(json.dumps({key: value for key, value in json.loads(about.read_text()).items() if key != CODES}))
    load_searched(tmp_path / SEARCHED, "train", train.images, codes.flip(0))
    with pytest.raises(TrainerError, match="of another codebook"):
        load_searched(tmp_path / SEARCHED, "train", train.images, codes[:8])
