"""Stage 2: the prior as a :class:`~trainer.loop.Stage`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from trainer import draws, processes
from trainer.conditions import CONTEXT, STYLE_SLOTS, ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.encode_dataset import Speller
from trainer.prior import Likelihoods, make_prior
from trainer.siblings import Siblings

EVAL_BATCH = 128
NATS_TO_BITS = 1 / math.log(2)
WORDLESS_SHARE = 0.5
"""Of the rows that are drawn after a source, how many are told no words: who brings a picture of their own often cannot name it."""


class PriorStage:
    """Model, tokens and loss of the prior."""

    name = "prior"

    def __init__(
        self,
        recipe: Recipe,
        space: TokenSpace,
        train: EmojiSet,
        train_tokens: Tensor,
        validation: EmojiSet,
        validation_tokens: Tensor,
        device: torch.device,
        speller: Speller | None = None,
    ) -> None:
        """Token tensors are (variants, N, 256) int16 for training and (1, N, 256) for validation; with a speller, training asks that."""
        self.recipe = recipe
        self.config = recipe.prior
        self.model = make_prior(recipe, space).to(device)
        self.weights = train.weights() if recipe.data.variant_weight else torch.ones(len(train))
        self.tokens = train_tokens.to(device)
        self.conditions = ConditionTable(space, train.rows, device)
        self.validation_tokens = validation_tokens[0].to(device)
        self.validation_conditions = ConditionTable(space, validation.rows, device)
        # A fixed sample of the training pictures, as many as there are for validation, shows how far the two drift apart.
        self.train_probe = torch.randperm(len(train), generator=torch.Generator().manual_seed(recipe.seed))[: len(validation)].to(device)
        self.device = device
        self.speller = speller
        if self.config.reads_source:
            self.siblings = Siblings(train.rows, device)
            self.validation_siblings = Siblings(validation.rows, device)

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean negative log-likelihood in nats per token, over the rows that are drawn after a source and those drawn from nothing.

        What a reader of words gets wrong on its own comes on top.
        """
        if self.config.words_alone:
            return self._loss_of_words(model, rows)
        # Spread over the batch, so that every process that holds a part of it has its share.
        turn = (torch.arange(len(rows) + 1, device=rows.device, dtype=torch.float64) * self.config.source_share + 1e-9).floor()
        is_after = turn.diff() > 0
        after, free = rows[is_after], rows[~is_after]
        codes = self.spell(free)
        context, read = self._context(free), self._slips(codes)
        source = None
        if len(after):
            paired, source = self.spell_pairs(after)
            told = self._wordless(self._context(after, drop_all=0.0))
            codes, context, read = (torch.cat(parts) for parts in ((paired, codes), (told, context), (self._slips(paired), read)))
            source = self._slips(source)
        found: Likelihoods = model(context, codes, read, source)
        loss = found.nats.mean()
        bits = found.nats.sum(1) * NATS_TO_BITS
        metrics = {"loss": loss}
        if found.from_words is not None:
            from_words = self._where_words_are(found.from_words, context)
            metrics["bits_per_emoji_from_words"] = from_words * codes.shape[1] * NATS_TO_BITS
            loss = loss + self.config.word_loss * from_words
        if len(free):
            metrics["bits_per_emoji"] = bits[len(after) :].mean()
        if len(after):
            metrics["bits_per_emoji_after_source"] = bits[: len(after)].mean()
        return loss, metrics

    def _loss_of_words(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The same of the reader of words alone."""
        codes, context = self.spell(rows), self._context(rows, drop_all=0.0)
        loss = self._where_words_are(model(context, codes, only_words=True).nats, context)
        return loss, {"loss": loss, "bits_per_emoji_from_words": loss * codes.shape[1] * NATS_TO_BITS}

    def _where_words_are(self, nats: Tensor, context: Tensor) -> Tensor:
        """Mean of (B, 256), where rows without words count as zero: so the parts of a batch, each in a process of its own, weigh alike."""
        has_words = self.model.words.has_words(context[:, :-1])
        return (nats.mean(1) * has_words).mean()

    def _context(self, rows: Tensor, drop_all: float | None = None) -> Tensor:
        """Style and words of training rows, some of them dropped: (B,) → (B, CONTEXT)."""
        if not self.config.conditional:
            return self.conditions.context(rows, drop_all=1.0)
        drop_all = self.config.unconditional if drop_all is None else drop_all
        return self.conditions.context(rows, drop_each=self.config.condition_dropout, drop_all=drop_all)

    def _wordless(self, context: Tensor) -> Tensor:
        """Some of the rows without their words: (B, CONTEXT) → the same."""
        wordless_B = draws.rand(len(context), device=context.device) < WORDLESS_SHARE
        place = torch.arange(CONTEXT, device=context.device)
        is_word = (place >= STYLE_SLOTS) & (place < CONTEXT - 1)
        return context.masked_fill(wordless_B[:, None] & is_word, self.conditions.space.null)

    def _slips(self, codes: Tensor) -> Tensor:
        """The codes with some of them replaced at random."""
        if not self.config.token_dropout:
            return codes
        replaced = draws.rand(*codes.shape, device=codes.device) < self.config.token_dropout
        return torch.where(replaced, draws.randint(0, self.model.codebook_size, codes.shape, device=codes.device), codes)

    def spell(self, rows: Tensor) -> Tensor:
        """Tokens of the training rows with these numbers: (B,) → (B, 256) int64, each time one of many spellings."""
        if self.speller is not None:
            return self.speller(rows)
        variant_B = draws.randint(0, self.tokens.shape[0], rows.shape, device=rows.device)
        return self.tokens[variant_B, rows].long()

    def spell_pairs(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens of training rows and of the same emoji in another style, the source: (B,) → 2 × (B, 256) int64."""
        sources = self.siblings.draw(rows)
        if self.speller is not None:
            return self.speller.pairs(rows, sources)
        variant_B = draws.randint(0, self.tokens.shape[0], rows.shape, device=rows.device)
        return self.tokens[variant_B, rows].long(), self.tokens[variant_B, sources].long()

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Nothing to do between epochs."""
        return None

    def evaluate(self) -> dict[str, float]:
        """Bits per emoji, with all conditions and without any; the objective is the unconditional one on validation pictures.

        ``bits_validation_after_source``: told the style and shown the emoji in another one, but no words.
        """
        rows = torch.arange(len(self.validation_tokens), device=self.device)
        if self.config.words_alone:
            from_words = self._bits(self.validation_tokens, self.validation_conditions, rows, shown=True, only_words=True)
            seen = self._bits(self.tokens[0], self.conditions, self.train_probe, shown=True, only_words=True)
            return {"objective": from_words, "bits_validation_from_words": from_words, "bits_train_from_words": seen}
        unconditional = self._bits(self.validation_tokens, self.validation_conditions, rows, shown=False)
        figures = {
            "objective": unconditional,
            "bits_validation": unconditional,
            "bits_train": self._bits(self.tokens[0], self.conditions, self.train_probe, shown=False),
        }
        if self.config.conditional:
            figures["bits_validation_conditional"] = self._bits(self.validation_tokens, self.validation_conditions, rows, shown=True)
            figures["bits_train_conditional"] = self._bits(self.tokens[0], self.conditions, self.train_probe, shown=True)
        if self.config.reads_source:
            figures["bits_validation_after_source"] = self._bits_after_source(rows)
        return figures

    def _bits_after_source(self, rows: Tensor) -> float:
        tokens, conditions = self.validation_tokens, self.validation_conditions

        def nats(batch: Tensor) -> Tensor:
            context = conditions.context(batch, drop_all=1.0)
            context[:, :STYLE_SLOTS] = conditions.style_N[batch][:, None]
            source = tokens[self.validation_siblings.first(batch)].long()
            return self.model.forward(context, tokens[batch].long(), source=source).nats

        return self._mean_bits(nats, rows)

    def _bits(self, tokens: Tensor, conditions: ConditionTable, rows: Tensor, *, shown: bool, only_words: bool = False) -> float:
        """Mean bits per emoji of some rows: (N, 256) tokens, (n,) rows."""

        def nats(batch: Tensor) -> Tensor:
            # forward, not a call: a compiled model would be compiled again for each odd batch size.
            context = conditions.context(batch, drop_all=0.0 if shown else 1.0)
            return self.model.forward(context, tokens[batch].long(), only_words=only_words).nats

        return self._mean_bits(nats, rows)

    def _mean_bits(self, nats: Callable[[Tensor], Tensor], rows: Tensor) -> float:
        """The processes share the batches: rows (n,), and what tells the nats of a batch of them (B,) → (B, 256)."""
        batches = rows.split(EVAL_BATCH)
        sums = torch.zeros(len(batches), dtype=torch.float64, device=self.device)
        for i in processes.own(range(len(batches))):
            sums[i] = nats(batches[i]).sum()
        total = float(processes.add_up_(sums).cumsum(0)[-1])
        return total * NATS_TO_BITS / len(rows)
