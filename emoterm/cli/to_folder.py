"""``emoterm sample --to DIR``: emojis by the million, as the files of :mod:`emoterm.shards`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emoterm.cli.report import narrate, show, show_json
from emoterm.cli.typed import refuse_typed
from emoterm.errors import UsageError

if TYPE_CHECKING:
    from emoterm.pipeline import Pipeline
    from emoterm.request import Request
    from emoterm.sampling import SamplingParams
    from emoterm.shards.plan import Plan, Shard

To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="Write any number of emojis as parquet files into this folder; the same command goes on."),
]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="K/N", help="With --to: make part K of N only; all parts together are the whole.  [default: 1/1]"),
]
PerFile = Annotated[int | None, typer.Option("--per-file", min=1, help="With --to: emojis in a file.  [default: 1024]")]
Images = Annotated[bool, typer.Option("--png", help="With --to: the pictures too, not only their tokens.")]

MAX_IN_MEMORY = 4096
"""Emojis of a grid, or of a folder of PNGs, which are all decoded before the first is written."""


def check(to: Path | None, n: int, *, alone: Mapping[str, object], only: Mapping[str, object]) -> None:
    """Refuse what does not go together.

    Args:
        to: ``--to``.
        n: ``--n``.
        alone: the values of flags that --to cannot have.
        only: the values of flags that need --to.

    Raises:
        UsageError: the first that is wrong.
    """
    if to is None:
        if n > MAX_IN_MEMORY:
            raise UsageError(f"--n must be at most {MAX_IN_MEMORY} without --to, is {n}.", fix="As parquet files, any number: --to DIR")
        for flag, value in only.items():
            if value:
                raise UsageError(f"{flag} goes with --to.", fix="Name the folder of the files: --to DIR")
        return
    for flag, value in alone.items():
        if value is not None:
            raise UsageError(f"--to and {flag} cannot go together.", fix="--to writes parquet files; --png puts the pictures in.")
    refuse_typed("columns", "scale", "background", "no_metadata", goes_with="pictures, and --to writes parquet files", fix="Leave it out.")


def choose(to: Path, *, shard: str | None, seed: int | None) -> tuple[Shard, int | None]:
    """The shard, and the seed: the one given, else the one that the folder was begun with, else a new one where that is safe.

    Raises:
        UsageError: a shard without a seed, in a folder that has none yet.
        OutputError: the folder holds something else.
    """
    from emoterm.shards.parquet import check_pyarrow
    from emoterm.shards.plan import Shard, read_plan

    part = Shard.parse(shard or "1/1")
    check_pyarrow()
    begun = read_plan(to)
    if seed is None and begun is not None:
        return part, begun.seed
    if seed is None and part.of > 1:
        raise UsageError(
            "--shard needs a --seed: all parts have to share it.", fix=f"Give it to every part: --seed {secrets.randbelow(10**6)}"
        )
    return part, seed


@dataclass(frozen=True)
class Asked:
    """What the flags say."""

    n: int
    shard: Shard
    seed: int
    prompt: str
    request: Request
    params: SamplingParams
    images: bool
    per_file: int | None
    batch_size: int | None


def sample_to(folder: Path, pipeline: Pipeline, asked: Asked, *, json: bool) -> None:
    """Make the files of a shard that are not there yet, and print their names as they are done.

    Raises:
        OutputError: the folder is one of another plan, or cannot be written to.
    """
    from emoterm.cli.progress import progress
    from emoterm.session import short_name
    from emoterm.shards.maker import Maker, fill, missing
    from emoterm.shards.plan import PER_FILE, as_begun, make_plan, read_plan, settle

    started = time.perf_counter()
    shard = asked.shard
    plan = make_plan(
        pipeline.bundle,
        as_begun(asked.request, read_plan(folder)),
        n=asked.n,
        seed=asked.seed,
        params=asked.params,
        device=short_name(pipeline.prior.provider),
        prompt=asked.prompt,
        images=asked.images,
        per_file=asked.per_file or PER_FILE,
    )
    settle(folder, plan)
    files = missing(folder, plan, shard)
    there = len(plan.files(shard)) - len(files)
    if there:
        narrate(f"{there} of {len(plan.files(shard))} files are there already")
    written: list[str] = []

    def tell(path: Path) -> None:
        written.append(str(path))
        if not json:
            show(path)

    with progress("Making emojis", things="emojis") as update:
        try:
            maker = Maker(pipeline.bundle, plan, pipeline=pipeline, batch_size=asked.batch_size)
            made = fill(maker, folder, files, on_progress=update, on_file=tell)
        except KeyboardInterrupt:
            narrate(f"{there + len(written)} of {len(plan.files(shard))} files are there; the same command goes on")
            raise
    if json:
        show_json("sample", _facts(plan, shard, written, made=made, seconds=time.perf_counter() - started))


def _facts(plan: Plan, shard: Shard, written: list[str], *, made: int, seconds: float) -> dict[str, object]:
    return {
        "seed": plan.seed,
        "n": plan.n,
        "shard": [shard.number, shard.of],
        "prompt": plan.prompt,
        "words": list(plan.request.words),
        "sought": list(plan.request.sought),
        "color": plan.request.color,
        "feeling": plan.request.feeling,
        "worn": list(plan.request.worn),
        "by_chance": plan.request.by_chance,
        "group": plan.request.group,
        "style": plan.request.style,
        "sampling": vars(plan.params),
        "made": made,
        "files": written,
        "device": plan.device,
        "seconds": round(seconds, 3),
    }
