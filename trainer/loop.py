"""The training loop of every stage: the VQ-VAE, the prior and the judge.

It runs through Accelerate: one CPU, one GPU or many, on one host or several. Everything random in a step comes from a generator that is
reseeded with (seed, stage, step), and the order of the pictures from (seed, stage, epoch). So the state to save is small, and a resumed run
ends at the same weights as an unbroken one, whatever the number of processes: each takes its own rows of the same batch and of the same
random numbers (see draws.py). Only what a model draws inside of itself, its dropout, is each process's own.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from trainer import checkpoint, draws
from trainer.checkpoint import Checkpoint
from trainer.config import OptimConfig
from trainer.ema import Averaged
from trainer.errors import TrainerError
from trainer.progress import MetricsLog, TrainingProgress
from trainer.schedule import Schedule, steps_per_epoch
from trainer.seeds import epoch_order, mix, stage_seed

LOG_EVERY_STEPS = 10


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
    loop = _Loop(stage, optim, folder, seed, accelerator)
    if resume:
        loop.resume()
    loop.check_same_step()
    enabled = accelerator.is_main_process
    with (
        MetricsLog(folder / "metrics.jsonl", resume_step=loop.step, enabled=enabled) as log,
        TrainingProgress(stage.name, total=loop.schedule.total_steps, done=loop.step, enabled=enabled) as progress,
    ):
        finished = loop.run(log, progress, stop_after_steps)
    if finished:
        loop.keep_final_weights()
    return finished


class _Loop:
    """One stage on its way: its model, its optimizer, the average of its weights, and how far they are."""

    def __init__(self, stage: Stage, optim: OptimConfig, folder: Path, seed: int, accelerator: Accelerator) -> None:
        self.stage, self.optim, self.folder, self.accelerator = stage, optim, folder, accelerator
        self.seed = stage_seed(seed, stage.name)
        self.step = 0  # optimizer steps that are done
        self.best = math.inf  # lowest objective of an evaluation so far
        self.processes, self.process = accelerator.num_processes, accelerator.process_index
        self.rows_per_process = share_of(optim.batch_size, self.processes, stage.name)
        self.steps_per_epoch = steps_per_epoch(stage.weights, optim.batch_size)
        if self.processes > 1 and accelerator.device.type == "cuda":
            nn.SyncBatchNorm.convert_sync_batchnorm(stage.model)  # in place; there is none for CPUs
        self.learned = [parameter for parameter in stage.model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(
            self.learned, lr=optim.lr, betas=(optim.beta1, optim.beta2), weight_decay=optim.weight_decay, fused=True
        )
        # The same weights as those of stage.model; with several processes wrapped, so that their gradients are averaged.
        self.model, self.optimizer = accelerator.prepare(stage.model, optimizer)
        if self.process > 0:  # else every process would drop the same places of its rows
            self.model.register_forward_pre_hook(lambda *_: self._reseed(self.step, self.process))
        self.averaged = Averaged(stage.model, optim.ema_weights)
        self.schedule = Schedule(optim, self.steps_per_epoch)
        self._order: Tensor | None = None

    def resume(self) -> None:
        """Go on from the newest checkpoint, if there is one."""
        found = checkpoint.load(self.folder / "checkpoint")
        if found is None:
            return
        self.stage.model.load_state_dict(found.model)
        checkpoint.restore_optimizer(self.optimizer, found.optimizer)
        self.averaged.load(found.ema)
        self.step = found.step
        self.schedule.seconds = found.state.get("seconds", 0.0)
        if self.accelerator.scaler is not None and "scaler" in found.state:
            self.accelerator.scaler.load_state_dict(found.state["scaler"])
        if found.state.get("best") is not None:
            self.best = found.state["best"]

    def check_same_step(self) -> None:
        """Raises TrainerError where the processes have found different checkpoints."""
        if len(set(self.accelerator.gather(torch.tensor([self.step], device=self.accelerator.device)).tolist())) > 1:
            raise TrainerError(
                f"The processes find different checkpoints in {self.folder}.", fix="The run must be in a folder that all hosts share."
            )

    def run(self, log: MetricsLog, progress: TrainingProgress, stop_after_steps: int | None) -> bool:
        """Step after step, until the schedule is over or so many are done; whether it is over."""
        first_step = self.step
        parameters = sum(parameter.numel() for parameter in self.learned)
        log.write({"event": "start", "step": self.step, "steps": self.schedule.total_steps, "parameters": parameters})
        self.schedule.at(self.step)
        while not self.schedule.is_over:
            epoch = self.step // self.steps_per_epoch + 1
            metrics, grad_norm = self._take_step()
            if self.step % LOG_EVERY_STEPS == 0 or self.schedule.is_over:
                self._tell_metrics(log, progress, epoch, metrics, grad_norm)
            ends_epoch = self.step % self.steps_per_epoch == 0
            if ends_epoch:
                self._end_epoch(log, epoch)
            if (ends_epoch and epoch % self.optim.eval_every_epochs == 0) or self.schedule.is_over:
                self._evaluate(log, progress, epoch)
            stopping = stop_after_steps is not None and self.step - first_step >= stop_after_steps
            if self.step % self.optim.checkpoint_every_steps == 0 or self.schedule.is_over or stopping:
                self._save_checkpoint()
            if stopping and not self.schedule.is_over:
                return False
        return True

    def keep_final_weights(self) -> None:
        """Write what the stage has learned, averaged, of its end or of its best evaluation, and leave the model with it."""
        if self.accelerator.is_main_process:
            final = self._averaged_weights()
            if self.optim.early_stopping and (kept := checkpoint.load(self.folder / "best")) is not None:
                final = kept.model
            checkpoint.save_weights(self.folder / "weights.safetensors", final)
            self.stage.model.load_state_dict(final)
        self.accelerator.wait_for_everyone()

    def _take_step(self) -> tuple[dict[str, Tensor], Tensor]:
        """One optimizer step; the metrics of this process's rows, and the norm of the gradient before it was clipped."""
        rows = self._next_rows()
        self._reseed(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate
        self.model.train()
        with self.accelerator.autocast(), draws.part_of_batch(self.process, self.processes):
            loss, metrics = self.stage.loss(self.model, rows)
        self.accelerator.backward(loss)
        grad_norm = self.accelerator.clip_grad_norm_(self.model.parameters(), self.optim.grad_clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.averaged.update(self.step)
        self.step += 1
        self.schedule.at(self.step)
        return metrics, grad_norm

    def _next_rows(self) -> Tensor:
        """This process's part of the next batch: numbers of training rows, (B / processes,) int64."""
        epoch, within = divmod(self.step, self.steps_per_epoch)
        batch_size = self.optim.batch_size
        if self._order is None or within == 0:
            self._order = epoch_order(self.stage.weights, self.steps_per_epoch * batch_size, seed=self.seed, epoch=epoch)
        start = within * batch_size + self.process * self.rows_per_process
        return self._order[start : start + self.rows_per_process].to(self.accelerator.device)

    def _reseed(self, moment: int, process: int = 0) -> None:
        """Draw the numbers of one moment from here on: a step, or the end of an epoch, which is minus the steps that are done by then.

        They are the same in all processes, unless one asks for numbers of its own.
        """
        torch.manual_seed(mix(self.seed, moment, process))

    def _tell_metrics(self, log: MetricsLog, progress: TrainingProgress, epoch: int, metrics: dict[str, Tensor], grad_norm: Tensor) -> None:
        values = {name: float(self.accelerator.reduce(value.detach().float(), "mean")) for name, value in metrics.items()}
        optimization = {"lr": self.optimizer.param_groups[0]["lr"], "grad_norm": float(grad_norm)}
        log.write({"event": "train", "step": self.step, "epoch": epoch, **optimization, **values})
        progress.update(self.step, values, total=self.schedule.total_steps)

    def _end_epoch(self, log: MetricsLog, epoch: int) -> None:
        self._reseed(-self.step)
        # Eager, here and below: what is compiled would be compiled again for other batches and without gradients.
        with draws.part_of_batch(self.process, self.processes), torch.compiler.set_stance("force_eager"):
            note = self.stage.end_epoch(epoch, self.schedule.epochs)
        if note is not None:
            log.write({"step": self.step, "epoch": epoch, **note})

    def _evaluate(self, log: MetricsLog, progress: TrainingProgress, epoch: int) -> None:
        """Measure the averaged weights, and keep them where they are the best so far and the best are wanted."""
        with self.averaged.swapped_in(), self.accelerator.autocast(), torch.compiler.set_stance("force_eager"):
            values = self.stage.evaluate()
        log.write({"event": "eval", "step": self.step, "epoch": epoch, **values})
        progress.note(f"epoch {epoch}: " + ", ".join(f"{k} {v:.4g}" for k, v in values.items()))
        if values["objective"] < self.best:
            self.best = values["objective"]
            if self.optim.early_stopping and self.accelerator.is_main_process:
                checkpoint.save(self.folder / "best", Checkpoint(self.step, self._averaged_weights()))

    def _save_checkpoint(self) -> None:
        """All that :meth:`resume` needs, written by the first process while the others wait."""
        if self.accelerator.is_main_process:
            state = {"best": None if math.isinf(self.best) else self.best, "seconds": self.schedule.seconds}
            if self.accelerator.scaler is not None:  # of fp16, which finds the scale of its gradients by trying
                state["scaler"] = self.accelerator.scaler.state_dict()
            tensors = checkpoint.optimizer_tensors(self.optimizer)
            whole = Checkpoint(self.step, self.stage.model.state_dict(), tensors, self.averaged.shadow, state)
            checkpoint.save(self.folder / "checkpoint", whole)
        self.accelerator.wait_for_everyone()

    def _averaged_weights(self) -> dict[str, Tensor]:
        """The state of the model, with the average in the place of what is averaged."""
        return {**self.stage.model.state_dict(), **self.averaged.shadow}


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
