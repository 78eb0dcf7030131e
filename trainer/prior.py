"""The prior: a causal transformer over the 256 tokens of a picture.

Shapes: B batch, T new positions, P cached positions, C d_model, n_kv key/value heads, hd head dimension, K codes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.changes import KINDS, PLAIN
from trainer.conditions import CONTEXT, STYLE_SLOTS, TokenSpace
from trainer.config import PriorConfig, Recipe
from trainer.errors import TrainerError
from trainer.networks.dropout import Dropout
from trainer.networks.source import SourceReader
from trainer.networks.transformer import Block
from trainer.networks.words import WordReader
from trainer.positions import BLOCK_SIZE, axial_angles, cells
from trainer.vqvae import GRID

EXTRAS = ("source", "words", "changes")
"""The parts of a prior that no step needs, and that not every prior has: what reads a source or words runs once a picture and makes a
guide, and what has been done to a picture is only told in training."""
Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, (B, n_kv_head, P, hd)."""


class Likelihoods(NamedTuple):
    """How likely the codes of some pictures are."""

    nats: Tensor
    """Negative log-likelihood of each code, (B, 256)."""
    from_words: Tensor | None = None
    """The same from style and words alone, where there is a reader of words; it means nothing for rows without any."""


def is_extra(name: str) -> bool:
    """Whether a module or a weight of a prior belongs to one of :data:`EXTRAS`."""
    return name.split(".", 1)[0] in EXTRAS


def tells_changes(name: str) -> bool:
    """Whether a weight of a prior is only there to tell it, in training, what has been done to a picture."""
    return name.startswith("changes.")


def make_prior(recipe: Recipe, space: TokenSpace) -> Prior:
    """An untrained prior for the tokens of a run."""
    return Prior(recipe.prior, codebook_size=space.codebook_size, vocab_size=space.vocab_size, code_dim=recipe.vqvae.codebook.dim)


