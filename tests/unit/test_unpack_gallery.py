"""The tokens of a gallery as those that were searched for, so that the next bundle of the run has them without a search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from emoterm.bundle import Bundle
from emoterm.errors import UsageError
from emoterm.gallery import Gallery
from export.unpack_gallery import unpack_gallery
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.searched import load_searched


@pytest.fixture(scope="module")
def emojis(drawn_emojis: str) -> EmojiSet:
    return load_emojis(drawn_emojis)


@pytest.fixture(scope="module")
def searched(tiny_bundle: Bundle, emojis: EmojiSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "searched"
    unpack_gallery(tiny_bundle, emojis, folder)
    return folder


def test_each_picture_of_each_split_has_the_tokens_of_its_row(tiny_bundle: Bundle, emojis: EmojiSet, searched: Path) -> None:
    tokens = Gallery(tiny_bundle).token_rows(0, len(emojis))
    seen = 0
    for split in ("train", "test"):
        of_split = np.flatnonzero([row.split == split for row in emojis.rows])
        rows, found = load_searched(searched, split, emojis.split(split).images, torch.from_numpy(tiny_bundle.codebook()))
        assert sorted(rows.tolist()) == list(range(len(of_split)))
        assert np.array_equal(found.numpy(), tokens[of_split[rows.numpy()]])
        seen += len(of_split)
    assert seen == len(emojis)


def test_a_gallery_of_other_data_is_refused(tiny_bundle: Bundle, emojis: EmojiSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not of this data"):
        unpack_gallery(tiny_bundle, emojis.split("train"), tmp_path / "searched")
    assert not (tmp_path / "searched").exists()


def test_the_tokens_are_those_of_these_pictures_alone(tiny_bundle: Bundle, emojis: EmojiSet, searched: Path) -> None:
    with pytest.raises(TrainerError, match="no tokens of these"):
        load_searched(searched, "train", emojis.split("train").images.flip(0), torch.from_numpy(tiny_bundle.codebook()))
