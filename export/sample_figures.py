"""The figures of a sample measurement that are curves, as PNG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trainer.figures import new_figure, save_figure

_COLORS = {"samples": "#1f6fb4", "reconstructions": "#d1495b", "real": "#5a5a5a"}


def draw_curves(curves: Mapping[str, Mapping[str, Sequence[float]]], retrieval: Path, nearest: Path) -> None:
    """Draw ``curves`` of :meth:`export.sample_yardstick.SampleYardstick.score`.

    Args:
        curves: name → column → values.
        retrieval: PNG of the share of prompts answered among the first k, for every k.
        nearest: PNG of how near pictures are to the nearest training picture.
    """
    figure = new_figure(9.6, 3.6)
    for axes, (name, title) in zip(
        figure.subplots(1, 2, sharey=True),
        {"retrieval_known": "names it was trained on", "retrieval_unseen": "held-out names"}.items(),
        strict=True,
    ):
        for column, values in curves[name].items():
            axes.plot(range(1, len(values) + 1), [100 * value for value in values], label=column, color=_COLORS[column])
        alone = curves[f"words_alone_{name}"]["samples"]
        axes.plot(range(1, len(alone) + 1), [100 * value for value in alone], "--", label="samples, words alone", color=_COLORS["samples"])
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("first k of all emojis")
        axes.set_ylim(0, 100)
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("right emoji among them [%]")
    figure.axes[0].legend(fontsize=8, frameon=False, loc="lower right")
    save_figure(figure, retrieval)

    figure = new_figure(5.6, 3.6)
    axes = figure.subplots()
    for column, values in curves["nearest_training_picture"].items():
        axes.plot(values, range(len(values)), label=column, color=_COLORS[column])
    axes.set_xlabel("distance to the nearest training picture")
    axes.set_ylabel("share of the pictures [%]")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    save_figure(figure, nearest)
