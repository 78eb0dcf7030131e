"""Several processes that train one model: what they tell each other. In a single process nothing has to be told.

Accelerate starts the process group (see trainer/loop.py and trainer/train.py); each process holds an equal part of every batch, in the
order of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor

from trainer.errors import TrainerError

T = TypeVar("T")


def are_several() -> bool:
    """Whether other processes train the same model."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def count() -> int:
    """How many processes there are."""
    return dist.get_world_size() if are_several() else 1


def index() -> int:
    """The number of this process, from 0; process 0 is the one that writes."""
    return dist.get_rank() if are_several() else 0


def own(work: Sequence[T]) -> Sequence[T]:
    """This process's part of some pieces of work: of R processes each takes every R-th piece."""
    return work[index() :: count()]


def add_up_(tensor: Tensor) -> Tensor:
    """Replace a tensor, of the same shape in every process, by the sum over all of them; returns it."""
    if are_several():
        dist.all_reduce(tensor)
    return tensor


def as_in_first_(tensor: Tensor) -> Tensor:
    """Replace a tensor, of the same shape in every process, by that of process 0; returns it."""
    if are_several():
        dist.broadcast(tensor, src=0)
    return tensor


def gather(rows: Tensor) -> Tensor:
    """The rows of all processes, as many from each, in the order of their numbers: (M, …) → (R·M, …)."""
    if not are_several():
        return rows
    parts = [rows.new_empty(rows.shape) for _ in range(count())]
    dist.all_gather(parts, rows.contiguous())
    return torch.cat(parts)


def on_first(action: Callable[[], T]) -> T | None:
    """Do something in process 0 only, while the others wait; what it gives there, None elsewhere.

    Raises:
        TrainerError: ``action`` raised it; all processes do then, so that none waits for one that is gone.
    """
    result: T | None = None
    problem: list[tuple[str, str | None] | None] = [None]
    if index() == 0:
        try:
            result = action()
        except TrainerError as error:
            if not are_several():
                raise
            problem = [(error.what, error.fix)]
    if are_several():
        dist.broadcast_object_list(problem, src=0)
    if problem[0] is not None:
        raise TrainerError(problem[0][0], fix=problem[0][1])
    return result


def one_after_first(action: Callable[[], T]) -> T:
    """Do something in every process, in process 0 before the others: they find what it has left on disk.

    Raises:
        TrainerError: ``action`` raised it.
    """
    result = on_first(action)
    return cast(T, result) if index() == 0 else action()


def leave() -> None:
    """Say goodbye to the other processes; the last call of a program."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
