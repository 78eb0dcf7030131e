"""The figures of a training run: what is drawn, and that a file is whole or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from trainer import figures
from trainer.errors import TrainerError

VQVAE_LOG: list[dict[str, Any]] = [
    {"event": "start", "step": 0, "steps": 40},
    *(
        {"event": "train", "step": step, "epoch": step // 10, "lr": 1e-4, "loss": 1 / step, "commitment_loss": 0.1, "codebook_usage": 0.3}
        for step in range(10, 50, 10)
    ),
    {"event": "codebook_reset", "step": 20, "epoch": 2, "used_before": 6, "used_after": 4, "replaced": 2},
    {"event": "eval", "step": 20, "epoch": 2, "psnr": 21.0, "codebook_usage": 0.5},
    {"event": "eval", "step": 40, "epoch": 4, "psnr": 24.0, "codebook_usage": 0.75},
]


def has_colour(path: Path, rgb: tuple[int, int, int]) -> bool:
    """Is some pixel nearly of this colour? Lines have soft edges, so a little room is left."""
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return bool((np.abs(pixels - rgb).sum(-1) < 12).any())


def shown_axes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collects the axes of every figure that is saved."""
    seen: list[Any] = []
    save = figures.save_figure
    monkeypatch.setattr(figures, "save_figure", lambda figure, path: (seen.extend(figure.axes), save(figure, path))[1])
    return seen


def test_samples_lie_in_rows_with_straight_alpha_and_transparent_gaps(tmp_path: Path) -> None:
    pictures = torch.zeros(3, 4, 4, 4)
    pictures[0], pictures[1, 0], pictures[1, 3] = 1.0, 0.5, 0.5  # white; red at half alpha, associated
    figures.sample_grid(pictures, tmp_path / "samples.png", columns=2, scale=3, gap_px=1)
    sheet = np.asarray(Image.open(tmp_path / "samples.png"))
    assert sheet.shape == (9 * 3, 9 * 3, 4)
    assert sheet[0, 0].tolist() == [255, 255, 255, 255]
    assert sheet[0, 4 * 3].tolist() == [0, 0, 0, 0]
    assert sheet[0, 5 * 3].tolist() == [255, 0, 0, 128]
    assert sheet[5 * 3 :].max() == 0  # the third picture is empty, the fourth place too


def test_each_reconstruction_is_over_its_original(tmp_path: Path) -> None:
    red, green = torch.zeros(5, 4, 8, 8), torch.zeros(5, 4, 8, 8)
    red[:, 0], green[:, 1], red[:, 3], green[:, 3] = 1.0, 1.0, 1.0, 1.0
    figures.reconstruction_grid(red, green, tmp_path / "r.png", columns=3)
    pixels = np.asarray(Image.open(tmp_path / "r.png").convert("RGB")).astype(int)
    rows_red = np.flatnonzero((np.abs(pixels - (255, 0, 0)).sum(-1) < 12).any(1))
    rows_green = np.flatnonzero((np.abs(pixels - (0, 255, 0)).sum(-1) < 12).any(1))
    assert rows_red.min() < rows_green.min()
    assert rows_red.max() < rows_green.max()


def test_loss_curves_have_a_panel_for_each_unit_with_the_logged_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = shown_axes(monkeypatch)
    figures.loss_curves(VQVAE_LOG, tmp_path / "loss.png")
    assert [panel.get_ylabel() for panel in axes] == ["loss", "PSNR over white [dB]", "learning rate"]
    assert {panel.get_xlabel() for panel in axes} == {"optimizer step"}
    loss, psnr, _ = axes
    assert [line.get_label() for line in loss.lines] == ["training loss", "training commitment loss"]
    assert loss.lines[0].get_xydata().tolist() == [[step, 1 / step] for step in (10, 20, 30, 40)]
    assert psnr.lines[0].get_xydata().tolist() == [[20, 21.0], [40, 24.0]]
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_usage_curve_marks_each_reset_before_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = shown_axes(monkeypatch)
    figures.codebook_usage_curve(VQVAE_LOG, tmp_path / "usage.png", codebook_size=8)
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes[0].lines}
    assert lines["on the validation set"] == [[2, 50.0], [4, 75.0]]
    assert lines["in one training batch (mean)"] == [[epoch, 30.0] for epoch in (1, 2, 3, 4)]
    assert lines["before a reset (since the one before)"] == [[2, 75.0]]
    assert lines["after a reset (recent batch)"] == [[2, 50.0]]
    assert [text.get_text() for text in axes[0].texts] == ["2"]
    assert has_colour(tmp_path / "usage.png", (0xD1, 0x49, 0x5B))


def test_histogram_says_usage_entropy_and_perplexity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = shown_axes(monkeypatch)
    figures.usage_histogram(torch.tensor([0, 5, 5, 0]), tmp_path / "histogram.png")
    assert axes[0].get_title() == "50.0% of 4 codes used · entropy 1.00 bits (50.0% of the maximum) · codebook perplexity 2"
    assert [bar.get_height() for bar in axes[0].patches] == [50.0, 50.0, 0.0, 0.0]


def test_same_data_gives_the_same_bytes_and_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "figures" / "histogram.png"
    figures.usage_histogram(torch.tensor([1, 2, 3]), path)
    first = path.read_bytes()
    path.write_bytes(b"old")
    figures.usage_histogram(torch.tensor([1, 2, 3]), path)
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]


def test_a_log_without_metrics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="no losses"):
        figures.loss_curves(VQVAE_LOG[:1], tmp_path / "loss.png")
    with pytest.raises(TrainerError, match="no codebook usage"):
        figures.codebook_usage_curve(VQVAE_LOG[:1], tmp_path / "usage.png", codebook_size=8)
    assert list(tmp_path.iterdir()) == []
