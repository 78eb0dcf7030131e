"""Laws of the figures that compare sets of pictures, and small sets worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from trainer import sample_metrics as metrics


def cloud(n: int, seed: int = 0, d: int = 8) -> Tensor:
    """Points of a normal distribution."""
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def line(*values: float) -> Tensor:
    """Points on a line: (n, 1)."""
    return torch.tensor(values, dtype=torch.float32)[:, None]


def test_equal_sets_are_no_distance_apart_and_cover_each_other() -> None:
    x = cloud(60)
    assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert metrics.precision_recall(x, x) == (1, 1)
    density, coverage = metrics.density_coverage(x, x)
    assert coverage == 1
    assert density == pytest.approx(6 / 5)  # each ball holds its own point and its five neighbours


def test_the_frechet_distance_of_gaussians_known_in_closed_form() -> None:
    # One dimension: (μ₁ − μ₂)² + (σ₁ − σ₂)²; the sample deviation of ±1 is √2.
    assert metrics.frechet_distance(line(-1, 1), line(2, 4)) == pytest.approx(9)
    assert metrics.frechet_distance(line(-1, 1), line(-3, 3)) == pytest.approx((3 - 1) ** 2 * 2)


def test_the_frechet_distance_is_symmetric_and_does_not_see_rotations() -> None:
    a, b = cloud(50), 2 * cloud(70, seed=1) + 1
    turn = torch.linalg.qr(cloud(8, seed=2))[0]
    assert metrics.frechet_distance(a, b) == pytest.approx(metrics.frechet_distance(b, a), rel=1e-6)
    assert metrics.frechet_distance(a @ turn, b @ turn) == pytest.approx(metrics.frechet_distance(a, b), rel=1e-4)


def test_fewer_points_than_features_still_have_a_distance() -> None:
    assert metrics.frechet_distance(cloud(5, d=16), cloud(5, seed=1, d=16)) > 0


def test_far_away_sets_share_nothing() -> None:
    a, b = cloud(30), cloud(30, seed=1) + 100
    assert metrics.precision_recall(a, b) == (0, 0)
    assert metrics.density_coverage(a, b) == (0, 0)


def test_precision_and_recall_worked_by_hand() -> None:
    # k = 1: the real balls are [−1, 1], [0, 2], [8, 12], [10, 14]; those of the others [0.5, 2.5], [1.5, 3.5], [2.5, 16.5].
    real, others = line(0, 1, 10, 12), line(1.5, 2.5, 9.5)
    assert metrics.precision_recall(real, others, k=1) == (pytest.approx(2 / 3), pytest.approx(3 / 4))


def test_density_and_coverage_worked_by_hand() -> None:
    # 1.5 lies in the ball of 1 and 9.5 in that of 10; 2.5 lies in none, and nothing in the balls of 0 and 12.
    real, others = line(0, 1, 10, 12), line(1.5, 2.5, 9.5)
    assert metrics.density_coverage(real, others, k=1) == (pytest.approx(2 / 3), pytest.approx(2 / 4))


def test_dropping_a_mode_costs_recall_and_coverage_but_not_precision() -> None:
    real = torch.cat([cloud(100), cloud(100, seed=1) + 50])
    half = cloud(200, seed=2)
    precision, recall = metrics.precision_recall(real, half)
    assert precision > 0.8 > 0.55 > recall
    assert 0.4 < metrics.density_coverage(real, half)[1] <= 0.5


def test_one_stray_point_lifts_precision_but_not_density() -> None:
    real = torch.cat([0.01 * cloud(100), torch.full((1, 8), 30.0)])
    nonsense = cloud(100, seed=1) + 10
    assert metrics.precision_recall(real, nonsense)[0] == 1
    assert metrics.density_coverage(real, nonsense)[0] < 0.3


def test_too_few_points_for_the_neighbours_are_refused() -> None:
    with pytest.raises(ValueError, match="no 3 neighbours"):
        metrics.precision_recall(cloud(3), cloud(9))


def test_copies_of_training_pictures_are_memorised_and_real_ones_are_not() -> None:
    training, test = cloud(200), cloud(100, seed=1)
    real = metrics.nearest(test, training)
    assert metrics.memorised_share(metrics.nearest(training[:50], training), real) == 1
    assert metrics.memorised_share(real, real) == pytest.approx(0.05, abs=0.011)
    assert metrics.memorised_share(metrics.nearest(test + 100, training), real) == 0


def test_distances_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = cloud(70), cloud(30, seed=1)
    whole = metrics.distances(a, b)
    monkeypatch.setattr(metrics, "_CHUNK", 16)
    torch.testing.assert_close(metrics.distances(a, b), whole)
    torch.testing.assert_close(metrics.nearest(a, b), whole.min(1).values)


def test_ranks_among_prototypes() -> None:
    embeddings = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    candidates = metrics.prototypes(embeddings, torch.tensor([0, 0, 1, 2]), 4)
    assert candidates[3].isnan().all()
    torch.testing.assert_close(candidates[:3], torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    queries = torch.nn.functional.normalize(torch.tensor([[1.0, 0.1], [1.0, 0.1], [1.0, 0.1], [0.0, 1.0]]), dim=1)
    places = metrics.ranks(queries, torch.tensor([0, 1, 2, 3]), candidates)
    assert places.tolist() == [1, 2, 3, 0]
    assert (metrics.top_share(places, 1), metrics.top_share(places, 2), metrics.top_share(places, 5)) == pytest.approx((1 / 3, 2 / 3, 1))


def test_a_tie_does_not_count_as_won() -> None:
    candidates = metrics.prototypes(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]), 2)
    assert metrics.ranks(torch.tensor([[1.0, 0.0]]), torch.tensor([0]), candidates).tolist() == [2]
    assert math.isnan(metrics.top_share(torch.tensor([0, 0]), 5))
