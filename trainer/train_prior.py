"""Stage 2: the prior as a :class:`~trainer.loop.Stage`."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from trainer import draws, processes
from trainer.conditions import ConditionTable, TokenSpace
from trainer.config import Recipe
from trainer.data import EmojiSet
from trainer.encode_dataset import Speller
from trainer.prior import Prior

EVAL_BATCH = 128
NATS_TO_BITS = 1 / math.log(2)


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
        self.model = Prior(recipe.prior, codebook_size=space.codebook_size, vocab_size=space.vocab_size).to(device)
        self.weights = train.weights() if recipe.data.variant_weight else torch.ones(len(train))
        self.tokens = train_tokens.to(device)
        self.conditions = ConditionTable(space, train.rows, device)
        self.validation_tokens = validation_tokens[0].to(device)
        self.validation_conditions = ConditionTable(space, validation.rows, device)
        # A fixed sample of the training pictures, as many as there are for validation, shows how far the two drift apart.
        self.train_probe = torch.randperm(len(train), generator=torch.Generator().manual_seed(recipe.seed))[: len(validation)].to(device)
        self.device = device
        self.speller = speller

    def loss(self, model: nn.Module, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean negative log-likelihood in nats per token."""
        codes = self.spell(rows)
        if self.config.conditional:
            context = self.conditions.context(rows, drop_each=self.config.condition_dropout, drop_all=self.config.unconditional)
        else:
            context = self.conditions.context(rows, drop_all=1.0)
        inputs = None
        if self.config.token_dropout:
            replaced = draws.rand(*codes.shape, device=codes.device) < self.config.token_dropout
            inputs = torch.where(replaced, draws.randint(0, self.model.codebook_size, codes.shape, device=codes.device), codes)
        loss = model(context, codes, inputs).mean()
        return loss, {"loss": loss, "bits_per_emoji": loss * codes.shape[1] * NATS_TO_BITS}

    def spell(self, rows: Tensor) -> Tensor:
        """Tokens of the training rows with these numbers: (B,) → (B, 256) int64, each time one of many spellings."""
        if self.speller is not None:
            return self.speller(rows)
        variant_B = draws.randint(0, self.tokens.shape[0], rows.shape, device=rows.device)
        return self.tokens[variant_B, rows].long()

    def end_epoch(self, epoch: int, epochs: int) -> dict[str, Any] | None:
        """Nothing to do between epochs."""
        return None

    def evaluate(self) -> dict[str, float]:
        """Bits per emoji, with all conditions and without any; the objective is the unconditional one on validation pictures."""
        rows = torch.arange(len(self.validation_tokens), device=self.device)
        unconditional = self._bits(self.validation_tokens, self.validation_conditions, rows, shown=False)
        figures = {
            "objective": unconditional,
            "bits_validation": unconditional,
            "bits_train": self._bits(self.tokens[0], self.conditions, self.train_probe, shown=False),
        }
        if self.config.conditional:
            figures["bits_validation_conditional"] = self._bits(self.validation_tokens, self.validation_conditions, rows, shown=True)
        return figures

    def _bits(self, tokens: Tensor, conditions: ConditionTable, rows: Tensor, *, shown: bool) -> float:
        """Mean bits per emoji of some rows: (N, 256) tokens, (n,) rows."""
        batches = rows.split(EVAL_BATCH)
        sums = torch.zeros(len(batches), dtype=torch.float64, device=self.device)
        for i in processes.own(range(len(batches))):
            context = conditions.context(batches[i], drop_all=0.0 if shown else 1.0)
            # forward, not a call: a compiled model would be compiled again for each odd batch size.
            sums[i] = self.model.forward(context, tokens[batches[i]].long()).sum()
        total = float(processes.add_up_(sums).cumsum(0)[-1])
        return total * NATS_TO_BITS / len(rows)
