"""A run of the judge: train it into a folder, read it back.

RUN/judge.json           data and what it held, seed, schedule, classes, accuracies, commit
RUN/metrics.jsonl, RUN/checkpoint/, RUN/weights.safetensors   as :func:`trainer.loop.fit` writes them
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from trainer import checkpoint
from trainer.claim import current_commit, data_digest, this_machine
from trainer.config import OptimConfig
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.judge.labels import Labels
from trainer.judge.network import JudgeNetwork, Verdict
from trainer.judge.stage import JudgeStage, judge_pictures
from trainer.loop import fit, pick_precision

FACTS = "judge.json"
OPTIM = OptimConfig(
    epochs=24, batch_size=128, lr=2e-3, min_lr=1e-5, warmup_steps=100, weight_decay=0.05, eval_every_epochs=4, checkpoint_every_steps=200
)
"""The schedule of the judge; on one thread of a busy AMD EPYC a quarter of an hour for 8,000 pictures."""


@dataclass(frozen=True)
class Judge:
    """A trained judge."""

    network: JudgeNetwork
    labels: Labels
    facts: dict[str, Any]
    """What ``judge.json`` says."""

    def __call__(self, images: Tensor) -> Verdict:
        """Verdicts on (N, 4, 64, 64) pictures, RGBA with associated alpha, uint8 or float in [0, 1]; on the CPU, in full precision."""
        return judge_pictures(self.network, images, next(self.network.parameters()).device)


def train_judge(
    data: str,
    run_dir: Path,
    *,
    seed: int = 0,
    epochs: int = OPTIM.epochs,
    precision: str = "auto",
    resume: bool = True,
    stop_after_steps: int | None = None,
) -> dict[str, Any]:
    """Train a judge on the training split of ``data``, or go on where an interrupted run stood.

    Args:
        data: any source of :mod:`trainer.data`.
        run_dir: made if it does not exist.
        seed: of the first weights, the order of the pictures and the augmentations; with the same number of threads, the same judge.
        epochs: passes over the training pictures.
        precision: ``auto``, ``no`` or ``bf16``, see :func:`trainer.loop.pick_precision`.
        resume: go on from the checkpoint in ``run_dir``; else delete what another judge left there.
        stop_after_steps: leave early, with a checkpoint.

    Returns:
        The facts of ``judge.json``.

    Raises:
        TrainerError: unreadable data, a split missing, or a run directory of another judge.
    """
    emojis = load_emojis(data)
    train, test = emojis.split("train"), emojis.split("test")
    optim = OptimConfig(**{**asdict(OPTIM), "epochs": epochs})
    labels = Labels.from_rows(train.rows)
    facts: dict[str, Any] = {"seed": seed, "optim": asdict(optim), "n_train": len(train), "labels": labels.to_dict()}
    facts["data_digest"] = data_digest(train, test)
    path = run_dir / FACTS
    if not resume:
        _clear(run_dir)
    if path.exists():
        found = {"data_digest": facts["data_digest"]} | read_facts(run_dir)  # judges from before it do not know what their data held
        if changed := [key for key in facts if found.get(key) != facts[key]]:
            raise TrainerError(f"{run_dir} holds a judge with another {', '.join(changed)}.", fix="Choose another --out, or use --fresh.")
    precision = pick_precision(precision)
    facts |= {"precision": precision, "data": data, "commit": current_commit(), "torch": torch.__version__, "machine": this_machine()}
    run_dir.mkdir(parents=True, exist_ok=True)
    checkpoint.write_text_atomic(path, json.dumps(facts, ensure_ascii=False, indent=1))

    torch.manual_seed(seed)
    accelerator = Accelerator(mixed_precision=precision, cpu=not torch.cuda.is_available())
    stage = JudgeStage(labels, train, test, accelerator.device)
    if fit(stage, optim, folder=run_dir, seed=seed, accelerator=accelerator, resume=resume, stop_after_steps=stop_after_steps):
        stage.model.eval()
        accuracies = {name: value for name, value in stage.evaluate().items() if name != "objective"}
        facts |= {"accuracies": accuracies, "n_known": len(stage.known), "n_test": len(test)}
        checkpoint.write_text_atomic(path, json.dumps(facts, ensure_ascii=False, indent=1))
    return facts


def _clear(run_dir: Path) -> None:
    """Remove a judge: the facts last, so that no weights stay behind under those of another."""
    for name in ("checkpoint", "best"):
        shutil.rmtree(run_dir / name, ignore_errors=True)
    for name in ("metrics.jsonl", "weights.safetensors", FACTS):
        (run_dir / name).unlink(missing_ok=True)


def load_judge(run_dir: Path, device: torch.device | str = "cpu") -> Judge:
    """The trained judge of a run, in eval mode.

    Raises:
        TrainerError: no such run, or an unfinished one.
    """
    facts = read_facts(run_dir)
    labels = Labels.from_dict(facts["labels"])
    network = JudgeNetwork(max(1, len(labels.bases)), max(1, len(labels.subgroups)), max(1, len(labels.styles)))
    network.load_state_dict(
        checkpoint.load_weights(run_dir / "weights.safetensors", f"Finish it: python -m trainer.judge --out {run_dir} --data DATA")
    )
    return Judge(network.to(device).eval(), labels, facts)


def read_facts(run_dir: Path) -> dict[str, Any]:
    """The content of ``judge.json``.

    Raises:
        TrainerError: not the folder of a judge.
    """
    return checkpoint.read_facts(
        run_dir / FACTS,
        {"labels": dict, "seed": int},
        what="the run of a judge",
        fix="Make one: python -m trainer.judge --data DATA --out RUN",
    )
