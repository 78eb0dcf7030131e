"""Figures of a training run, as PNG files.

    N pictures · K codes · pictures are (N, C, H, W), float in [0, 1] or uint8, RGBA with associated alpha (C = 4) or RGB (C = 3)

Curves are drawn from the records of ``metrics.jsonl`` (:func:`trainer.progress.read_log`). Every file is replaced in one move, so a viewer
never sees half a figure.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer import checkpoint, metrics
from trainer.errors import TrainerError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Record = Mapping[str, Any]

_TRAIN, _EVAL, _RESET = "#9a9a9a", "#1f6fb4", "#d1495b"
_DPI = 110
# A panel is a quantity with its unit; a metric is drawn in each panel whose test it passes.
_PANELS: dict[str, Callable[[str], bool]] = {
    "loss": lambda name: name.endswith("loss"),
    "PSNR over white [dB]": lambda name: name == "psnr",
    "bits per emoji": lambda name: name.startswith("bits"),
    "learning rate": lambda name: name == "lr",
}
_LOG_SCALE = frozenset({"loss", "learning rate"})


def reconstruction_grid(x_hat: Tensor, x: Tensor, path: Path, *, columns: int = 12) -> None:
    """Each reconstruction over its original, on white.

    Args:
        x_hat: reconstructions, (N, C, H, W).
        x: originals, the same shape.
        path: the PNG to write.
        columns: pairs side by side.
    """
    n, size = len(x), x.shape[-1]
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    pairs = torch.stack([_rgb_over_white(x_hat), _rgb_over_white(x)], dim=1)  # (N, 2, 3, H, W)
    pad = torch.ones(rows * columns - n, *pairs.shape[1:])
    # (R·C, 2, 3, H, W) → (R, C, 2, 3, H, W) → (R, 2, H, C, W, 3) → (R·2·H, C·W, 3)
    sheet = (
        torch.cat([pairs, pad]).view(rows, columns, 2, 3, size, size).permute(0, 2, 4, 1, 5, 3).reshape(rows * 2 * size, columns * size, 3)
    )
    figure = new_figure(1.4 + columns * 0.75, 0.5 + rows * 1.5)
    axes = figure.subplots()
    axes.imshow(sheet.numpy(), interpolation="nearest")
    axes.set_yticks([size * (i + 0.5) for i in range(2 * rows)], ["reconstruction", "original"] * rows)
    axes.set_xticks([])
    axes.tick_params(left=False)
    for row in range(1, rows):
        axes.axhline(2 * size * row - 0.5, color="#cccccc", linewidth=1)
    axes.set_title(f"Reconstructions over originals, n = {n}")
    save_figure(figure, path)


def loss_curves(records: Sequence[Record], path: Path) -> None:
    """Training and validation metrics against the optimizer step, one panel for each unit.

    Raises:
        TrainerError: the log has no metric to draw.
    """
    curves = _curves(records)
    panels = {title: [key for key in curves if test(key[1])] for title, test in _PANELS.items()}
    panels = {title: keys for title, keys in panels.items() if keys}
    if not panels:
        raise TrainerError("The metrics log has no losses to draw.", fix="Train for some steps first.")
    figure = new_figure(4.8 * len(panels), 3.6)
    for axes, (title, keys) in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels.items(), strict=True):
        for number, (event, name) in enumerate(keys):
            steps, values = zip(*curves[event, name], strict=True)
            validation = event == "eval"
            label = _legend(name, "validation" if validation else "training")
            style = {"marker": "o", "markersize": 3, "linewidth": 1.6} if validation else {"linewidth": 1.0}
            axes.plot(steps, values, label=label, color=f"C{number}", **style)
        if title in _LOG_SCALE and all(value > 0 for key in keys for _, value in curves[key]):
            axes.set_yscale("log")
        _label(axes, "optimizer step", title)
        axes.legend(fontsize=8, frameon=False, loc="upper right")  # looking for the best place takes seconds on a busy machine
    save_figure(figure, path)


def codebook_usage_curve(records: Sequence[Record], path: Path, *, codebook_size: int) -> None:
    """Share of the codes in use, epoch by epoch, with a mark at each reset of unused codes.

    At a reset the mark runs from the codes used since the reset before to the codes that the recent batch uses afterwards; the number
    beside it says how many were replaced.

    Raises:
        TrainerError: the log has neither usage nor resets.
    """
    per_epoch: dict[str, dict[int, list[float]]] = {"train": defaultdict(list), "eval": defaultdict(list)}
    for record in records:
        if record.get("event") in per_epoch and record.get("codebook_usage") is not None:
            per_epoch[record["event"]][record["epoch"]].append(100 * record["codebook_usage"])
    resets = [record for record in records if record.get("event") == "codebook_reset"]
    if not resets and not any(per_epoch.values()):
        raise TrainerError("The metrics log has no codebook usage.", fix="Only the log of the VQ-VAE has it.")
    figure = new_figure(8, 3.8)
    axes = figure.subplots()
    for event, label, color in (("train", "in one training batch (mean)", _TRAIN), ("eval", "on the validation set", _EVAL)):
        if points := sorted(per_epoch[event].items()):
            axes.plot(
                [epoch for epoch, _ in points],
                [np.mean(values) for _, values in points],
                label=label,
                color=color,
                marker="o",
                markersize=3,
            )
    if resets:
        epochs = [record["epoch"] for record in resets]
        before = [100 * record["used_before"] / codebook_size for record in resets]
        after = [100 * record["used_after"] / codebook_size for record in resets]
        axes.vlines(epochs, before, after, color=_RESET, linewidth=1)
        axes.plot(epochs, before, "o", color=_RESET, markersize=5, label="before a reset (since the one before)")
        axes.plot(epochs, after, "^", color=_RESET, markerfacecolor="white", markersize=6, label="after a reset (recent batch)")
        for epoch, record in zip(epochs, resets, strict=True):
            axes.axvline(epoch, color=_RESET, alpha=0.15, linewidth=1)
            axes.annotate(str(record["replaced"]), (epoch, 103), ha="center", va="bottom", fontsize=7, color=_RESET, annotation_clip=False)
        axes.set_title("Codebook usage (red numbers: codes replaced)", pad=18)
    else:
        axes.set_title("Codebook usage")
    axes.set_ylim(0, 103)
    _label(axes, "epoch", f"codes in use [% of {codebook_size}]")
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    save_figure(figure, path)


def usage_histogram(counts: Tensor, path: Path) -> None:
    """How often each code is used, most frequent first, with the entropy of the codes.

    Args:
        counts: (K,) uses of each code.
        path: the PNG to write.
    """
    counts = counts.cpu()
    share = 100 * counts.double() / counts.sum().clamp(min=1)
    figure = new_figure(8, 3.8)
    axes = figure.subplots()
    axes.bar(range(1, len(counts) + 1), share.sort(descending=True).values.numpy(), width=1.0, color=_EVAL)
    axes.axhline(100 / len(counts), color=_RESET, linewidth=1, linestyle="--", label="all equally frequent")
    axes.set_xlim(0.5, len(counts) + 0.5)
    axes.set_title(
        f"{100 * metrics.codebook_usage(counts):.1f}% of {len(counts)} codes used · "
        f"entropy {metrics.codebook_entropy_bits(counts):.2f} bits ({100 * metrics.codebook_entropy_share(counts):.1f}% of the maximum) · "
        f"codebook perplexity {metrics.codebook_perplexity(counts):.0f}",
        fontsize=10,
    )
    _label(axes, "codes, most frequent first", "share of all tokens [%]")
    axes.legend(fontsize=8, frameon=False, loc="upper right")
    save_figure(figure, path)


def sample_grid(pictures: Tensor, path: Path, *, columns: int = 8, scale: int = 1, gap_px: int = 2) -> None:
    """Pictures side by side, transparent where they are, each pixel ``scale`` wide.

    Args:
        pictures: (N, C, H, W).
        path: the PNG to write.
        columns: pictures in a row.
        scale: whole factor.
        gap_px: space between pictures, before scaling.
    """
    rgba = _to_straight(pictures)  # (N, H, W, 4)
    n, height, width, _ = rgba.shape
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    sheet = np.zeros((rows * (height + gap_px) - gap_px, columns * (width + gap_px) - gap_px, 4), dtype=np.uint8)
    for i, picture in enumerate(rgba):
        top, left = i // columns * (height + gap_px), i % columns * (width + gap_px)
        sheet[top : top + height, left : left + width] = picture
    image = Image.fromarray(sheet)
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.write_atomic(path, buffer.getvalue())


def _curves(records: Sequence[Record]) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """(event, metric) → its (step, value) pairs, training before validation."""
    curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for event in ("train", "eval"):
        for record in records:
            if record.get("event") == event:
                for name, value in record.items():
                    if isinstance(value, float | int) and name not in ("step", "epoch"):
                        curves.setdefault((event, name), []).append((record["step"], value))
    return curves


def _legend(name: str, phase: str) -> str:
    words = name.replace("_", " ")
    return words if "train" in words or "validation" in words else f"{phase} {words}"


def _unit(pictures: Tensor) -> Tensor:
    pictures = pictures.detach().cpu()
    return pictures.float() / 255 if pictures.dtype == torch.uint8 else pictures.float().clamp(0, 1)


def _rgb_over_white(pictures: Tensor) -> Tensor:
    pictures = _unit(pictures)
    return metrics.over_white(pictures).clamp(0, 1) if pictures.shape[1] == 4 else pictures


def _to_straight(pictures: Tensor) -> np.ndarray:
    """(N, C, H, W) associated → (N, H, W, 4) uint8, straight alpha."""
    x = _unit(pictures)
    alpha = x[:, 3:] if x.shape[1] == 4 else torch.ones_like(x[:, :1])
    rgb = torch.where(alpha > 0, x[:, :3] / alpha.clamp(min=1e-6), 0.0).clamp(0, 1)
    return (torch.cat([rgb, alpha], 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def new_figure(width: float, height: float) -> Figure:
    """A figure of its own, in inches; without pyplot there is no global state and no display.

    Raises:
        TrainerError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise TrainerError("Drawing figures needs matplotlib.", fix="pip install 'emoterm[train]'") from None
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG in one move."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})  # no version in the file: same data, same bytes
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.write_atomic(path, buffer.getvalue())
