"""The training loop of every stage: the VQ-VAE, the prior and the judge.

It runs through Accelerate: one CPU, one GPU or many, on one host or several. Everything random in a step comes from a generator that is
reseeded with (seed, stage, step), and the order of the pictures from (seed, stage, epoch). So the state to save is small, and a resumed run
ends at the same weights as an unbroken one, whatever the number of processes: each takes its own rows of the same batch and of the same
random numbers (see draws.py). Only what a model draws inside of itself, its dropout, is each process's own.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from trainer import checkpoint, draws
from trainer.checkpoint import Checkpoint
from trainer.config import OptimConfig
from trainer.errors import TrainerError
from trainer.progress import MetricsLog, TrainingProgress
from trainer.schedule import Schedule


class Stage(Protocol):
    """What the loop asks of a stage."""

    name: str
    weights: Tensor
    """(N,) sampling weight of each training row; an epoch is as many pictures as they add up to."""

    @property
    def model(self) -> nn.Module:
        """What is trained, on its device."""

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss and metrics (scalars) of the training rows with these numbers, (B,) int64."""

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Called after each epoch, counted from 1; may change the model. Returns a record for the log, if there is anything to tell."""

    def evaluate(self) -> dict[str, float]:
        """Validation metrics of ``model`` as it is; must contain ``objective`` (lower is better)."""


def pick_precision(wanted: str) -> str:
    """``auto`` → ``bf16`` where the hardware has fast bf16 matrix units, else ``no``."""
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    # AMX multiplies bf16 some ten times faster than AVX-512 multiplies fp32, and the dot products of AVX-512 BF16 two to four times;
    # without either, bf16 on a CPU is slower than fp32.
    return "bf16" if torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported() else "no"


def fit(
    stage: Stage,
    optim: OptimConfig,
    *,
    folder: Path,
    seed: int,
    accelerator: Accelerator,
    resume: bool = True,
    stop_after_steps: int | None = None,
) -> bool:
    """Train ``stage`` to the end of its schedule, or go on from its newest checkpoint.

    Args:
        stage: model, data and losses.
        optim: schedule and optimizer.
        folder: where ``metrics.jsonl``, ``checkpoint/``, ``best/`` and ``weights.safetensors`` go.
        seed: of everything random.
        accelerator: devices and precision.
        resume: go on from the checkpoint in ``folder`` when there is one.
        stop_after_steps: leave early, after this many steps in this call, with a checkpoint but without final weights.

    Returns:
        Whether the schedule has been finished.

    Raises:
        TrainerError: the batch cannot be shared equally, or the processes see different checkpoints.
    """
    processes, process = accelerator.num_processes, accelerator.process_index
    batch_size = optim.batch_size
    per_process = share_of(batch_size, processes, stage.name)
    steps_per_epoch = max(1, int(stage.weights.sum()) // batch_size)
    if processes > 1 and accelerator.device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(stage.model)  # in place; there is none for CPUs
    learned = [parameter for parameter in stage.model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=optim.lr, betas=(optim.beta1, optim.beta2), weight_decay=optim.weight_decay, fused=True)
    step = 0
    model, optimizer = accelerator.prepare(stage.model, optimizer)
    salt = zlib.crc32(stage.name.encode())

    def draw_alone(*_: Any) -> None:
        torch.manual_seed(_mix(seed ^ salt, step, process))

    if process > 0:  # else every process would drop the same places of its rows
        model.register_forward_pre_hook(draw_alone)
    averaged = Averaged(stage.model, optim.ema_weights)

    best, seconds = math.inf, 0.0
    found = checkpoint.load(folder / "checkpoint") if resume else None
    if found is not None:
        stage.model.load_state_dict(found.model)
        checkpoint.restore_optimizer(optimizer, found.optimizer)
        averaged.load(found.ema)
        step = found.step
        seconds = found.state.get("seconds", 0.0)
        if found.state.get("best") is not None:
            best = found.state["best"]
    schedule = Schedule(optim, steps_per_epoch, seconds=seconds)
    if len(set(accelerator.gather(torch.tensor([step], device=accelerator.device)).tolist())) > 1:
        raise TrainerError(
            f"The processes find different checkpoints in {folder}.", fix="The run must be in a folder that all hosts share."
        )

    def save() -> None:
        if accelerator.is_main_process:
            state = {"best": None if math.isinf(best) else best, "seconds": schedule.seconds}
            tensors = checkpoint.optimizer_tensors(optimizer)
            checkpoint.save(folder / "checkpoint", Checkpoint(step, stage.model.state_dict(), tensors, averaged.shadow, state))
        accelerator.wait_for_everyone()

    main = accelerator.is_main_process
    first_step = step
    with (
        MetricsLog(folder / "metrics.jsonl", resume_step=step, enabled=main) as log,
        TrainingProgress(stage.name, total=schedule.total_steps, done=step, enabled=main) as progress,
    ):
        log.write({"event": "start", "step": step, "steps": schedule.total_steps, "parameters": sum(p.numel() for p in learned)})
        order: Tensor | None = None
        schedule.at(step)
        while not schedule.is_over:
            epoch, within = divmod(step, steps_per_epoch)
            if order is None or within == 0:
                order = epoch_order(stage.weights, steps_per_epoch * batch_size, seed=seed ^ salt, epoch=epoch)
            start = within * batch_size + process * per_process
            rows = order[start : start + per_process].to(accelerator.device)
            torch.manual_seed(_mix(seed ^ salt, step, 0))
            for group in optimizer.param_groups:
                group["lr"] = schedule.learning_rate
            model.train()
            with accelerator.autocast(), draws.part_of_batch(process, processes):
                loss, metrics = stage.loss(model, rows)
            accelerator.backward(loss)
            norm = accelerator.clip_grad_norm_(model.parameters(), optim.grad_clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            averaged.update(step)
            step += 1
            schedule.at(step)
            if step % LOG_EVERY_STEPS == 0 or schedule.is_over:
                values = {name: float(accelerator.reduce(value.detach().float(), "mean")) for name, value in metrics.items()}
                record = {
                    "event": "train",
                    "step": step,
                    "epoch": epoch + 1,
                    "lr": optimizer.param_groups[0]["lr"],
                    "grad_norm": float(norm),
                }
                log.write({**record, **values})
                progress.update(step, values, total=schedule.total_steps)
            ends_epoch = step % steps_per_epoch == 0
            if ends_epoch:
                torch.manual_seed(_mix(seed ^ salt, -step, 0))
                # Eager, here and below: what is compiled would be compiled again for other batches and without gradients.
                with draws.part_of_batch(process, processes), torch.compiler.set_stance("force_eager"):
                    note = stage.end_epoch(epoch + 1, schedule.epochs)
                if note is not None:
                    log.write({"step": step, "epoch": epoch + 1, **note})
            if (ends_epoch and (epoch + 1) % optim.eval_every_epochs == 0) or schedule.is_over:
                with averaged.swapped_in(), accelerator.autocast(), torch.compiler.set_stance("force_eager"):
                    values = stage.evaluate()
                log.write({"event": "eval", "step": step, "epoch": epoch + 1, **values})
                progress.note(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4g}" for k, v in values.items()))
                if values["objective"] < best:
                    best = values["objective"]
                    if optim.early_stopping and main:
                        checkpoint.save(folder / "best", Checkpoint(step, {**stage.model.state_dict(), **averaged.shadow}))
            stopping = stop_after_steps is not None and step - first_step >= stop_after_steps
            if step % optim.checkpoint_every_steps == 0 or schedule.is_over or stopping:
                save()
            if stopping and not schedule.is_over:
                return False
    if main:
        final = {**stage.model.state_dict(), **averaged.shadow}
        if optim.early_stopping and (kept := checkpoint.load(folder / "best")) is not None:
            final = kept.model
        checkpoint.save_weights(folder / "weights.safetensors", final)
        stage.model.load_state_dict(final)
    accelerator.wait_for_everyone()
    return True


LOG_EVERY_STEPS = 10


def share_of(batch_size: int, processes: int, stage: str) -> int:
    """Rows of each process.

    Raises:
        TrainerError: the batch cannot be shared equally: another batch would be another schedule.
    """
    if batch_size % processes:
        near = max(1, round(batch_size / processes)) * processes
        raise TrainerError(
            f"A batch of {batch_size} cannot be shared equally by {processes} processes.",
            fix=f"Start a number of processes that divides it, or add --set {stage}_optim.batch_size={near}",
        )
    return batch_size // processes


def epoch_order(weights: Tensor, n: int, *, seed: int, epoch: int) -> Tensor:
    """The rows of one epoch: n draws by weight, (n,) int64, without repeats where there are enough rows."""
    generator = torch.Generator().manual_seed(_mix(seed, epoch, 0))
    return torch.multinomial(weights.double().cpu(), n, replacement=n > int((weights > 0).sum()), generator=generator)


class Averaged:
    """An exponential moving average of the trainable weights (Polyak averaging); with decay 0 it does nothing."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = model
        self.decay = decay
        self.shadow = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad} if decay else {}

    def load(self, shadow: dict[str, Tensor]) -> None:
        """Put back a saved average."""
        for name, value in shadow.items():
            self.shadow[name].copy_(value)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the weights as they are now, faster in the first steps, so that it soon forgets the random start."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            parameters = dict(self.model.named_parameters())
            names = list(self.shadow)
            torch._foreach_lerp_([self.shadow[n] for n in names], [parameters[n].detach() for n in names], 1 - decay)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """The model with the averaged weights, and in eval mode, for the length of a ``with`` block."""
        current = {name: value.detach().clone() for name, value in self.model.named_parameters()} if self.decay else {}
        self.model.load_state_dict(self.shadow, strict=False)
        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.model.load_state_dict(current, strict=False)
            self.model.train()


def _mix(*values: int) -> int:
    """One 63-bit seed from several numbers (splitmix64), so that neighbouring steps have unrelated draws."""
    state = 0
    for value in values:
        state = (state ^ (value & 0xFFFFFFFFFFFFFFFF)) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 31
    return state >> 1
