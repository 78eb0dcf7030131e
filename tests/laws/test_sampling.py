"""Laws of the sampling order: guidance → temperature → top-k → softmax → top-p → draw."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emoterm.errors import UsageError
from emoterm.sampling import MAX_SEED, SamplingParams, uniforms
from tests.sampler import draw, probabilities

shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
smooth = arrays(np.float32, shapes, elements=st.floats(-30, 30, width=32))
tied = arrays(np.float32, shapes, elements=st.integers(-2, 2).map(float))  # few values, so nearly every row has ties
logits_of_any_kind = st.one_of(smooth, tied)
counts = st.integers(1, 30)
shares = st.floats(0.01, 1, exclude_max=True)
temperatures = st.floats(0.05, 20)
unit = st.floats(0, 1, exclude_max=True)

GOLDEN = {
    (7, 0): [0.8720734548204873, 0.29536538151378355, 0.4200976785072422, 0.4053922457839946],
    (MAX_SEED, 15): [0.4174879257085087, 0.00352507011270764, 0.7491682083943172, 0.20530369435755547],
}


def by_rank(row: np.ndarray) -> np.ndarray:
    """Indices from the largest value to the smallest, equal ones by index."""
    return np.argsort(-row, kind="stable")


@given(logits_of_any_kind, counts, shares, unit)
def test_temperature_zero_is_greedy_whatever_else_is_asked(logits: np.ndarray, k: int, p: float, u: float) -> None:
    params = SamplingParams(temperature=0, top_k=k, top_p=p)
    assert np.array_equal(draw(logits, np.full(len(logits), u), params), logits.argmax(axis=1))


@given(logits_of_any_kind, unit)
def test_a_tiny_temperature_is_greedy_and_overflows_nowhere(logits: np.ndarray, u: float) -> None:
    picked = draw(logits, np.full(len(logits), u), SamplingParams(temperature=1e-308))
    assert np.array_equal(np.take_along_axis(logits, picked[:, None], 1)[:, 0], logits.max(axis=1))


@given(logits_of_any_kind, counts, temperatures)
def test_top_k_keeps_exactly_k_even_with_ties(logits: np.ndarray, k: int, temperature: float) -> None:
    # Differences of at most 60 / 0.05 could underflow in exp; the temperature keeps them where a kept token has a probability.
    probs = probabilities(logits, SamplingParams(temperature=max(temperature, 1), top_k=k))
    for row, kept in zip(logits, probs > 0, strict=True):
        expected = by_rank(row)[: min(k, len(row))]
        assert set(np.flatnonzero(kept)) == set(expected)


@given(logits_of_any_kind, shares, temperatures)
def test_top_p_keeps_the_smallest_set_that_reaches_p(logits: np.ndarray, p: float, temperature: float) -> None:
    plain = probabilities(logits, SamplingParams(temperature=temperature))
    nucleus = probabilities(logits, SamplingParams(temperature=temperature, top_p=p)) > 0
    for row, probs, kept in zip(logits, plain, nucleus, strict=True):
        n = int(kept.sum())
        assert set(np.flatnonzero(kept)) == set(by_rank(row)[:n]), "not the likeliest ones"
        mass = math.fsum(probs[kept])
        assert mass >= p - 1e-9, "does not reach p"
        assert n == 1 or mass - probs[kept].min() < p + 1e-9, "one less would do"


@pytest.mark.parametrize(("p", "size"), [(0.05, 1), (0.1, 1), (0.3, 3), (0.7, 7), (0.8, 8), (0.81, 9), (1.0, 10)])
def test_top_p_is_not_led_astray_by_rounding(p: float, size: int) -> None:
    assert (probabilities(np.zeros((1, 10), np.float32), SamplingParams(top_p=p)) > 0).sum() == size


def test_top_p_counts_the_mass_that_temperature_and_top_k_left() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.125, 0.125]]))
    # Untouched, 0.6 needs two tokens; squared (temperature ½) the first alone has 16/22; of the best two it has 2/3.
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6))) == 2
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6, temperature=0.5))) == 1
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6, top_k=2))) == 1


@given(logits_of_any_kind, st.none() | counts, shares | st.just(1.0), temperatures)
def test_probabilities_add_up_to_one(logits: np.ndarray, k: int | None, p: float, temperature: float) -> None:
    probs = probabilities(logits, SamplingParams(temperature=temperature, top_k=k, top_p=p))
    assert (probs >= 0).all()
    assert np.allclose(probs.sum(axis=1), 1, atol=1e-12)


@given(logits_of_any_kind, st.none() | counts, shares | st.just(1.0), temperatures)
def test_a_row_does_not_depend_on_the_rows_beside_it(logits: np.ndarray, k: int | None, p: float, temperature: float) -> None:
    params = SamplingParams(temperature=temperature, top_k=k, top_p=p)
    together = probabilities(logits, params)
    alone = np.concatenate([probabilities(row[None], params) for row in logits])
    # Vector instructions may round the last of 53 bits in another way at another place of the batch. To change a token, a random number
    # would have to fall into that gap: once in some 10¹³ tokens.
    assert np.allclose(together, alone, rtol=0, atol=1e-15)
    assert np.array_equal(together > 0, alone > 0)


@given(smooth)
def test_with_everything_off_it_is_the_softmax(logits: np.ndarray) -> None:
    exact = np.exp(logits.astype(np.float64))
    assert np.allclose(probabilities(logits, SamplingParams()), exact / exact.sum(axis=1, keepdims=True), rtol=1e-9, atol=0)


@given(smooth, st.floats(0, 8))
def test_guidance_goes_from_unconditional_through_conditional_and_beyond(cond: np.ndarray, guidance: float) -> None:
    uncond = cond[::-1]

    def guided(uncond: np.ndarray, guidance: float) -> np.ndarray:
        return probabilities(np.concatenate([cond, uncond]), SamplingParams(guidance=guidance), pairs=True)

    assert np.allclose(guided(uncond, 1), probabilities(cond, SamplingParams()), atol=1e-12)
    assert np.array_equal(guided(uncond, 0), probabilities(uncond, SamplingParams()))
    assert np.array_equal(guided(cond, guidance), probabilities(cond, SamplingParams())), "to the bit: both halves are the same"
    mixed = (1 - guidance) * uncond.astype(np.float64) + guidance * cond
    by_hand = np.exp(mixed - mixed.max(axis=1, keepdims=True))
    assert np.allclose(guided(uncond, guidance), by_hand / by_hand.sum(axis=1, keepdims=True), atol=1e-4)


def test_with_guidance_both_halves_get_the_tokens() -> None:
    logits = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    for n in (3, 6):
        numbers = np.linspace(0, 0.9, n)
        assert np.array_equal(
            draw(logits, numbers, SamplingParams(guidance=2), halves=True),
            np.tile(draw(logits, numbers, SamplingParams(guidance=2)), 6 // n),
        )


@given(logits_of_any_kind, st.none() | counts, shares | st.just(1.0), unit)
def test_a_token_of_probability_zero_is_never_drawn(logits: np.ndarray, k: int | None, p: float, u: float) -> None:
    probs = probabilities(logits, SamplingParams(top_k=k, top_p=p))
    for number in (0.0, u, 1 - 2.0**-53):
        picked = draw(logits, np.full(len(probs), number), SamplingParams(top_k=k, top_p=p))
        assert (np.take_along_axis(probs, picked[:, None], axis=1) > 0).all()


@given(smooth)
def test_tokens_are_drawn_as_often_as_they_are_likely(logits: np.ndarray) -> None:
    probs = probabilities(logits[:1], SamplingParams())
    n = 1000
    evenly = (np.arange(n) + 0.5) / n
    drawn = np.bincount(draw(np.repeat(logits[:1], n, axis=0), evenly, SamplingParams()), minlength=probs.shape[1])
    assert np.abs(drawn - n * probs[0]).max() <= 1


@given(st.integers(0, MAX_SEED), st.integers(0, 2**40), st.integers(1, 300))
def test_the_random_numbers_of_a_picture_depend_on_seed_and_picture_only(seed: int, picture: int, n: int) -> None:
    numbers = uniforms(seed, picture, n)
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert np.array_equal(numbers, uniforms(seed, picture, n + 7)[:n])
    assert not np.array_equal(numbers, uniforms(seed, picture + 1, n))
    assert not np.array_equal(numbers, uniforms(seed ^ 1, picture, n))


def test_the_random_stream_is_the_one_of_every_earlier_version() -> None:
    # A seed that someone wrote down has to give the same pictures for ever.
    assert uniforms(7, 0, 4).tolist() == GOLDEN[7, 0]
    assert uniforms(MAX_SEED, 15, 4).tolist() == GOLDEN[MAX_SEED, 15]


def test_random_numbers_are_evenly_spread() -> None:
    numbers = np.concatenate([uniforms(3, picture, 256) for picture in range(64)])
    tenths = np.bincount((numbers * 10).astype(int), minlength=10) / numbers.size
    assert np.abs(tenths - 0.1).max() < 0.015  # six standard deviations of 16,384 draws


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_a_seed_out_of_range_names_its_flag(seed: int) -> None:
    with pytest.raises(UsageError, match="--seed"):
        uniforms(seed, 0, 1)


@pytest.mark.parametrize(
    ("flag", "values"),
    [
        ("temperature", [-0.1, math.inf, math.nan]),
        ("top_k", [0, -3]),
        ("top_p", [0.0, -0.5, 1.01, 2.0, math.nan]),
        ("guidance", [-1.0, math.inf, math.nan]),
    ],
)
def test_a_parameter_out_of_range_names_its_flag_and_value(flag: str, values: list[float]) -> None:
    for value in values:
        with pytest.raises(UsageError, match=f"--{flag.replace('_', '-')} .*{value}"):
            SamplingParams(**{flag: value})
