"""Stage 2: the prior as a :class:`~trainer.loop.Stage`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from trainer import draws, processes
from trainer.changes import MIRRORED, PLAIN, REMADE
from trainer.conditions import CONTEXT, STYLE_SLOTS, ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.prior import Likelihoods, make_prior
from trainer.siblings import Siblings
from trainer.spelling import Speller

EVAL_BATCH = 128
NATS_TO_BITS = 1 / math.log(2)
WORDLESS_SHARE = 0.5
"""Of the rows that are drawn after a source, how many are told no words: who brings a picture of their own often cannot name it."""


def probe_rows(recipe: Recipe, train: EmojiSet, validation: EmojiSet) -> Tensor:
    """A fixed sample of the training rows, as many as there are for validation: it shows how far the two drift apart. (n,) int64."""
    return torch.randperm(len(train), generator=torch.Generator().manual_seed(recipe.seed))[: len(validation)]


class PriorStage:
    """Model, tokens and loss of the prior."""

    name = "prior"

    def __init__(
        self,
        recipe: Recipe,
        space: TokenSpace,
        train: EmojiSet,
        speller: Speller,
        probe_tokens: Tensor,
        validation: EmojiSet,
        validation_tokens: Tensor,
        device: torch.device,
    ) -> None:
        """The speller gives the training pictures; ``probe_tokens`` (n, 256) int16 are those of :func:`probe_rows`, as they are."""
        self.recipe = recipe
        self.config = recipe.prior
        self.model = make_prior(recipe, space).to(device)
        self.weights = train.weights() if recipe.data.variant_weight else torch.ones(len(train))
        self.spell = speller
        self.conditions = ConditionTable(space, train.rows, device)
        self.validation_tokens = validation_tokens.to(device)
        self.validation_conditions = ConditionTable(space, validation.rows, device)
        probed = probe_rows(recipe, train, validation)
        self.probe_tokens, self.probe_conditions = probe_tokens.to(device), ConditionTable(space, train.subset(probed).rows, device)
        self.device = device
        self._turns_of: dict[int, tuple[Tensor, ...]] = {}
        if self.config.reads_source:
            self.siblings = Siblings(train.rows, device)
            self.validation_siblings = Siblings(validation.rows, device)

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean negative log-likelihood in nats per token, over the rows that are drawn after a source and those drawn from nothing.

        What a reader of words gets wrong on its own comes on top.
        """
        if self.config.words_alone:
            return self._loss_of_words(model, rows)
        after, free = (rows[places] for places in self._turns(len(rows)))
        # There is nothing to encode of no rows, and a network may refuse to.
        codes, change = self.spell(free) if len(free) else (self.validation_tokens[:0].long(), free)
        context, read = self._context(free), self._slips(codes)
        source = None
        if len(after):
            paired, source = self.spell.pairs(after, self.siblings.draw(after))
            told = self._wordless(self._context(after, drop_all=0.0))
            codes, context, read = (torch.cat(parts) for parts in ((paired, codes), (told, context), (self._slips(paired), read)))
            change = torch.cat([torch.full_like(after, PLAIN), change])  # what a pair has been through can be seen from its source
            source = self._slips(source)
        found: Likelihoods = model(context, codes, read, source, change=change)
        loss = found.nats.mean()
        bits = found.nats.sum(1) * NATS_TO_BITS
        metrics = {"loss": loss}
        if found.from_words is not None:
            from_words = self._where_told(found.from_words, context, change)
            metrics["bits_per_emoji_from_words"] = from_words * codes.shape[1] * NATS_TO_BITS
            loss = loss + self.config.word_loss * from_words
        if len(free):
            metrics["bits_per_emoji"] = bits[len(after) :].mean()
        if len(after):
            metrics["bits_per_emoji_after_source"] = bits[: len(after)].mean()
        return loss, metrics

    def _turns(self, n: int) -> tuple[Tensor, Tensor]:
        """Which of ``n`` rows are drawn after a source, and which from nothing: spread over the batch, so that every process that holds a
        part of it has its share."""
        if n not in self._turns_of:  # counted here and kept: a GPU would be waited for at every step
            turn = (torch.arange(n + 1, dtype=torch.float64) * self.config.source_share + 1e-9).floor()
            is_after = turn.diff() > 0
            self._turns_of[n] = tuple(which.nonzero().flatten().to(self.device) for which in (is_after, ~is_after))
        after, free = self._turns_of[n]
        return after, free

    def _loss_of_words(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The same of the reader of words alone."""
        (codes, change), context = self.spell(rows), self._context(rows, drop_all=0.0)
        loss = self._where_told(model(context, codes, only_words=True).nats, context, change)
        return loss, {"loss": loss, "bits_per_emoji_from_words": loss * codes.shape[1] * NATS_TO_BITS}

    def _where_told(self, nats: Tensor, context: Tensor, change: Tensor) -> Tensor:
        """Mean of (B, 256). Rows that are told nothing count as zero: so the parts of a batch, in processes of their own, weigh alike.

        So do pictures in other colours than their words say.
        """
        is_remade = change % MIRRORED == REMADE
        return (nats.mean(1) * self.model.words.is_told(context[:, :-1]) * ~is_remade).mean()

    def _context(self, rows: Tensor, drop_all: float | None = None) -> Tensor:
        """Style and words of training rows, some of them dropped: (B,) → (B, CONTEXT)."""
        if not self.config.conditional:
            return self.conditions.context(rows, drop_all=1.0)
        drop_all = self.config.unconditional if drop_all is None else drop_all
        return self.conditions.context(rows, training=True, drop_each=self.config.condition_dropout, drop_all=drop_all)

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

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Nothing to do between epochs."""
        return None

    def evaluate(self) -> dict[str, float]:
        """Bits per emoji, with all conditions and without any; the objective is the unconditional one on validation pictures.

        ``bits_validation_after_source``: told the style and shown the emoji in another one, but no words.
        With ``words_alone`` there are only the bits from the words, and the objective is theirs on validation pictures.
        """
        test, seen_before = (self.validation_tokens, self.validation_conditions), (self.probe_tokens, self.probe_conditions)
        if self.config.words_alone:
            from_words = self._bits(*test, shown=True, only_words=True)
            seen = self._bits(*seen_before, shown=True, only_words=True)
            return {"objective": from_words, "bits_validation_from_words": from_words, "bits_train_from_words": seen}
        unconditional = self._bits(*test, shown=False)
        figures = {
            "objective": unconditional,
            "bits_validation": unconditional,
            "bits_train": self._bits(*seen_before, shown=False),
        }
        if self.config.conditional:
            figures["bits_validation_conditional"] = self._bits(*test, shown=True)
            figures["bits_train_conditional"] = self._bits(*seen_before, shown=True)
        if self.config.reads_source:
            figures["bits_validation_after_source"] = self._bits_after_source()
        return figures

    def _bits_after_source(self) -> float:
        tokens, conditions = self.validation_tokens, self.validation_conditions

        def nats(batch: Tensor) -> Tensor:
            context = conditions.context(batch, drop_all=1.0)
            context[:, :STYLE_SLOTS] = conditions.style_N[batch][:, None]
            source = tokens[self.validation_siblings.first(batch)].long()
            return self.model.forward(context, tokens[batch].long(), source=source).nats

        return self._mean_bits(nats, len(tokens))

    def _bits(self, tokens: Tensor, conditions: ConditionTable, *, shown: bool, only_words: bool = False) -> float:
        """Mean bits per emoji of (N, 256) tokens, with the conditions of these N pictures."""

        def nats(batch: Tensor) -> Tensor:
            # forward, not a call: a compiled model would be compiled again for each odd batch size.
            context = conditions.context(batch, drop_all=0.0 if shown else 1.0)
            return self.model.forward(context, tokens[batch].long(), only_words=only_words).nats

        return self._mean_bits(nats, len(tokens))

    def _mean_bits(self, nats: Callable[[Tensor], Tensor], n: int) -> float:
        """The processes share the batches: n pictures, and what tells the nats of a batch of them, row numbers (B,) → (B, 256)."""
        batches = torch.arange(n, device=self.device).split(EVAL_BATCH)
        sums = torch.zeros(len(batches), dtype=torch.float64, device=self.device)
        for i in processes.own(range(len(batches))):
            sums[i] = nats(batches[i]).sum()
        total = float(processes.add_up_(sums).cumsum(0)[-1])
        return total * NATS_TO_BITS / n
