"""Laws of the paths and mixes in latent space."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emoterm.errors import UsageError
from emoterm.latent import blend, interpolate, lerp, slerp, steps

D = 5
latents = arrays(np.float32, (D, 2, 3), elements=st.floats(-8, 8, width=32))
shares = st.floats(0, 1, width=32)


def length(z: np.ndarray) -> np.ndarray:
    return np.linalg.norm(z.astype(np.float64), axis=-3)


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine = (a.astype(np.float64) * b).sum(axis=-3) / (length(a) * length(b))
    return np.arccos(np.clip(cosine, -1, 1))


def random_latent(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(D, 4, 4)).astype(np.float32)


@given(latents, latents)
def test_lerp_and_slerp_begin_and_end_exactly_at_their_ends(a: np.ndarray, b: np.ndarray) -> None:
    for path in (lerp, slerp):
        assert np.array_equal(path(a, b, 0), a)
        assert np.array_equal(path(a, b, 1), b)


@given(latents, latents, shares)
def test_lerp_stays_on_the_straight_line(a: np.ndarray, b: np.ndarray, t: float) -> None:
    assert np.allclose(lerp(a, b, t), a + t * (b.astype(np.float64) - a), atol=1e-5)


@given(latents, shares)
def test_a_path_from_a_latent_to_itself_stays_there(a: np.ndarray, t: float) -> None:
    assert np.allclose(lerp(a, a, t), a, atol=1e-5)
    assert np.allclose(slerp(a, a, t), a, atol=1e-5)


@given(latents, latents, shares)
def test_both_paths_are_the_same_walked_backwards(a: np.ndarray, b: np.ndarray, t: float) -> None:
    # t and 1 - t are rounded on their own, and near opposite vectors slerp turns fast: compare where it is well-conditioned.
    assert np.allclose(lerp(a, b, t), lerp(b, a, 1 - t), atol=1e-4)
    a, b = random_latent(1), random_latent(2)
    assert np.allclose(slerp(a, b, t), slerp(b, a, 1 - t), atol=1e-4)


@given(latents, latents, shares)
def test_slerp_is_finite_everywhere(a: np.ndarray, b: np.ndarray, t: float) -> None:
    for other in (b, -a, 2 * a, np.zeros_like(a)):
        result = slerp(a, other, t)
        assert np.isfinite(result).all()
        assert result.dtype == np.float32


def test_slerp_between_unit_vectors_stays_on_the_sphere_and_turns_evenly() -> None:
    a, b = (z / length(z).astype(np.float32) for z in (random_latent(1), random_latent(2)))
    walk = interpolate(a, b, 6, "slerp")
    assert np.allclose(length(walk), 1, atol=1e-5)
    turns = np.stack([angle(p, q) for p, q in itertools.pairwise(walk)])
    assert np.allclose(turns, angle(a, b) / 5, atol=1e-3)


def test_slerp_treats_each_position_on_its_own() -> None:
    a, b = random_latent(1), random_latent(2)
    whole = slerp(a, b, 0.3)
    alone = slerp(a[:, 2:3, 1:2], b[:, 2:3, 1:2], 0.3)
    assert np.allclose(whole[:, 2:3, 1:2], alone, atol=1e-6)


def test_paths_take_batches_too() -> None:
    a, b = np.stack([random_latent(1), random_latent(2)]), np.stack([random_latent(3), random_latent(4)])
    for path in (lerp, slerp):
        assert np.array_equal(path(a, b, 0.25)[1], path(a[1], b[1], 0.25))


@pytest.mark.parametrize("n", [1, 2, 3, 10, 257])
def test_steps_are_even_and_reach_both_ends(n: int) -> None:
    t = steps(n)
    assert len(t) == n
    assert t[0] == 0
    assert n == 1 or t[-1] == 1
    assert np.allclose(np.diff(t), 1 / max(n - 1, 1), atol=1e-6)


@pytest.mark.parametrize("path", ["lerp", "slerp"])
def test_interpolate_gives_one_latent_a_step_with_both_ends(path: str) -> None:
    a, b = random_latent(1), random_latent(2)
    walk = interpolate(a, b, 7, path)
    assert walk.shape == (7, *a.shape)
    assert walk.dtype == np.float32
    assert np.array_equal(walk[0], a)
    assert np.array_equal(walk[-1], b)


def test_no_steps_and_unknown_paths_are_refused_by_flag() -> None:
    a = random_latent(1)
    with pytest.raises(UsageError, match="--steps"):
        interpolate(a, a, 0)
    with pytest.raises(UsageError, match=r"--path zigzag(.|\n)*lerp, slerp"):
        interpolate(a, a, 3, "zigzag")


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=5), st.floats(0.01, 100))
def test_a_blend_depends_on_the_ratio_of_weights_only(weights: list[float], scale: float) -> None:
    zs = [random_latent(i) for i in range(len(weights))]
    assert np.allclose(blend(zs, weights), blend(zs, [scale * weight for weight in weights]), atol=1e-5)
    assert np.allclose(blend(zs, weights), np.average(np.stack(zs), axis=0, weights=weights), atol=1e-5)


def test_a_blend_of_one_is_itself_and_a_weight_of_zero_does_not_count() -> None:
    a, b = random_latent(1), random_latent(2)
    assert np.array_equal(blend([a], [3]), a)
    assert np.array_equal(blend([a, b], [2, 0]), a)
    assert np.allclose(blend([a, b], [1, 3]), lerp(a, b, 0.75), atol=1e-6)


@pytest.mark.parametrize("weights", [[1, -1], [0, 0], [1, float("nan")], [1, float("inf")], [1], []])
def test_weights_that_make_no_sense_are_refused(weights: list[float]) -> None:
    with pytest.raises(UsageError, match="blend"):
        blend([random_latent(1), random_latent(2)], weights)
