"""Laws of the codebook: lookup, straight-through gradient, moving averages, k-means start, resets."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from trainer.codebook import EPSILON, EVEN_ENOUGH, Codebook
from trainer.config import CodebookConfig

torch.set_num_threads(1)


def make_codebook(*, size: int = 8, dim: int = 3, seed: int = 0, **options: float | int | bool | None) -> Codebook:
    torch.manual_seed(seed)
    return Codebook(CodebookConfig(size=size, dim=dim, **options))


def latents(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def as_rows(z_e: Tensor) -> Tensor:
    """(B, D, H, W) → (B·H·W, D)."""
    return z_e.movedim(1, -1).reshape(-1, z_e.shape[1])


def is_row_of(vector: Tensor, rows: Tensor) -> bool:
    return bool((rows == vector).all(1).any())


def state(codebook: Codebook) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in codebook.state_dict().items()}


def test_the_nearest_code_is_the_one_of_the_smallest_euclidean_distance() -> None:
    codebook = make_codebook(size=32)
    z = latents(200, 3)
    assert torch.equal(codebook.nearest(z), torch.cdist(z, codebook.codes).argmin(1))


@pytest.mark.parametrize("training", [False, True])
def test_looked_up_codes_equal_z_q(training: bool) -> None:
    codebook = make_codebook().train(training)
    codes = codebook.codes.clone()
    z_e = latents(2, 3, 4, 5)
    quantized = codebook(z_e)
    assert quantized.indices.shape == (2, 4, 5)
    assert quantized.z_q.shape == z_e.shape
    # By the codes as they were: in training mode they have moved since.
    by_hand = codes[quantized.indices].movedim(-1, 1)
    torch.testing.assert_close(quantized.z_q, by_hand, rtol=0, atol=1e-6)
    if training:
        assert not torch.equal(codebook.codes, codes)
    else:
        torch.testing.assert_close(quantized.z_q, codebook.lookup(quantized.indices), rtol=0, atol=1e-6)


def test_the_lookup_puts_each_code_at_its_cell() -> None:
    codebook = make_codebook()
    indices = torch.arange(6).view(1, 2, 3)
    looked_up = codebook.lookup(indices)
    assert looked_up.shape == (1, 3, 2, 3)
    for row in range(2):
        for column in range(3):
            assert torch.equal(looked_up[0, :, row, column], codebook.codes[3 * row + column])


def test_the_gradient_goes_straight_through_to_z_e() -> None:
    codebook = make_codebook()
    z_e = latents(2, 3, 4, 4).requires_grad_()
    weight = latents(2, 3, 4, 4, seed=2)
    (codebook(z_e).z_q * weight).sum().backward()
    assert torch.equal(z_e.grad, weight)
    assert all(not buffer.requires_grad for buffer in codebook.buffers())
    assert list(codebook.parameters()) == []


def test_the_commitment_loss_pulls_z_e_to_its_code_and_leaves_the_code_alone() -> None:
    codebook = make_codebook().eval()
    z_e = latents(1, 3, 2, 2).requires_grad_()
    quantized = codebook(z_e)
    codes = codebook.lookup(quantized.indices)
    torch.testing.assert_close(quantized.commitment_loss, (z_e - codes).square().mean())
    quantized.commitment_loss.backward()
    torch.testing.assert_close(z_e.grad, 2 * (z_e.detach() - codes) / z_e.numel())


def test_one_ema_step_by_hand() -> None:
    codebook = make_codebook(size=2, dim=1, ema_decay=0.9)
    codebook.codes.copy_(torch.tensor([[0.0], [10.0]]))
    codebook.embed_sum.copy_(codebook.codes)
    codebook(torch.tensor([1.0, 3.0, 10.0]).view(1, 1, 1, 3))
    # 1 and 3 are nearest to code 0, and 10 to code 1: n = (2, 1), sums = (4, 10). With γ = 0.9:
    # N = 0.9·(1, 1) + 0.1·(2, 1) = (1.1, 1.0);  m = 0.9·(0, 10) + 0.1·(4, 10) = (0.4, 10)
    torch.testing.assert_close(codebook.cluster_size, torch.tensor([1.1, 1.0]))
    torch.testing.assert_close(codebook.embed_sum, torch.tensor([[0.4], [10.0]]))
    # Laplace smoothing keeps the total of 2.1: Ñ = (N + ε) / (2.1 + 2ε) · 2.1;  c = m / Ñ
    scale = 2.1 / (2.1 + 2 * EPSILON)
    torch.testing.assert_close(codebook.codes, torch.tensor([[0.4 / ((1.1 + EPSILON) * scale)], [10.0 / ((1.0 + EPSILON) * scale)]]))
    assert codebook.usage.tolist() == [2, 1]
    # The second step goes on from the first: code 0 is now at 0.3636, so 4 and 5 are its own; code 1 gets nothing.
    codebook(torch.tensor([4.0, 5.0]).view(1, 1, 1, 2))
    torch.testing.assert_close(codebook.cluster_size, torch.tensor([0.9 * 1.1 + 0.1 * 2, 0.9]))
    torch.testing.assert_close(codebook.embed_sum, torch.tensor([[0.9 * 0.4 + 0.1 * 9], [9.0]]))
    assert codebook.usage.tolist() == [4, 1]


def test_a_code_that_nobody_uses_stays_where_it_is() -> None:
    codebook = make_codebook(size=2, dim=1)
    codebook.codes.copy_(torch.tensor([[0.0], [100.0]]))
    codebook.embed_sum.copy_(codebook.codes)
    for _ in range(50):
        codebook(torch.zeros(1, 1, 4, 4))
    # Its sum and its size fade alike; only the smoothing moves it, by about ε / N.
    assert float(codebook.codes[1, 0]) == pytest.approx(100, rel=1e-3)
    assert codebook.usage.tolist() == [800, 0]


def test_the_codes_move_to_the_mean_of_their_latents() -> None:
    codebook = make_codebook(size=2, dim=2)
    centres = torch.tensor([[5.0, 0.0], [-5.0, 0.0]])
    codebook.codes.copy_(centres / 5)
    codebook.embed_sum.copy_(codebook.codes)
    noise = latents(2000, 2) / 4
    z_MD = centres.repeat_interleave(1000, 0) + noise
    for _ in range(1000):
        codebook(z_MD.T.reshape(1, 2, 20, 100))
    means = z_MD.view(2, 1000, 2).mean(1)
    torch.testing.assert_close(codebook.codes, means, rtol=1e-3, atol=1e-3)


def test_nothing_moves_in_eval_mode() -> None:
    codebook = make_codebook().eval()
    before = state(codebook)
    codebook(latents(2, 3, 4, 4))
    for name, value in codebook.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_z_e_enters_on_the_unit_sphere_only_when_that_is_wanted() -> None:
    z = latents(2, 3, 4, 4) * 7
    on_sphere = make_codebook(l2_normalize=True).normalize(z)
    torch.testing.assert_close(on_sphere.norm(dim=1), torch.ones(2, 4, 4))
    torch.testing.assert_close(on_sphere * z.norm(dim=1, keepdim=True), z)
    assert torch.equal(make_codebook().normalize(z), z)


def test_autocast_changes_neither_the_codes_chosen_nor_the_averages() -> None:
    plain, cast = make_codebook(size=256, dim=32), make_codebook(size=256, dim=32)
    z_e = latents(4, 32, 16, 16)
    wanted = plain(z_e)
    with torch.autocast("cpu", torch.bfloat16):
        found = cast(z_e)
    assert torch.equal(found.indices, wanted.indices)
    assert torch.equal(cast.codes, plain.codes)


def test_the_nearest_code_outside_training_is_found_in_full_precision_too() -> None:
    codebook = make_codebook(size=256, dim=32)
    z = latents(1000, 32)
    with torch.autocast("cpu", torch.bfloat16):
        found = codebook.nearest(z)
    assert torch.equal(found, codebook.nearest(z))


# --- k-means start ---


def test_before_the_kmeans_start_nothing_is_quantized() -> None:
    codebook = make_codebook(kmeans_start_steps=2)
    before = codebook.codes.clone()
    for _ in range(2):
        z_e = latents(2, 3, 4, 4)
        quantized = codebook(z_e)
        assert torch.equal(quantized.z_q, z_e)
        assert float(quantized.commitment_loss) == 0
    assert torch.equal(codebook.codes, before)
    assert codebook.usage.sum() == 0
    z_e = latents(2, 3, 4, 4)
    assert not torch.equal(codebook(z_e).z_q, z_e)
    assert not torch.equal(codebook.codes, before)


def test_the_kmeans_start_happens_once() -> None:
    codebook = make_codebook(kmeans_start_steps=0, ema_decay=1.0)
    codebook(latents(2, 3, 4, 4))
    started = codebook.codes.clone()
    codebook(latents(2, 3, 4, 4, seed=2))
    # With a decay of 1 the averages stand still; another k-means would have moved the codes.
    torch.testing.assert_close(codebook.codes, started, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_kmeans_start_finds_clusters(seed: int) -> None:
    codebook = make_codebook(size=2, dim=2, seed=seed)
    noise = latents(200, 2, seed=seed)
    z_MD = noise / 10 + torch.tensor([[20.0, 20.0], [-20.0, 20.0]]).repeat_interleave(100, 0)
    codebook.start_(z_MD)
    means = z_MD.view(2, 100, 2).mean(1)
    found = codebook.codes[codebook.codes[:, 0].argsort(descending=True)]
    torch.testing.assert_close(found, means)
    assert torch.equal(codebook.embed_sum, codebook.codes)
    assert torch.equal(codebook.cluster_size, torch.ones(2))


def test_the_kmeans_start_leaves_no_code_without_a_latent() -> None:
    codebook = make_codebook(size=16, dim=3)
    z_MD = latents(400, 3)
    codebook.start_(z_MD)
    assert codebook.nearest(z_MD).unique().numel() == 16


def test_the_kmeans_start_can_do_with_fewer_latents_than_codes() -> None:
    codebook = make_codebook(size=16, dim=3)
    z_MD = latents(5, 3)
    codebook.start_(z_MD)
    torch.testing.assert_close(codebook.codes[codebook.nearest(z_MD)], z_MD)
    assert all(is_row_of(code, z_MD) for code in codebook.codes)


# --- resets of unused codes ---


def with_usage(usage: list[int]) -> Codebook:
    codebook = make_codebook(size=len(usage))
    codebook.cluster_size.copy_(torch.rand(len(usage)) + 2)
    codebook.embed_sum.copy_(torch.randn(len(usage), 3))
    codebook.usage.copy_(torch.tensor(usage))
    return codebook


def test_a_reset_code_becomes_one_of_the_latents_of_the_batch() -> None:
    codebook = with_usage([3, 0, 1, 0, 0])
    recent = latents(40, 3)
    reset = codebook.reset_unused_(recent)
    assert reset.replaced == 3
    for k in (1, 3, 4):
        assert is_row_of(codebook.codes[k], recent)
        assert torch.equal(codebook.embed_sum[k], codebook.codes[k])
        assert codebook.cluster_size[k] == 1
    assert len({tuple(codebook.codes[k].tolist()) for k in (1, 3, 4)}) == 3


def test_a_used_code_is_not_touched_by_a_reset() -> None:
    codebook = with_usage([3, 0, 1, 0, 0])
    before = state(codebook)
    codebook.reset_unused_(latents(40, 3))
    for k in (0, 2):
        for name in ("codes", "embed_sum", "cluster_size"):
            assert torch.equal(codebook.state_dict()[name][k], before[name][k]), name


def test_a_reset_zeroes_every_counter() -> None:
    codebook = with_usage([3, 0, 1, 7, 2])
    codebook.reset_unused_(latents(40, 3))
    assert codebook.usage.tolist() == [0] * 5
    codebook.usage.fill_(4)
    codebook.reset_unused_(latents(40, 3))
    assert codebook.usage.tolist() == [0] * 5


def test_a_reset_changes_nothing_when_every_code_is_used() -> None:
    codebook = with_usage([1, 1, 1, 1, 1])
    before = state(codebook)
    reset = codebook.reset_unused_(latents(40, 3))
    assert (reset.used_before, reset.replaced) == (5, 0)
    for name in ("codes", "embed_sum", "cluster_size"):
        assert torch.equal(codebook.state_dict()[name], before[name])


def test_a_reset_reports_the_codes_used_before_and_after() -> None:
    codebook = make_codebook(size=8)
    codebook.codes.copy_(1000 + latents(8, 3))  # far off, so that one code gets every latent
    codebook.embed_sum.copy_(codebook.codes)
    z_e = latents(1, 3, 8, 8)
    codebook(z_e)
    reset = codebook.reset_unused_(as_rows(z_e))
    assert (reset.used_before, reset.replaced) == (1, 7)
    assert reset.used_after == codebook.nearest(as_rows(z_e)).unique().numel() == 7


def test_a_batch_smaller_than_the_number_of_unused_codes_is_drawn_from_more_than_once() -> None:
    codebook = with_usage([0] * 6)
    recent = latents(2, 3)
    assert codebook.reset_unused_(recent).replaced == 6
    assert all(is_row_of(code, recent) for code in codebook.codes)


def test_an_even_use_of_the_codes_is_even_enough() -> None:
    codebook = make_codebook(size=16)
    spread = codebook.codes.repeat(5, 1)
    assert float(codebook.unevenness(spread)) == 0.0
    crowded = codebook.codes[:1].expand(80, 3)
    assert float(codebook.unevenness(crowded)) == pytest.approx(EVEN_ENOUGH * math.log(16), rel=0.1)


def test_a_latent_between_two_codes_is_moved_towards_the_rarer_one() -> None:
    codebook = make_codebook(size=2, dim=1)
    codebook.codes.copy_(torch.tensor([[-1.0], [1.0]]))
    z = torch.tensor([[-1.0]] * 9 + [[0.1]], requires_grad=True)
    codebook.unevenness(z).backward()
    assert z.grad is not None
    assert float(z.grad[9]) < 0  # against the gradient is towards +1
    assert float(z.grad[9]) < 10 * float(z.grad[:9].min())  # the others lie where they lie


def test_unevenness_is_measured_in_training_and_where_it_is_asked_for() -> None:
    codebook = make_codebook(size=8)
    z_e = codebook.codes[:1].expand(40, 3).reshape(1, 8, 5, 3).movedim(-1, 1).clone().requires_grad_()
    assert float(codebook.eval()(z_e, with_unevenness=True).unevenness) == 0.0
    codebook.train()
    assert float(codebook(z_e).unevenness) == 0.0
    found = codebook(z_e, with_unevenness=True).unevenness
    assert found.item() > 1.0
    found.backward()  # though the codes have moved since
    assert z_e.grad is not None
    assert bool(z_e.grad.isfinite().all())
