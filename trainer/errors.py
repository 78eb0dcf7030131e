"""The one error that the trainer raises on purpose."""

from __future__ import annotations


class TrainerError(Exception):
    """Training cannot go on: a source, a recipe or a checkpoint is not usable.

    Args:
        what: one sentence: what went wrong, naming the value or the file.
        fix: one sentence or a command to type next; shown on its own line.
    """

    def __init__(self, what: str, *, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return self.what if self.fix is None else f"{self.what}\n{self.fix}"
