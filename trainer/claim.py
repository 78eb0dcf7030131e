"""``RUN/recipe.json``: which run a folder holds, so that no other goes on in it.

recipe, data, data_digest   what it is trained on: the recipe with its overrides, the source as it was named, and what that held
commit, torch, machine      of the last call
stages                      the same of the call that began each stage in this folder, and the run that its weights came from (``init``)
init                        the run that weights came from, with all that it says of itself but the name of its data
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from trainer import checkpoint
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.errors import TrainerError
from trainer.run import load_run, read_facts

COMMIT_VARIABLE = "EMOTERM_COMMIT"
"""For machines that are given the code without its history."""
PARTS = ("vqvae", "prior")
"""The stages, and their folders in a run."""
_SCHEDULES = {"vqvae": ("loss", "vqvae_optim"), "prior": ("prior_optim",)}
"""What a recipe says of how a stage is trained. It may change under a run, but not after it."""


def claim(run_dir: Path, stage: str, config: Recipe, data: str, digest: str, init: Path | None) -> None:
    """Write ``recipe.json``, or check that the run there is the same and keep what it says of a stage that is not trained now.

    Args:
        run_dir: made if it does not exist.
        stage: ``vqvae``, ``prior`` or ``all``.
        config: the recipe with its overrides.
        data: the source, as it was named.
        digest: what it holds, see :func:`data_digest`.
        init: the run that the weights come from.

    Raises:
        TrainerError: a stage has begun there with another configuration, another seed or other data.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    path = run_dir / "recipe.json"
    begun = [part for part in PARTS if (run_dir / part).exists()]
    trained = [part for part in PARTS if stage in (part, "all")]
    check_same_run(run_dir, stage, config, data, digest)
    recipe, before = config.to_dict(), {}
    if begun and path.exists():
        before, found = read_facts(run_dir), load_run(run_dir).to_dict()
        recipe |= {name: found[name] for part in begun if part not in trained for name in _SCHEDULES[part]}
    now = {"commit": current_commit(), "torch": torch.__version__, "machine": this_machine()}
    stages = {part: facts for part, facts in _stages_of(before, begun).items() if part in begun}
    for part in trained:
        if part not in stages or not (run_dir / part / "checkpoint").exists():  # else it goes on with weights of its own
            stages[part] = now | begun_with(init)
    told = [stages[part] for part in (*trained, *begun) if part in stages]
    inits = [facts["init"] for facts in (*told, before) if "init" in facts]
    facts = {"recipe": recipe, "data": data, "data_digest": digest, **now, "stages": stages, **({"init": inits[0]} if inits else {})}
    checkpoint.write_text_atomic(path, json.dumps(facts, indent=1))


def _stages_of(facts: dict[str, Any], begun: list[str]) -> dict[str, Any]:
    """What began each stage; runs that are older than this record know of their last call only."""
    last = {name: facts[name] for name in ("commit", "torch", "machine", "init") if name in facts}
    stages: dict[str, Any] = facts.get("stages", {part: last for part in begun if last})
    return stages


def check_same_run(run_dir: Path, stage: str, config: Recipe, data: str, digest: str, parts: Sequence[str] = PARTS) -> None:
    """Check that what has begun in a folder may go on; only the stages named in ``parts`` count. The other arguments as for :func:`claim`.

    Raises:
        TrainerError: see :func:`claim`; or ``recipe.json`` is not that of a run.
    """
    if not (run_dir / "recipe.json").exists():
        return
    before, found = read_facts(run_dir), load_run(run_dir).to_dict()  # a field that is younger than the run has its default
    begun = [part for part in parts if (run_dir / part).exists()]
    if not begun:
        return
    wanted = config.to_dict()
    # Schedules may change under a run; what a stage is made of must not, once it has begun.
    changed = [key for key in ("seed", "data", *begun) if found[key] != wanted[key]]
    if changed:
        raise TrainerError(
            f"{run_dir} holds a run with another configuration of {', '.join(changed)}.",
            fix=f"Choose another --out{_or_fresh(stage, changed)}.",
        )
    _check_data(run_dir, stage, before, data, digest)


def _check_data(run_dir: Path, stage: str, before: dict[str, Any], data: str, digest: str) -> None:
    """By its digest, wherever it lies; runs that are older than the digest know their data by its name only."""
    if "data_digest" in before:
        is_same = before["data_digest"] == digest
    else:
        is_same = not before["data"] or Path(before["data"]).name == Path(data).name
    if not is_same:
        raise TrainerError(
            f"{run_dir} holds a run that began with other data ({before['data']}) than {data} holds now.",
            fix=f"Name the data it began with, or choose another --out, with --init {run_dir} to begin with its weights"
            f"{_or_fresh(stage, ['data'])}.",
        )


def _or_fresh(stage: str, changed: list[str]) -> str:
    """``--fresh`` keeps the VQ-VAE when only the prior is trained."""
    return ", or start again with --fresh" if stage != "prior" or changed == ["prior"] else ""


def data_digest(*sets: EmojiSet) -> str:
    """What the data holds, see :meth:`trainer.data.EmojiSet.digest`."""
    return hashlib.sha256("".join(emojis.digest() for emojis in sets).encode()).hexdigest()


def begun_with(init: Path | None) -> dict[str, Any]:
    """What a run says of the run that its weights come from: under ``init`` its facts, which may have an ``init`` of their own."""
    return {} if init is None else {"init": told_of(init)}


def told_of(run_dir: Path) -> dict[str, Any]:
    """What a run says of itself to those that begin with its weights: without ``data``, which may be a private path, and ``stages``."""
    return {name: value for name, value in read_facts(run_dir).items() if name not in ("data", "stages")}


def current_commit() -> str:
    """The commit of the code, ``-dirty`` where it was changed. Outside a checkout what ``EMOTERM_COMMIT`` says, else empty."""
    root, told = Path(__file__).resolve().parent, os.environ.get(COMMIT_VARIABLE, "")
    try:
        result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return told
    return result.stdout.strip() or told


def this_machine() -> str:
    """The hardware that trains: the name of the GPU, or threads and instruction set of the CPU."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{torch.get_num_threads()} threads of {platform.machine()} CPU ({torch.backends.cpu.get_cpu_capability()})"
