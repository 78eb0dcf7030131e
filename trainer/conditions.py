"""What the prior is told about a picture: a style and up to eight words, as tokens.

Tokens of the prior: ``0 … K−1`` codes · ``K`` BOS · ``K+1`` NULL (dropped or absent) · styles · words. A sequence is

    [style] [word ×8] [BOS] x0 … x255
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainer import draws
from trainer.data import EmojiRow, build_word_vocabulary, condition_words

STYLE_SLOTS = 1
WORD_SLOTS = 8
CONTEXT = STYLE_SLOTS + WORD_SLOTS + 1
"""Positions in front of the first code: the slots and BOS."""


@dataclass(frozen=True)
class TokenSpace:
    """The numbering of the prior's vocabulary."""

    codebook_size: int
    styles: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Unicode group, lower-case → its words: those of its own name first, then its subgroups."""

    @property
    def bos(self) -> int:
        """Begin of sequence."""
        return self.codebook_size

    @property
    def null(self) -> int:
        """Stands in a slot that has no condition."""
        return self.codebook_size + 1

    @property
    def vocab_size(self) -> int:
        """Codes, BOS, NULL, styles and words."""
        return self.codebook_size + 2 + len(self.styles) + len(self.words)

    def style_token(self, style: str) -> int:
        """Token of a style; NULL for one that is not known."""
        return self.codebook_size + 2 + self.styles.index(style) if style in self.styles else self.null

    def word_tokens(self, row: EmojiRow) -> list[int]:
        """Tokens of all words of a row that are in the vocabulary, in the order of ``condition_words``."""
        return [self._word_index[word] for word in condition_words(row) if word in self._word_index]

    @cached_property
    def _word_index(self) -> dict[str, int]:
        first = self.codebook_size + 2 + len(self.styles)
        return {word: first + i for i, word in enumerate(self.words)}

    def to_json(self) -> dict[str, Any]:
        """The content of ``vocabulary.json``."""
        return {"styles": list(self.styles), "words": list(self.words), "groups": {k: list(v) for k, v in self.groups.items()}}

    @classmethod
    def from_rows(cls, rows: Sequence[EmojiRow], codebook_size: int, *, min_count: int, max_words: int) -> TokenSpace:
        """Styles and words that occur in ``rows``."""
        words = tuple(build_word_vocabulary(rows, min_count=min_count, max_words=max_words))
        groups: dict[str, dict[str, None]] = {}
        for group in sorted({row.group for row in rows} - {""}):
            named = [EmojiRow(text="", group=group)]
            named += [EmojiRow(text="", subgroup=subgroup) for subgroup in sorted({row.subgroup for row in rows if row.group == group})]
            candidates = dict.fromkeys(word for row in named for word in condition_words(row))
            groups[group.lower()] = {word: None for word in candidates if word in words}
        styles = tuple(sorted({row.style for row in rows} - {""}))
        return cls(codebook_size, styles, words, {group: tuple(found) for group, found in groups.items()})

    @classmethod
    def load(cls, path: Path, codebook_size: int) -> TokenSpace:
        """Read a saved ``vocabulary.json``."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(codebook_size, tuple(data["styles"]), tuple(data["words"]), {k: tuple(v) for k, v in data["groups"].items()})


class ConditionTable:
    """The conditions of all training rows as padded tensors, and their random dropping."""

    def __init__(self, space: TokenSpace, rows: Sequence[EmojiRow], device: torch.device) -> None:
        words = [space.word_tokens(row) for row in rows]
        width = max([WORD_SLOTS, *(len(w) for w in words)])
        padded = [w + [space.null] * (width - len(w)) for w in words]
        self.space = space
        self.style_N = torch.tensor([space.style_token(row.style) for row in rows], device=device)
        self.words_NW = torch.tensor(padded, device=device)
        self.count_N = torch.tensor([len(w) for w in words], device=device)

    def context(self, rows_B: Tensor, *, training: bool = False, drop_each: float = 0.0, drop_all: float = 0.0) -> Tensor:
        """Style slot, word slots and BOS of some rows: (B,) → (B, CONTEXT).

        Rows with more than eight words show a random eight of them in training, the first eight otherwise. How many words are shown then
        varies from row to row, because a person types one or two.

        Args:
            rows_B: their numbers.
            training: show the words of each row in many ways.
            drop_each: probability of dropping each single condition, in training.
            drop_all: probability of dropping all conditions of a row.
        """
        device = rows_B.device
        B = len(rows_B)
        style_B = self.style_N[rows_B]
        words_BW = self.words_NW[rows_B]
        null = torch.full((), self.space.null, device=device)
        if training:
            W = words_BW.shape[1]
            shown = draws.rand(B, W, device=device).masked_fill(words_BW == null, 2.0)
            words_BW = words_BW.gather(1, shown.argsort(1))  # known words first, in random order
            # Half of the rows show every word (less the dropped ones), the others between one and three.
            few_B = draws.randint(1, 4, (B,), device=device)
            keep_B = torch.where(draws.rand(B, device=device) < 0.5, few_B, torch.full_like(few_B, W))
            hidden = (torch.arange(W, device=device) >= keep_B[:, None]) | (draws.rand(B, W, device=device) < drop_each)
            words_BW = torch.where(hidden, null, words_BW)
            style_B = torch.where(draws.rand(B, device=device) < drop_each, null, style_B)
        words_BW = words_BW[:, :WORD_SLOTS]
        if drop_all > 0:
            dropped_B = draws.rand(B, device=device) < drop_all
            style_B = torch.where(dropped_B, null, style_B)
            words_BW = torch.where(dropped_B[:, None], null, words_BW)
        bos_B = torch.full_like(style_B, self.space.bos)
        return torch.cat([style_B[:, None], words_BW, bos_B[:, None]], 1)  # (B, 1 + 8 + 1)
