"""How far a training run is: counted in steps, or told by the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from trainer import processes
from trainer.config import OptimConfig

FREE_STEPS = 10
"""The first steps of a call are not timed: they compile, and find the fastest way to multiply."""


def steps_per_epoch(weights: Tensor, batch_size: int) -> int:
    """Batches of an epoch: (N,) sampling weights of the training rows add up to its pictures."""
    return max(1, int(weights.sum()) // batch_size)


class Schedule:
    """The share of a run that is done, and the learning rate that goes with it.

    A run that ends by the clock is as long as ``optim.minutes`` of training, over all calls, without their first :data:`FREE_STEPS` steps.

    Args:
        optim: ``epochs`` or ``minutes``, and the learning rates.
        steps_per_epoch: batches of an epoch.
        seconds: what earlier calls have used of the minutes.
        clock: seconds that only grow.
    """

    def __init__(
        self, optim: OptimConfig, steps_per_epoch: int, *, seconds: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.optim, self.steps_per_epoch, self.seconds = optim, steps_per_epoch, seconds
        self._clock = clock
        self._since: float | None = None
        self._calls = 0
        self._step = 0

    def at(self, step: int) -> None:
        """``step`` optimizer steps are done; to be called before each of them, and after the last."""
        self._step = step
        if not self.optim.minutes:
            return
        now = self._clock()
        if self._since is not None:
            self.seconds += now - self._since
        self._calls += 1
        self._since = now if self._calls > FREE_STEPS else None
        if processes.are_several():  # they must end together
            device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
            self.seconds = float(processes.as_in_first_(torch.tensor(self.seconds, dtype=torch.float64, device=device)))

    @property
    def share(self) -> float:
        """Of the whole run, what is done: from 0 to 1."""
        if self.optim.minutes:
            return min(1.0, self.seconds / (60 * self.optim.minutes))
        return self._step / (self.steps_per_epoch * self.optim.epochs)

    @property
    def is_over(self) -> bool:
        """Whether all is done."""
        return self.share >= 1

    @property
    def total_steps(self) -> int:
        """Steps of the whole run; by the clock an estimate, and 0 as long as nothing is known."""
        if not self.optim.minutes:
            return self.steps_per_epoch * self.optim.epochs
        return 0 if self.share == 0 else max(self._step, round(self._step / self.share))

    @property
    def epochs(self) -> int:
        """Epochs of the whole run; by the clock an estimate."""
        return self.optim.epochs if not self.optim.minutes else max(1, math.ceil(self.total_steps / self.steps_per_epoch))

    @property
    def learning_rate(self) -> float:
        """Linear warm-up, then cosine annealing from ``lr`` to ``min_lr``."""
        optim, step = self.optim, self._step
        # A run by the clock does not know its steps; one of few pictures would never reach the rate it was given.
        warmup_steps = optim.warmup_steps if optim.minutes else min(optim.warmup_steps, self.total_steps // 2)
        if step < warmup_steps:
            return optim.lr * (step + 1) / warmup_steps
        share = self.share if optim.minutes else (step - warmup_steps) / max(1, self.total_steps - warmup_steps)
        return optim.min_lr + 0.5 * (optim.lr - optim.min_lr) * (1 + math.cos(math.pi * share))
