"""The figures an evaluation prints, against values worked out by hand or by another path."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.drawing import write_emojis
from trainer import metrics
from trainer.data import load_emojis
from trainer.recipes import load_recipe
from trainer.train_vqvae import VQVAEStage


def pictures(n: int, seed: int = 0, channels: int = 4) -> Tensor:
    """Random associated RGBA, or RGB: (n, C, 16, 16)."""
    x = torch.rand(n, channels, 16, 16, generator=torch.Generator().manual_seed(seed))
    if channels == 4:
        x[:, :3] *= x[:, 3:]
    return x


def test_over_white_keeps_opaque_fills_transparent_and_mixes_between() -> None:
    x = torch.tensor([[0.2, 0.4, 0.6, 1.0], [0.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.0, 0.5]]).T.reshape(1, 4, 1, 3)
    expected = torch.tensor([[0.2, 0.4, 0.6], [1.0, 1.0, 1.0], [1.0, 0.5, 0.5]]).T.reshape(1, 3, 1, 3)
    torch.testing.assert_close(metrics.over_white(x), expected)


def test_mse_and_psnr_of_a_constant_offset() -> None:
    x = torch.full((2, 3, 8, 8), 0.5)
    x_hat = x + torch.tensor([0.1, 0.01])[:, None, None, None]
    torch.testing.assert_close(metrics.mse(x_hat, x), torch.tensor([0.01, 0.0001]))
    torch.testing.assert_close(metrics.psnr(x_hat, x), torch.tensor([20.0, 40.0]), atol=1e-3, rtol=0)


def test_psnr_of_the_mean_error_is_not_the_mean_psnr() -> None:
    error = torch.tensor([0.01, 0.0001])
    assert metrics.psnr_of_mean_mse(error) == pytest.approx(-10 * math.log10(0.00505), abs=1e-4)
    assert metrics.psnr_of_mean_mse(error) < float(metrics.psnr_of(error).mean())


def test_equal_pictures_have_a_finite_psnr_and_full_similarity() -> None:
    x = pictures(3, channels=3)
    assert metrics.psnr(x, x).tolist() == [100.0] * 3
    torch.testing.assert_close(metrics.ssim(x, x), torch.ones(3))


def test_ssim_of_a_picture_does_not_depend_on_its_batch() -> None:
    x, x_hat = pictures(4, channels=3), pictures(4, seed=1, channels=3)
    together = metrics.ssim(x_hat, x)
    alone = torch.cat([metrics.ssim(x_hat[i : i + 1], x[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(together, alone)
    assert together.max() < 0.5


def test_ssim_of_flat_pictures_is_the_luminance_term() -> None:
    # Wang et al. 2004, eq. 13 without variance: (2 μ₁ μ₂ + c₁) / (μ₁² + μ₂² + c₁), c₁ = 0.01²
    a, b = torch.full((1, 3, 16, 16), 0.2), torch.full((1, 3, 16, 16), 0.6)
    assert metrics.ssim(a, b).item() == pytest.approx((2 * 0.12 + 1e-4) / (0.04 + 0.36 + 1e-4), rel=1e-3)


def test_alpha_iou_of_half_overlap_and_of_nothing() -> None:
    x, x_hat = torch.zeros(2, 4, 4, 4), torch.zeros(2, 4, 4, 4)
    x[0, 3, :2], x_hat[0, 3, 1:3] = 1.0, 1.0  # rows 0–1 and 1–2: one row of three in common
    assert metrics.alpha_iou(x_hat, x).tolist() == pytest.approx([1 / 3, 1.0])


def test_a_pixel_that_is_just_half_there_is_inside() -> None:
    half, whole = torch.full((1, 4, 8, 8), 0.5), torch.ones(1, 4, 8, 8)
    assert metrics.alpha_iou(half, whole).tolist() == [1.0]
    assert metrics.alpha_iou(half - 1e-3, whole).tolist() == [0.0]


def test_usage_entropy_and_perplexity_of_known_counts() -> None:
    counts = metrics.code_counts(torch.tensor([[0, 1], [2, 3]]), 8)
    assert counts.tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert metrics.codebook_usage(counts) == 0.5
    assert metrics.codebook_entropy_bits(counts) == pytest.approx(2)
    assert metrics.codebook_entropy_share(counts) == pytest.approx(2 / 3)
    assert metrics.codebook_perplexity(counts) == pytest.approx(4)


def test_codebook_figures_at_their_limits() -> None:
    uniform, single, none = torch.ones(512), torch.eye(512)[3] * 7, torch.zeros(512)
    assert metrics.codebook_entropy_share(uniform) == pytest.approx(1)
    assert (metrics.codebook_entropy_bits(single), metrics.codebook_perplexity(single)) == (0, 1)
    assert (metrics.codebook_usage(none), metrics.codebook_entropy_bits(none)) == (0, 0)


def test_report_equals_unchunked_means_overall_and_per_style() -> None:
    n = 130  # two chunks
    x, x_hat = pictures(n), pictures(n, seed=1)
    styles = ["noto" if i % 3 else "blob" for i in range(n)]
    report = metrics.reconstruction_report(x_hat, x, styles)
    white_hat, white = metrics.over_white(x_hat), metrics.over_white(x)
    assert report.overall.n == n
    assert report.overall.psnr == pytest.approx(float(metrics.psnr(white_hat, white).mean()), rel=1e-5)
    assert report.overall.ssim == pytest.approx(float(metrics.ssim(white_hat, white).mean()), abs=1e-5)
    assert report.overall.alpha_iou == pytest.approx(float(metrics.alpha_iou(x_hat, x).mean()), rel=1e-5)
    blob = metrics.reconstruction_report(x_hat[::3], x[::3]).overall
    assert list(report.styles) == ["blob", "noto"]
    assert report.styles["blob"].n == blob.n == 44
    assert report.styles["blob"].mse == pytest.approx(blob.mse, rel=1e-5)
    assert report.to_dict()["styles"]["noto"]["n"] == n - 44


def test_report_of_uint8_equals_that_of_float_and_rgb_has_no_alpha() -> None:
    x = (pictures(3, channels=3) * 255).to(torch.uint8)
    x_hat = 255 - x
    report = metrics.reconstruction_report(x_hat, x)
    assert report == metrics.reconstruction_report(x_hat.float() / 255, x.float() / 255)
    assert report.overall.alpha_iou is None


def test_report_refuses_sets_that_do_not_match() -> None:
    x = pictures(2)
    with pytest.raises(ValueError, match="do not match"):
        metrics.reconstruction_report(x[:1], x)
    with pytest.raises(ValueError, match="do not match"):
        metrics.reconstruction_report(x, x, ["noto"])
    with pytest.raises(ValueError, match="do not match"):
        metrics.reconstruction_report(x[:0], x[:0])


def test_the_log_of_a_run_names_its_figures_as_the_yardstick_does(tmp_path: Path) -> None:
    emojis, recipe = load_emojis(str(write_emojis(tmp_path / "emojis.parquet"))), load_recipe("tiny")
    stage = VQVAEStage(recipe, emojis.split("train"), emojis.split("test"), torch.device("cpu"))
    stage.model.eval()
    with torch.no_grad():
        found = stage.evaluate()
        indices = stage.model.encode(stage.validation.float() / 255)[1]
    counts = metrics.code_counts(indices, recipe.vqvae.codebook.size)
    assert found["codebook_entropy_share"] == pytest.approx(metrics.codebook_entropy_share(counts))
    assert found.keys() == {"objective", "psnr", "mse", "codebook_usage", "codebook_entropy_share"}
