"""``emoterm eval``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from emoterm.cli import options
from emoterm.cli.report import finite, narrate, show, show_json
from emoterm.cli.training import training_side
from emoterm.errors import UsageError

DEFAULT_SAMPLES = 2000
SCORES = {"n": "d", "mse": ".6f", "psnr": ".2f", "psnr_of_mean_mse": ".2f", "ssim": ".4f", "alpha_iou": ".4f"}
"""Columns of the table of reconstructions, and how they are written."""


def evaluate(
    data: Annotated[
        str, typer.Option("--data", help="Hugging Face id, parquet file, folder, saved dataset, font:PATH or lineart:N (drawn shapes).")
    ],
    split: Annotated[str, typer.Option("--split", help="Which part of the data; test emojis were never seen in training.")] = "test",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Reconstruct only so many pictures, evenly spread.")] = None,
    effort: options.Effort = 2,
    judge: Annotated[
        Path | None, typer.Option("--judge", metavar="RUN", help="Measure samples too, as this judge (python -m trainer.judge) sees them.")
    ] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help="How many, with --judge.  [default: 2000]")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**64 - 2, help="Of the samples.")] = 0,
    temperature: Annotated[
        float | None, typer.Option("--temperature", help="Of the samples; like the next four, the bundle's own.")
    ] = None,
    top_k: Annotated[int | None, typer.Option("--top-k", help="Of the samples; 0 is off.")] = None,
    top_p: Annotated[float | None, typer.Option("--top-p", help="Of the samples.")] = None,
    min_p: Annotated[float | None, typer.Option("--min-p", help="Of the samples.")] = None,
    guidance: Annotated[float | None, typer.Option("--guidance", help="Of the samples.")] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--figures", metavar="DIR", help="Draw the figures that are curves into this folder, as PNG; with --judge."),
    ] = None,
    force: options.Force = False,
    bundle: options.Bundle = None,
    device: options.Device = "auto",
    json: options.Json = False,
) -> None:
    """Measure how well a bundle does on a data set.

    Reconstruction is measured over white: MSE, PSNR, SSIM. Samples are compared with real pictures by a judge, beside what held-out
    pictures and their reconstructions reach. The prior's bits are those of the nearest codes, whatever the effort. Needs the train extra:
    pip install "emoterm[train]".

    \b
    Examples:
      emoterm eval --data emojis.parquet --split test
      emoterm eval --data emojis.parquet --judge runs/judge --samples 2000 --figures figures
      emoterm eval --data lineart:300 --bundle my-emojis --json
    """
    from emoterm.bundle import find_bundle
    from emoterm.cli.files import check_target
    from emoterm.cli.progress import progress
    from emoterm.sampling import SamplingParams

    changes = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p, "guidance": guidance}
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if given.get("top_k") == 0:
        given["top_k"] = None
    if judge is None and (samples is not None or given or figures is not None):
        raise UsageError("Samples are measured with --judge.", fix="Train one: python -m trainer.judge --data DATA --out RUN")
    SamplingParams(**given)  # complains before the work is done
    curves = [] if figures is None else [figures / name for name in ("retrieval.png", "nearest_training_picture.png")]
    if figures is not None:
        figures.mkdir(parents=True, exist_ok=True)
        for file in curves:
            check_target(str(file), force=force)
    path: Path = find_bundle(bundle)
    with training_side():
        from export.evaluate import SampleOptions, evaluate_bundle
        from export.sample_figures import draw_curves

        wanted = None if judge is None else SampleOptions(judge, DEFAULT_SAMPLES if samples is None else samples, seed, given)
        result: dict[str, Any] = evaluate_bundle(
            path, data, split, limit, device, effort=effort, samples=wanted, narrate=narrate, progress=progress
        )
        curve_data = result["samples"].pop("curves") if "samples" in result else {}
        if curves:
            draw_curves(curve_data, *curves)
    if json:
        show_json("eval", finite({**result, "curves": curve_data, "files": [str(file) for file in curves]}))
        return
    for line in report(result):
        show(line)
    for file in curves:
        show(file)


def report(result: Mapping[str, Any]) -> Iterator[str]:
    """The result as lines for people: one table of reconstructions, single figures, one table of samples."""
    styles, samples = result.get("styles", {}), result.get("samples")
    rows = [[name, *_scores(scores)] for name, scores in styles.items()]
    yield from table([["reconstruction", *SCORES], ["all", *_scores(result)], *rows])
    yield ""
    single = {name: value for name, value in result.items() if name not in (*SCORES, "styles", "samples")}
    yield from table([[name, _number(value)] for name, value in flatten(single)])
    if samples is not None:
        yield ""
        yield from table(
            [[name, _number(value)] for name, value in flatten({k: v for k, v in samples.items() if k != "metrics"}, "samples.")]
        )
        yield ""
        columns = list(next(iter(samples["metrics"].values())))
        yield from table([["samples", *columns], *([name, *map(_number, values.values())] for name, values in samples["metrics"].items())])


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines with aligned columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        yield "  ".join([first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))])


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested dicts as dotted names, in order: ``{"noto": {"mse": 0.1}}`` → ``("noto.mse", 0.1)``."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _scores(scores: Mapping[str, Any]) -> list[str]:
    return ["–" if scores[name] is None else format(scores[name], style) for name, style in SCORES.items()]


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
