"""Laws of the prior: the KV cache changes no logit, and a later token never changes an earlier one."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.conditions import CONTEXT
from trainer.config import PriorConfig
from trainer.positions import BLOCK_SIZE, axial_angles, cells, rotate
from trainer.prior import Cache, Prior

torch.set_num_threads(1)

K = 20
VOCAB = K + 2 + 30
# In double precision the two ways of computing differ by some 1e-14, so a mistake of any size shows.
ATOL = 1e-10

HEADS = {"multi-head": 4, "grouped": 2, "multi-query": 1}
kinds = pytest.mark.parametrize(
    ("n_kv_head", "axial"),
    [pytest.param(n, axial, id=f"{name}-{'axial' if axial else 'learned'}") for name, n in HEADS.items() for axial in (False, True)],
)


def make_prior(n_kv_head: int, axial: bool, *, dropout: float = 0.0) -> Prior:
    """A small prior whose weights are large enough that every token shows in the logits."""
    torch.manual_seed(0)
    config = PriorConfig(
        d_model=24, n_layer=2, n_head=4, n_kv_head=n_kv_head, head_dim=8, d_ff=48, axial_positions=axial, dropout=dropout, conditional=True
    )
    prior = Prior(config, codebook_size=K, vocab_size=VOCAB).double().eval()
    for parameter in prior.parameters():
        nn.init.normal_(parameter, std=0.3)
    return prior


def make_tokens(n: int = 2, length: int = BLOCK_SIZE) -> Tensor:
    """(n, length): context tokens, BOS, codes."""
    generator = torch.Generator().manual_seed(1)
    context = torch.randint(K + 1, VOCAB, (n, CONTEXT), generator=generator)
    context[:, -1] = K
    codes = torch.randint(K, (n, BLOCK_SIZE - CONTEXT), generator=generator)
    return torch.cat([context, codes], 1)[:, :length]


@torch.no_grad()
def uncached(prior: Prior, tokens: Tensor) -> Tensor:
    return prior.extend(tokens, torch.arange(tokens.shape[1]))[0]


@torch.no_grad()
def in_pieces(prior: Prior, tokens: Tensor, sizes: list[int]) -> tuple[Tensor, Cache]:
    """Logits (B, T, K) from pieces of these sizes, each read with the cache of those before."""
    past, logits = None, []
    edges = list(itertools.accumulate(sizes, initial=0))
    assert edges[-1] == tokens.shape[1]
    for start, end in itertools.pairwise(edges):
        piece, past = prior.extend(tokens[:, start:end], torch.arange(start, end), past)
        logits.append(piece)
    assert past is not None
    return torch.cat(logits, 1), past


@kinds
def test_cached_logits_equal_uncached_ones_token_by_token(n_kv_head: int, axial: bool) -> None:
    prior = make_prior(n_kv_head, axial)
    tokens = make_tokens(length=CONTEXT + 40)
    found, past = in_pieces(prior, tokens, [CONTEXT] + [1] * 40)
    torch.testing.assert_close(found, uncached(prior, tokens), rtol=0, atol=ATOL)
    assert len(past) == 2
    assert {part.shape for layer in past for part in layer} == {(2, n_kv_head, CONTEXT + 40, 8)}


@kinds
def test_cached_logits_equal_uncached_ones_in_chunks_up_to_the_last_position(n_kv_head: int, axial: bool) -> None:
    prior = make_prior(n_kv_head, axial)
    tokens = make_tokens()
    found, _ = in_pieces(prior, tokens, [CONTEXT, 16, 1, 100, 3, 134, 1])
    torch.testing.assert_close(found, uncached(prior, tokens), rtol=0, atol=ATOL)


@kinds
def test_an_empty_cache_is_the_same_as_none(n_kv_head: int, axial: bool) -> None:
    prior = make_prior(n_kv_head, axial)
    tokens = make_tokens(length=CONTEXT)
    nothing = torch.zeros(2, n_kv_head, 0, 8, dtype=torch.float64)
    with torch.no_grad():
        found, _ = prior.extend(tokens, torch.arange(CONTEXT), [(nothing, nothing)] * 2)
    torch.testing.assert_close(found, uncached(prior, tokens), rtol=0, atol=ATOL)


@kinds
@pytest.mark.parametrize("cached", [False, True], ids=["uncached", "cached"])
def test_a_later_token_never_changes_an_earlier_logit(n_kv_head: int, axial: bool, cached: bool) -> None:
    prior = make_prior(n_kv_head, axial)
    tokens = make_tokens(length=60)

    def logits(tokens: Tensor) -> Tensor:
        return in_pieces(prior, tokens, [CONTEXT, 30, 20])[0] if cached else uncached(prior, tokens)

    before = logits(tokens)
    for position in (0, 4, CONTEXT - 1, CONTEXT, 25, 45, 59):
        changed = tokens.clone()
        changed[:, position] = (changed[:, position] + 1) % K
        after = logits(changed)
        assert torch.equal(after[:, :position], before[:, :position]), position
        # and it is read by every later one, so the comparison above means something
        assert (after[:, position:] != before[:, position:]).any(-1).all(), position


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    prior = make_prior(1, True)
    tokens = make_tokens(n=3, length=40)
    together, alone = uncached(prior, tokens), uncached(prior, tokens[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=0, atol=ATOL)


@kinds
def test_the_loss_is_the_negative_log_likelihood_of_each_code_given_those_before(n_kv_head: int, axial: bool) -> None:
    prior = make_prior(n_kv_head, axial)
    tokens = make_tokens()
    codes = torch.cat([tokens[:, CONTEXT:], torch.tensor([[3], [7]])], 1)  # (B, 255) read, and the last one, never read
    with torch.no_grad():
        found = prior(tokens[:, :CONTEXT], codes).nats
    logits, _ = in_pieces(prior, tokens, [CONTEXT] + [85] * 3)
    log_p = F.log_softmax(logits[:, CONTEXT - 1 :], -1)  # BOS predicts the first code
    by_hand = -log_p.gather(-1, codes[..., None])[..., 0]
    assert found.shape == (2, 256)
    torch.testing.assert_close(found.double(), by_hand, rtol=0, atol=1e-4)  # the loss is taken in single precision


def test_with_token_dropout_the_inputs_are_read_and_the_codes_are_the_targets() -> None:
    prior = make_prior(1, True)
    tokens = make_tokens(n=1)
    context, codes = tokens[:, :CONTEXT], torch.cat([tokens[:, CONTEXT:], tokens[:, -1:]], 1)
    spoilt = codes.clone()
    spoilt[0, 100] = (spoilt[0, 100] + 1) % K
    with torch.no_grad():
        clean, found, other_target = (prior(context, *read).nats for read in ((codes,), (codes, spoilt), (spoilt, spoilt)))
    assert torch.equal(found[:, :101], clean[:, :101])
    assert (found[:, 101:] != clean[:, 101:]).all()
    differs = (found != other_target)[0].nonzero().flatten().tolist()
    assert differs == [100]


def test_every_position_knows_the_cell_that_it_predicts() -> None:
    row, column = cells()
    assert row[: CONTEXT - 1].tolist() == column[: CONTEXT - 1].tolist() == [0] * (CONTEXT - 1)
    places = list(zip(row[CONTEXT - 1 :].tolist(), column[CONTEXT - 1 :].tolist(), strict=True))
    assert places == [(r, c) for r in range(1, 17) for c in range(1, 17)]


def test_axial_attention_depends_on_the_distance_between_cells_only() -> None:
    angles = axial_angles(8).double()
    assert angles.shape == (BLOCK_SIZE, 4)
    torch.manual_seed(0)
    q, k = torch.randn(2, 8, dtype=torch.float64)

    def score(query: tuple[int, int], key: tuple[int, int]) -> float:
        at = [CONTEXT - 1 + 16 * r + c for r, c in (query, key)]
        a, b = (rotate(x.view(1, 1, 1, 8), angles[p : p + 1].cos(), angles[p : p + 1].sin()) for x, p in zip((q, k), at, strict=True))
        return float((a * b).sum())

    assert score((5, 7), (3, 2)) == pytest.approx(score((15, 12), (13, 7)), abs=1e-6)
    assert score((5, 7), (3, 2)) != pytest.approx(score((5, 8), (3, 2)), abs=1e-3)
    assert score((5, 7), (3, 2)) != pytest.approx(score((6, 7), (3, 2)), abs=1e-3)


def test_dropout_is_off_in_eval_mode_and_on_in_training() -> None:
    prior = make_prior(2, True, dropout=0.3)
    tokens = make_tokens(length=30)
    assert torch.equal(uncached(prior, tokens), uncached(prior, tokens))
    prior.train()
    assert not torch.equal(uncached(prior, tokens), uncached(prior, tokens))


@pytest.mark.parametrize(("cached", "new"), [(0, 200), (0, 2), (100, 100)])
def test_in_training_blocks_of_queries_come_to_what_the_whole_comes_to(cached: int, new: int) -> None:
    attention = make_prior(2, True).blocks[0].attention
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(3, n, length, 8, generator=generator) for n, length in ((4, new), (2, cached + new), (2, cached + new)))
    hidden = torch.arange(cached + new) > torch.arange(cached, cached + new)[:, None]
    attention.eval()
    whole = attention.attend(q, k, v, hidden)
    attention.train()
    torch.testing.assert_close(attention.attend(q, k, v, hidden), whole)
