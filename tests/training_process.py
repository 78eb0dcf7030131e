"""One process of a training run, for tests that need several: ``torchrun … -m tests.training_process JOBS``.

It trains as ``python -m trainer.train`` does, with two differences. Numbers are double precision: in single precision rounding decides
which of two codes is nearer when both are about as near, and that depends on how many rows are multiplied at a time. And every step is
logged.

JOBS is a JSON file, a list of ``{"out", "stage", "data", "set"}``, and perhaps ``"die"``, a step to be killed in.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import trainer.loop
import trainer.train
from trainer import processes
from trainer.errors import TrainerError
from trainer.train_vqvae import VQVAEStage


def main() -> None:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]
    trainer.loop.LOG_EVERY_STEPS = 1
    trainer.train.draw_vqvae_figures = trainer.train.draw_prior_figures = lambda *_: None
    for job in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        out = Path(job["out"])
        if "die" in job:
            die_in(job["die"])
        try:
            trainer.train.run_training(job["stage"], "tiny", job["data"], out, job["set"])
        except TrainerError as error:
            out.with_suffix(f".error-{processes.index()}").write_text(str(error), encoding="utf-8")
    processes.add_up_(torch.zeros(1))  # none hangs up while another still listens
    processes.leave()
    # Threads of native libraries now and then abort the interpreter while it is taken down. What is tested here is over by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def die_in(step: int) -> None:
    """Be killed in a step of the VQ-VAE, counted from 1 in this process, after its loss is known."""
    whole, done = VQVAEStage.loss, 0

    def loss(self: VQVAEStage, model: nn.Module, rows: Tensor) -> Any:
        nonlocal done
        result = whole(self, model, rows)
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    VQVAEStage.loss = loss  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
