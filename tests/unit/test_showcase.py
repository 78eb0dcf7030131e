"""The pictures of a bundle, and WebP beside it."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from emoterm.bundle import open_bundle
from emoterm.codec import Codec
from emoterm.pipeline import Pipeline
from export import showcase, webp_baseline
from export.webp_baseline import webp_reconstructions
from tests.drawing import write_emojis
from tests.hostile.targets import TINY
from trainer import metrics
from trainer.data import EmojiSet, load_emojis


@pytest.fixture(scope="module")
def emojis(tmp_path_factory: pytest.TempPathFactory) -> EmojiSet:
    return load_emojis(str(write_emojis(tmp_path_factory.mktemp("data") / "emojis.parquet")))


def test_a_morph_goes_from_picture_to_picture(emojis: EmojiSet, monkeypatch: pytest.MonkeyPatch) -> None:
    style = emojis.styles[0]
    monkeypatch.setattr(showcase, "MORPHS", 2)
    ends = showcase.first_of(emojis, style, 3)
    with open_bundle(TINY) as bundle:
        codec = Codec(bundle, device="cpu")
        pictures = showcase.morphed(codec, emojis, style).reshape(2, showcase.STEPS, 4, 64, 64)
        wanted = codec.decode(codec.encode(ends.numpy())[0])
    for i in range(2):
        assert np.allclose(pictures[i, 0].numpy(), wanted[i], atol=1e-5)
        assert np.allclose(pictures[i, -1].numpy(), wanted[i + 1], atol=1e-5)


def test_an_emoji_comes_once_in_a_fixed_order(emojis: EmojiSet) -> None:
    style = emojis.styles[0]
    three = showcase.first_of(emojis, style, 3)
    assert torch.equal(three, showcase.first_of(emojis, style, 5)[:3])
    bases = {row.base for row in emojis.rows if row.style == style}
    assert len(showcase.first_of(emojis, style, 10_000)) == len(bases)


def test_every_picture_of_a_sheet_is_drawn(emojis: EmojiSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showcase, "PROMPTS", ("cat", "heart"))
    monkeypatch.setattr(showcase, "PER_STYLE", 2)
    monkeypatch.setattr(showcase, "RESTYLED", 2)
    with open_bundle(TINY) as bundle:
        pipeline = Pipeline.of(bundle, device="cpu")
        codec, prior = pipeline.codec, pipeline.prior
        styles = [style for style in prior.vocabulary.styles if style in emojis.styles]
        assert styles
        assert len(showcase.prompted(pipeline)) == 2 * len(prior.vocabulary.styles)
        assert len(showcase.restyled(codec, prior, emojis, styles)) == 2 * (1 + len(styles))
        assert len(showcase.beside_webp(bundle, codec, emojis, styles)) == 3 * 2 * len(styles)


def test_webp_gets_better_with_more_bytes(emojis: EmojiSet) -> None:
    pictures = emojis.images[:6].float() / 255
    white = metrics.over_white(pictures)
    small, large = (metrics.psnr(webp_reconstructions(pictures, size), white) for size in (200, 2000))
    assert bool((small < large).all())
    with pytest.raises(ValueError, match="at most 20 bytes"):
        webp_reconstructions(pictures, 20)


@pytest.mark.parametrize("program", [showcase, webp_baseline], ids=["showcase", "webp_baseline"])
def test_data_that_is_not_there_is_told_in_a_sentence(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["program", "--data", "/nofile.parquet"])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    assert "/nofile.parquet" in capsys.readouterr().err
