"""Random numbers for a batch, whether one process holds all of it or several hold a part each.

Every process draws for the whole batch, from a generator that all have seeded alike, and keeps the numbers of its own rows. So R processes
with B/R pictures each draw what one process with B pictures draws. Outside of :func:`part_of_batch` these are torch.rand and torch.randint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

_part: ContextVar[tuple[int, int]] = ContextVar("part", default=(0, 1))


@contextmanager
def part_of_batch(index: int, parts: int) -> Iterator[None]:
    """Inside, a batch of B rows is part ``index`` of a batch of ``parts`` · B rows."""
    token = _part.set((index, parts))
    try:
        yield
    finally:
        _part.reset(token)


def rand(*size: int, device: torch.device | str | None = None) -> Tensor:
    """Uniform numbers in [0, 1) of shape ``size``, whose first dimension is the batch."""
    return _own_rows(torch.rand(_whole(size, 0), device=device), 0)


def chance(probability: float, n: int, *, device: torch.device | str | None = None) -> Tensor:
    """Which of ``n`` rows of a batch something happens to: (n,) bool."""
    return rand(n, device=device) < probability


def randint(low: int, high: int, size: Sequence[int], *, device: torch.device | str | None = None, batch_dim: int = 0) -> Tensor:
    """Whole numbers in [low, high) of shape ``size``, int64; ``batch_dim`` says which dimension is the batch."""
    return _own_rows(torch.randint(low, high, _whole(size, batch_dim), device=device), batch_dim)


def _whole(size: Sequence[int], batch_dim: int) -> tuple[int, ...]:
    """The shape for the rows of all processes."""
    _, parts = _part.get()
    return tuple(n * parts if dim == batch_dim else n for dim, n in enumerate(size))


def _own_rows(drawn: Tensor, batch_dim: int) -> Tensor:
    index, parts = _part.get()
    return drawn.chunk(parts, batch_dim)[index] if parts > 1 else drawn
