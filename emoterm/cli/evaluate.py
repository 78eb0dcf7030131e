"""``emoterm eval``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from emoterm.cli import options
from emoterm.cli.report import finite, show, show_json
from emoterm.cli.training import training_side


def evaluate(
    data: Annotated[str, typer.Option("--data", help="Hugging Face id, parquet file, folder of images, saved dataset or font:PATH.")],
    split: Annotated[str, typer.Option("--split", help="Which part of the data; test emojis were never seen in training.")] = "test",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Measure only the first so many pictures.")] = None,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Measure how well a bundle does on a data set.

    Reconstruction is measured over white: MSE, PSNR, SSIM. Needs the train extra: pip install "emoterm[train]".

    \b
    Examples:
      emoterm eval --data emojis.parquet --split test
      emoterm eval --data emojis.parquet --bundle my-emojis --json
    """
    from emoterm.bundle import find_bundle

    path: Path = find_bundle(bundle)
    with training_side():
        from export.evaluate import evaluate_bundle

        result: dict[str, Any] = evaluate_bundle(path, data, split, limit, device)
    if json:
        show_json("eval", finite(result))
        return
    rows = list(flatten(result))
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        show(f"{name:<{width}}  {value:.6g}" if isinstance(value, float) else f"{name:<{width}}  {value}")


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested dicts as dotted names, in order: ``{"noto": {"mse": 0.1}}`` → ``("noto.mse", 0.1)``."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
