"""A prior with random weights, as tests of its graphs use it: too small to be any good, and sure of itself as a trained one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from emoterm.manifest import FileSpec, PriorSpec
from export.to_onnx import round_to_half_
from trainer.conditions import CONTEXT, STYLE_SLOTS, WORD_SLOTS
from trainer.positions import BLOCK_SIZE
from trainer.prior import Prior
from trainer.recipes import load_recipe

VOCAB_SIZE = 80
CODES = 64


def make_prior(recipe: str, **changes: int) -> Prior:
    torch.manual_seed(2)
    model = Prior(replace(load_recipe(recipe).prior, **changes), codebook_size=CODES, vocab_size=VOCAB_SIZE)
    for parameter in model.parameters():
        if parameter.dim() > 1:  # as trained from nothing the attention looks everywhere alike
            torch.nn.init.normal_(parameter, std=0.1)
    if model.config.word_reader:  # a few units, as trained
        torch.nn.init.normal_(model.words.out.weight, std=0.005)
    round_to_half_(model)
    return model.eval().requires_grad_(False)


def spec_of(prior: Prior, local_layers: Sequence[int] = (), window: int = 0) -> PriorSpec:
    config = prior.config
    return PriorSpec(
        weights=FileSpec("", ""),
        vocab_size=VOCAB_SIZE,
        block_size=BLOCK_SIZE,
        n_layer=config.n_layer,
        n_kv_head=config.n_kv_head,
        head_dim=config.head_dim,
        style_slots=STYLE_SLOTS,
        word_slots=WORD_SLOTS,
        bos_token=CODES,
        null_token=CODES + 1,
        guide_width=2 * config.d_model if config.reads_guide else 0,
        local_layers=list(local_layers),
        window=window,
    )


def contexts() -> torch.Tensor:
    torch.manual_seed(4)
    tokens = torch.randint(CODES + 1, VOCAB_SIZE, (3, CONTEXT))
    tokens[:, -1] = CODES
    return tokens
