"""The reader of words: silent where there are none, and able to learn which codes words stand for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from trainer import checkpoint
from trainer.conditions import CONTEXT
from trainer.config import PriorConfig
from trainer.errors import TrainerError
from trainer.networks.words import WordReader
from trainer.prior import Prior
from trainer.recipes import load_recipe
from trainer.sample import sample
from trainer.train import run_training
from trainer.vqvae import GRID

CODES, NULL, VOCAB_SIZE = 64, 65, 80
STYLE, CAT, DOG = 66, 70, 71
LEARNED = ("words.embed.", "words.mix.", "words.network.", "words.codes.")


def conditions(*rows: tuple[int, ...]) -> torch.Tensor:
    """A style and up to eight words for each row."""
    return torch.tensor([[*row, *[NULL] * (9 - len(row))] for row in rows])


@pytest.fixture
def reader() -> WordReader:
    torch.manual_seed(0)
    found = WordReader(codebook_size=CODES, null=NULL, vocab_size=VOCAB_SIZE, d_model=64)
    torch.nn.init.normal_(found.out.weight)  # as trained: at first it says nothing
    return found.eval()


def test_it_says_something_of_style_and_words_and_nothing_of_nothing(reader: WordReader) -> None:
    guide = reader(conditions((STYLE, CAT), (NULL, CAT), (STYLE,), (NULL,)))
    assert guide.shape == (4, GRID * GRID, 128)
    assert (guide.abs().amax((1, 2)) > 0).tolist() == [True, True, True, False]


def test_words_are_a_set_and_the_style_matters(reader: WordReader) -> None:
    a, b, c, d = reader(conditions((STYLE, CAT, DOG), (STYLE, DOG, CAT), (STYLE + 1, CAT, DOG), (STYLE, CAT)))
    assert torch.allclose(a, b, atol=1e-2)
    assert not torch.allclose(a, c, atol=1)
    assert not torch.allclose(a, d, atol=1)


def test_it_learns_the_codes_of_words() -> None:
    torch.manual_seed(0)
    reader = WordReader(codebook_size=CODES, null=NULL, vocab_size=VOCAB_SIZE, d_model=64)
    asked = conditions((STYLE, CAT), (STYLE, DOG))
    codes = torch.randint(CODES, (2, GRID * GRID))
    optimizer = torch.optim.AdamW(reader.parameters(), lr=1e-2)
    for _ in range(120):
        optimizer.zero_grad()
        reader.nats(reader.see(asked), codes).mean().backward()
        optimizer.step()
    found = reader.nats(reader.eval().see(asked), codes)
    swapped = reader.nats(reader.see(asked), codes.flip(0))
    assert found.mean() < 0.5
    assert swapped.mean() > 4


def test_a_new_reader_changes_nothing_and_a_trained_one_does() -> None:
    torch.manual_seed(0)
    prior = Prior(load_recipe("tiny").prior, codebook_size=CODES, vocab_size=VOCAB_SIZE).eval()
    torch.nn.init.normal_(prior.head.weight, std=0.2)
    context = torch.cat([conditions((STYLE, CAT), (NULL,)), torch.full((2, 1), CODES)], 1)
    assert context.shape == (2, CONTEXT)
    codes = torch.randint(CODES, (2, GRID * GRID))
    with torch.no_grad():
        before, drawn = prior(context, codes).nats, sample(prior, context, temperature=0)
        torch.nn.init.normal_(prior.words.out.weight)
        after, redrawn = prior(context, codes).nats, sample(prior, context, temperature=0)
    assert not torch.allclose(before[0], after[0], atol=1e-2)
    assert torch.allclose(before[1], after[1], atol=1e-5)  # asked for nothing
    assert not torch.equal(drawn[0], redrawn[0])
    assert torch.equal(drawn[1], redrawn[1])


def test_the_plain_sampler_tells_each_cell_what_training_told_it() -> None:
    torch.manual_seed(0)
    prior = Prior(load_recipe("tiny").prior, codebook_size=CODES, vocab_size=VOCAB_SIZE).eval()
    torch.nn.init.normal_(prior.words.out.weight)
    context = torch.cat([conditions((STYLE, CAT)), torch.full((1, 1), CODES)], 1)
    with torch.no_grad():
        drawn = sample(prior, context, temperature=0)
        likely = prior(context, drawn).nats
        unlikely = prior(context, drawn.roll(1, 1)).nats
    assert likely.mean() < unlikely.mean()
    assert (-likely).exp().amin() >= 1 / CODES - 1e-6  # each was the likeliest of all codes


def test_a_prior_without_conditions_has_no_words_to_read() -> None:
    with pytest.raises(TrainerError, match="word_reader"):
        Prior(replace(PriorConfig(), word_reader=True), codebook_size=CODES, vocab_size=VOCAB_SIZE)


def test_trained_alone_all_that_is_learned_has_a_gradient_and_nothing_else() -> None:
    prior = Prior(replace(load_recipe("tiny").prior, words_alone=True), codebook_size=CODES, vocab_size=VOCAB_SIZE)
    prior.learn_words_alone_()
    context = torch.cat([conditions((STYLE, CAT)), torch.full((1, 1), CODES)], 1)
    prior(context, torch.randint(CODES, (1, GRID * GRID)), only_words=True).nats.mean().backward()
    asked, given = ({name for name, parameter in prior.named_parameters() if has(parameter)} for has in (is_learned, has_gradient))
    assert asked == given  # several processes would wait for the rest
    assert {name.split(".")[0] for name in asked} == {"words"}


def is_learned(parameter: torch.nn.Parameter) -> bool:
    return parameter.requires_grad


def has_gradient(parameter: torch.nn.Parameter) -> bool:
    return parameter.grad is not None


def test_trained_alone_it_learns_and_the_rest_stays(drawn_emojis: str, short_run: Path, tmp_path: Path) -> None:
    alone = {
        "vqvae_optim.epochs": "1",
        "vqvae.codebook.kmeans_start_steps": "1",
        "prior.words_alone": "true",
        "prior_optim.epochs": "8",
        "prior_optim.eval_every_epochs": "8",
        "prior_optim.lr": "1e-2",
    }
    run_training("prior", "tiny", drawn_emojis, tmp_path / "words", alone, init=short_run)
    before, after = (checkpoint.load_weights(run / "prior" / "weights.safetensors", "") for run in (short_run, tmp_path / "words"))
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"words"}
    log = [json.loads(line) for line in (tmp_path / "words" / "prior" / "metrics.jsonl").read_text().splitlines()]
    bits = [line["bits_per_emoji_from_words"] for line in log if "bits_per_emoji_from_words" in line]
    assert bits[-1] < bits[0] - 50
    assert any("bits_train_from_words" in line for line in log)
    assert log[0]["parameters"] == sum(len(value.flatten()) for name, value in after.items() if name.startswith(LEARNED))
