"""Checkpoints: a folder of safetensors and one JSON file, written whole or not at all. No pickle.

    RUN/STAGE/checkpoint/
        step-00001500/  model.safetensors  optimizer.safetensors  [ema.safetensors]  state.json
        latest          the name of the folder that is complete

A folder is filled under a temporary name, renamed, and only then named in ``latest``; the one before it is removed last. A kill at any
moment leaves either the old or the new checkpoint readable.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from trainer.errors import TrainerError


@dataclass
class Checkpoint:
    """The state of one stage between two optimizer steps."""

    step: int
    """Optimizer steps done."""
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor] = field(default_factory=dict)
    """``{parameter index}.{name}`` → tensor; AdamW keeps ``step``, ``exp_avg`` and ``exp_avg_sq``."""
    ema: dict[str, Tensor] = field(default_factory=dict)
    """Averaged weights; empty when averaging is off."""
    state: dict[str, Any] = field(default_factory=dict)
    """What else the loop needs, as JSON."""


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint`` under ``folder`` and drop the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"step-{checkpoint.step:08d}"
    while (folder / name).exists():  # the same step again, after a resume: the old one must stay whole until the new one is named
        name += "+"
    temporary = folder / f".{name}.partial"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    save_file(_plain(checkpoint.model), temporary / "model.safetensors")
    save_file(_plain(checkpoint.optimizer), temporary / "optimizer.safetensors")
    if checkpoint.ema:
        save_file(_plain(checkpoint.ema), temporary / "ema.safetensors")
    (temporary / "state.json").write_text(json.dumps({"step": checkpoint.step, **checkpoint.state}, indent=1), encoding="utf-8")
    for file in temporary.iterdir():
        _sync(file)
    temporary.rename(folder / name)
    write_text_atomic(folder / "latest", name)
    for old in folder.glob("step-*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)


def load(folder: Path) -> Checkpoint | None:
    """The newest complete checkpoint under ``folder``, or None when there is none.

    Raises:
        TrainerError: ``latest`` names a folder whose files cannot be read.
    """
    pointer = folder / "latest"
    if not pointer.exists():
        return None
    path = folder / pointer.read_text(encoding="utf-8").strip()
    try:
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        ema = path / "ema.safetensors"
        return Checkpoint(
            step=state.pop("step"),
            model=load_file(path / "model.safetensors"),
            optimizer=load_file(path / "optimizer.safetensors"),
            ema=load_file(ema) if ema.exists() else {},
            state=state,
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise TrainerError(f"{path}: the checkpoint cannot be read ({error}).", fix=f"Delete {folder} to start the stage again.") from None


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's state as flat named tensors."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, values in state.items() for name, value in values.items()}


@torch.no_grad()
def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what :func:`optimizer_tensors` took out; the parameter groups stay as they are.

    Raises:
        TrainerError: it was an optimizer of more parameters.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    states: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        if int(index) >= len(parameters):
            raise TrainerError("The checkpoint was made while other weights were trained.", fix="Start the stage again with --fresh.")
        parameter = parameters[int(index)]
        if value.shape == parameter.shape:
            # Files hold plain row-major tensors; a fused optimizer needs its averages laid out in memory as the parameter is.
            value = torch.empty_like(parameter).copy_(value)
        states.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})


def save_weights(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write one safetensors file in one step."""
    temporary = path.with_name(f".{path.name}.partial")
    save_file(_plain(tensors), temporary)
    _sync(temporary)
    os.replace(temporary, path)


def load_weights(path: Path, fix: str) -> dict[str, Tensor]:
    """Read what :func:`save_weights` wrote.

    Raises:
        TrainerError: missing or unreadable; ``fix`` says what to do.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise TrainerError(f"{path}: cannot be read ({error}).", fix=fix) from None


def write_text_atomic(path: Path, text: str) -> None:
    """Replace ``path`` in one step."""
    write_atomic(path, text.encode())


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` in one step."""
    temporary = path.with_name(f".{path.name}.partial")
    temporary.write_bytes(data)
    _sync(temporary)
    os.replace(temporary, path)


def read_facts(path: Path, wanted: dict[str, type], *, what: str, fix: str) -> dict[str, Any]:
    """The JSON object that a run keeps beside its weights.

    Args:
        path: the file, in the folder of the run.
        wanted: what must be in it, and of which kind.
        what: such a folder, as in ``a training run``.
        fix: how to make one.

    Raises:
        TrainerError: it cannot be read, or lacks something.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(facts, dict):
            raise ValueError(f"{path.name} holds no JSON object")
        if missing := [name for name, kind in wanted.items() if not isinstance(facts.get(name), kind)]:
            raise ValueError(f"{path.name} does not say {' and '.join(missing)}")
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path.parent} is not {what} ({error}).", fix=fix) from None
    return facts


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().contiguous().cpu().clone() for name, tensor in tensors.items()}


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
