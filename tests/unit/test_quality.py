"""Reconstruction metrics against torchmetrics, and the laws that need no reference."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm import quality


def pictures(seed: int, n: int = 3) -> np.ndarray:
    """(n, 3, 64, 64) float32: noise that is smooth enough to have structure."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.random((n, 3, 16, 16)), np.ones((4, 4))).astype(np.float32)


def test_mse_psnr_and_ssim_agree_with_torchmetrics() -> None:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional.image")
    a = pictures(0)
    b = np.clip(a + np.random.default_rng(1).normal(0, 0.1, a.shape), 0, 1).astype(np.float32)
    ours = quality.ssim(a, b)
    theirs = functional.structural_similarity_index_measure(torch.tensor(b), torch.tensor(a), data_range=1.0, reduction="none")
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5)
    psnr = functional.peak_signal_noise_ratio(torch.tensor(b), torch.tensor(a), data_range=1.0, reduction="none", dim=(1, 2, 3))
    np.testing.assert_allclose(quality.psnr(a, b), psnr.numpy(), atol=1e-4)
    np.testing.assert_allclose(quality.mse(a, b), ((torch.tensor(a) - torch.tensor(b)) ** 2).mean(dim=(1, 2, 3)).numpy(), rtol=1e-5)


def test_equal_pictures_have_no_error_and_similarity_one() -> None:
    a = pictures(2)
    assert quality.mse(a, a).tolist() == [0.0, 0.0, 0.0]
    assert np.isposinf(quality.psnr(a, a)).all()
    np.testing.assert_allclose(quality.ssim(a, a), 1.0, atol=1e-12)


def test_a_known_error_has_the_known_psnr() -> None:
    a = np.zeros((3, 64, 64), np.float32)
    assert quality.psnr(a, a + np.float32(0.1)) == pytest.approx(20.0, abs=1e-5)


def test_one_picture_gives_the_number_it_has_in_a_batch() -> None:
    a, b = pictures(3), pictures(4)
    assert quality.ssim(a[1], b[1]) == quality.ssim(a, b)[1]
