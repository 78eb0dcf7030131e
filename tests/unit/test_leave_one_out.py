"""Styles that are left out of training, and the table of what that costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.leave_one_out import leave_one_out, reconstruction
from trainer.run import load_run
from trainer.train import run_training

pytestmark = pytest.mark.usefixtures("without_figures")
SHORT = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "0"}


@pytest.fixture(scope="module")
def data(drawn_emojis: str) -> str:
    return drawn_emojis


def test_a_style_or_all_the_others(data: str) -> None:
    emojis = load_emojis(data)
    style = emojis.styles[0]
    only, rest = emojis.of_style(style), emojis.of_style(style, without=True)
    assert only.styles == [style]
    assert rest.styles == emojis.styles[1:]
    assert len(only) + len(rest) == len(emojis)
    with pytest.raises(TrainerError, match="no style 'crayon'"):
        emojis.of_style("crayon")


def test_every_style_is_left_out_in_turn(data: str, tmp_path: Path) -> None:
    styles = load_emojis(data).styles
    table = leave_one_out(data, tmp_path, "tiny", SHORT)
    rows = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert rows == styles
    assert {load_run(tmp_path / style).data.leave_out_style for style in styles} == set(styles)
    assert load_run(tmp_path / "all").data.leave_out_style == ""
    # Another set of pictures is another model.
    unseen = load_emojis(data).split("test").of_style(styles[0])
    assert reconstruction(tmp_path / "all", unseen).psnr != reconstruction(tmp_path / styles[0], unseen).psnr
    assert leave_one_out(data, tmp_path, "tiny", SHORT) == table  # what is trained is not trained again


def test_without_a_run_of_all_styles_each_is_compared_with_one_that_lacks_the_next(data: str, tmp_path: Path) -> None:
    emojis = load_emojis(data)
    table = leave_one_out(data, tmp_path, "tiny", SHORT, with_all=False)
    assert not (tmp_path / "all").exists()
    styles = emojis.styles
    for line, style, other in zip(table.splitlines()[2:], styles, [*styles[1:], styles[0]], strict=True):
        pictures = emojis.split("test").of_style(style)
        seen, left_out = (reconstruction(tmp_path / name, pictures) for name in (other, style))
        assert line == f"| {style} | {seen.psnr:.2f} | {left_out.psnr:.2f} | {seen.ssim:.4f} | {left_out.ssim:.4f} |"


def test_one_style_alone(data: str, tmp_path: Path) -> None:
    style = load_emojis(data).styles[1]
    run_training("vqvae", "tiny", data, tmp_path / "run", SHORT | {"data.only_style": style})
    assert load_run(tmp_path / "run").data.only_style == style
    with pytest.raises(TrainerError, match="no style"):
        run_training("vqvae", "tiny", data, tmp_path / "other", SHORT | {"data.only_style": "crayon"})