class Prior(nn.Module):
    """Context and codes in, logits over the K codes of the next cell out.

    Args:
        config: its shape.
        codebook_size: K.
        vocab_size: tokens that it can read.
        code_dim: D, length of a code; only needed to read a source.
    """

    row: Tensor
    column: Tensor
    cos: Tensor
    sin: Tensor

    def __init__(self, config: PriorConfig, *, codebook_size: int, vocab_size: int, code_dim: int = 32) -> None:
        super().__init__()
        if config.n_head % config.n_kv_head or config.head_dim % 4:
            raise TrainerError(
                f"n_head {config.n_head}, n_kv_head {config.n_kv_head} and head_dim {config.head_dim} do not go together.",
                fix="n_kv_head must divide n_head, and head_dim must be a multiple of 4.",
            )
        if config.words_alone and not config.word_reader:
            raise TrainerError("words_alone needs a reader of words.", fix="--set prior.word_reader=true")
        if config.word_reader and not config.conditional:
            raise TrainerError(
                "A prior that reads no words has no use for word_reader.", fix="Set prior.conditional=true or prior.word_reader=false"
            )
        self.config = config
        self.codebook_size = codebook_size
        self.embed = nn.Embedding(vocab_size, config.d_model)
        if config.axial_positions:
            self.embed_row = nn.Embedding(GRID + 1, config.d_model)
            self.embed_column = nn.Embedding(GRID + 1, config.d_model)
            # The word slots are a set: they share one position. Style and words are told apart by this.
            self.embed_slot = nn.Embedding(2, config.d_model)
        else:
            self.embed_position = nn.Embedding(BLOCK_SIZE, config.d_model)
        self.drop = Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = nn.LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, codebook_size, bias=False)
        row, column = cells()
        angles = axial_angles(config.head_dim)
        for name, table in (("row", row), ("column", column), ("cos", angles.cos()), ("sin", angles.sin())):
            self.register_buffer(name, table, persistent=False)
        self.apply(self._init)
        for name, parameter in self.named_parameters():
            if name.endswith(("proj.weight", "out.weight")):  # GPT-2: residual branches shrink with depth
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.n_layer))
        if config.reads_source:
            self.source = SourceReader(codebook_size, code_dim, config.d_model)
        if config.word_reader:
            self.words = WordReader(codebook_size=codebook_size, null=codebook_size + 1, vocab_size=vocab_size, d_model=config.d_model)
        if config.told_changes:
            # Of a picture as it is nothing is said, so who draws has nothing to say.
            self.changes = nn.Embedding(KINDS, config.d_model, padding_idx=PLAIN)
            nn.init.zeros_(self.changes.weight)

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def learn_words_alone_(self) -> None:
        """Leave all weights as they are but those that tell the codes from the words.

        What the reader of words says to the prior is not asked then. Several processes wait for a gradient of all that is learned.
        """
        self.requires_grad_(False)
        self.words.requires_grad_(True)
        self.words.out.requires_grad_(False)

    def step_modules(self) -> Iterator[tuple[str, nn.Module]]:
        """The parts that run for every token, by name: all but the extras."""
        return ((name, module) for name, module in self.named_modules() if not is_extra(name))

    def embed_places(self, positions: Tensor) -> Tensor:
        """What marks (T,) positions, whatever stands there: (T, C)."""
        if not self.config.axial_positions:
            embedded: Tensor = self.embed_position(positions)
            return embedded
        slot = (positions >= STYLE_SLOTS).long()
        in_context = (positions < CONTEXT - 1)[:, None]
        place = self.embed_row(self.row[positions]) + self.embed_column(self.column[positions])
        return torch.where(in_context, self.embed_slot(slot), place)

    def extend(
        self,
        tokens: Tensor,
        positions: Tensor,
        past: Cache | None = None,
        guide: Tensor | None = None,
        *,
        windows: Mapping[int, int] | None = None,
    ) -> tuple[Tensor, Cache]:
        """Logits of every new position, from the tokens and the cache of the positions before.

        Args:
            tokens: (B, T) int64.
            positions: (T,) int64, from 0 at the style slot.
            past: the cache of the positions before, or None.
            guide: (B, T, 2 C) of words and source, for the cells that these positions predict.
            windows: of some layers, how many of the newest tokens they see besides the context; on a CPU. They were trained to see all:
                this is for who wants to know what it would cost not to.

        Returns:
            (B, T, K) logits and the grown cache.
        """
        embedded = self.embed(tokens) + self.embed_places(positions)
        read, concluded = (0.0, 0.0) if guide is None else guide.chunk(2, dim=-1)
        x = self.drop(embedded + read)
        cos, sin = self.cos[positions], self.sin[positions]
        n_past = past[0][0].shape[2] if past is not None else 0
        # Keys stand at positions 0 … P + T − 1.
        keys = torch.arange(n_past + tokens.shape[1], device=tokens.device)
        hidden = keys > positions[:, None]  # (T, P + T)
        caches: Cache = []
        for i, block in enumerate(self.blocks):
            unseen = hidden
            if windows and i in windows:
                unseen = hidden | (keys >= CONTEXT) & (keys <= positions[:, None] - windows[i])
            x, cache = block(x, cos, sin, past[i] if past is not None else None, unseen)
            caches.append(cache)
        return self.head(self.norm(x) + concluded), caches

    def guide(self, context: Tensor, source: Tensor | None = None) -> Tensor | None:
        """What the readers say of each cell; None where there is none that says anything.

        Args:
            context: (B, CONTEXT) style, words, BOS.
            source: (S, 256) codes of the pictures that the first S rows are drawn after; S ≤ B.

        Returns:
            (B, 256, 2 C).
        """
        told = self.words(context[:, :-1]) if self.config.word_reader else None
        return self._with_source(told, source, rows=len(context))

    def _with_source(self, told: Tensor | None, source: Tensor | None, *, rows: int) -> Tensor | None:
        if source is None:
            return told
        after = F.pad(self.source(source), (0, 0, 0, 0, 0, rows - len(source)))  # (S, 256, 2 C) → (B, 256, 2 C)
        return after if told is None else told + after

    def forward(
        self,
        context: Tensor,
        codes: Tensor,
        inputs: Tensor | None = None,
        source: Tensor | None = None,
        *,
        change: Tensor | None = None,
        only_words: bool = False,
    ) -> Likelihoods:
        """Negative log-likelihood of each code in nats.

        Args:
            context: (B, CONTEXT) style, words, BOS.
            codes: (B, 256) targets.
            inputs: (B, 256) codes the model reads, when they are not the targets (token dropout).
            source: (S, 256) codes of the pictures that the first S rows are drawn after; S ≤ B.
            change: (B,) what the pictures have been through, a label of :mod:`trainer.changes`; None: nothing.
            only_words: ask the reader of words and nothing else.
        """
        read = codes if inputs is None else inputs
        tokens = torch.cat([context, read[:, :-1]], 1)  # (B, BLOCK_SIZE)
        told = from_words = None
        if self.config.word_reader:
            seen = self.words.see(context[:, :-1])
            told, from_words = self.words.guide(context[:, :-1], seen), self.words.nats(seen, codes)
            if only_words:
                return Likelihoods(from_words, from_words)
        guide = self._with_source(told, source, rows=len(codes))
        if guide is not None:
            guide = F.pad(guide, (0, 0, CONTEXT - 1, 0))  # BOS predicts cell 0; nothing is said to the slots: (B, BLOCK_SIZE, 2 C)
        if change is not None and self.config.told_changes:
            told_everywhere = F.pad(self.changes(change), (0, self.config.d_model))[:, None]  # read, not concluded: (B, 1, 2 C)
            guide = told_everywhere.expand(-1, tokens.shape[1], -1) if guide is None else guide + told_everywhere
        logits, _ = self.extend(tokens, torch.arange(tokens.shape[1], device=tokens.device), guide=guide)
        logits = logits[:, CONTEXT - 1 :].float()  # (B, 256, K): from BOS on
        return Likelihoods(F.cross_entropy(logits.transpose(1, 2), codes, reduction="none"), from_words)
