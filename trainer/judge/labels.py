"""What the judge learns to tell, and which training pictures it never sees, so that it can be tested on emojis that it knows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from trainer.data import EmojiRow

UNKNOWN = -100
"""Class of a row without one; PyTorch's cross entropy leaves it out."""
HELD_OUT_BASES = 0.2
"""Share of the emojis of which the judge does not see one style."""
_STYLES_AT_LEAST = 3
"""An emoji with fewer styles is not held out: two have to be left to learn it from."""


@dataclass(frozen=True)
class Labels:
    """The classes of the three heads, in the order of their logits."""

    bases: tuple[str, ...]
    subgroups: tuple[str, ...]
    styles: tuple[str, ...]

    @classmethod
    def from_rows(cls, rows: Sequence[EmojiRow]) -> Labels:
        """Everything that occurs, sorted."""
        return cls(*(tuple(sorted({getattr(row, name) for row in rows} - {""})) for name in ("base", "subgroup", "style")))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Labels:
        """The inverse of :meth:`to_dict`."""
        return cls(*(tuple(data[name]) for name in ("bases", "subgroups", "styles")))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {name: list(values) for name, values in asdict(self).items()}

    def targets(self, rows: Sequence[EmojiRow]) -> Tensor:
        """Classes of base, subgroup and style: (N, 3) int64, :data:`UNKNOWN` where a row has none that is listed."""
        indices = [{name: i for i, name in enumerate(names)} for names in (self.bases, self.subgroups, self.styles)]
        named = [(row.base, row.subgroup, row.style) for row in rows]
        return torch.tensor([[index.get(name, UNKNOWN) for index, name in zip(indices, each, strict=True)] for each in named]).reshape(
            -1, 3
        )


def held_out(rows: Sequence[EmojiRow]) -> Tensor:
    """Rows that the judge is not trained on: one style of every fifth emoji, with all its skin tones; (N,) bool.

    A hash decides, so it is the same for every order of the rows and on every machine.
    """
    styles: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        styles[row.base].add(row.style)
    chosen = {base: _pick(base, sorted(names)) for base, names in styles.items() if len(names) >= _STYLES_AT_LEAST}
    return torch.tensor([chosen.get(row.base) == row.style and row.style != "" for row in rows], dtype=torch.bool)


def _pick(base: str, styles: list[str]) -> str | None:
    digest = hashlib.sha256(base.encode()).digest()
    if int.from_bytes(digest[:8], "big") >= HELD_OUT_BASES * 2**64:
        return None
    return styles[int.from_bytes(digest[8:16], "big") % len(styles)]
