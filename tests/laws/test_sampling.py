"""Laws of the sampling order: guidance → temperature → top-k → softmax → top-p → min-p → draw."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emoterm.errors import UsageError
from emoterm.sampling import MAX_SEED, SamplingParams, uniforms
from tests.sampler import draw, kept, probabilities, run

shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
smooth = arrays(np.float32, shapes, elements=st.floats(-30, 30, width=32))
tied = arrays(np.float32, shapes, elements=st.integers(-2, 2).map(float))  # few values, so nearly every row has ties
logits_of_any_kind = st.one_of(smooth, tied)
counts = st.integers(1, 30)
shares = st.floats(0.01, 1, exclude_max=True)
temperatures = st.floats(0.05, 20)
unit = st.floats(0, 1, exclude_max=True)
laws = st.builds(
    SamplingParams,
    temperature=temperatures,
    top_k=st.none() | counts,
    top_p=shares | st.just(1.0),
    min_p=st.just(0.0) | shares,
)

GOLDEN = {
    (7, 0): [0.8720734548204873, 0.29536538151378355, 0.4200976785072422, 0.4053922457839946],
    (MAX_SEED, 15): [0.4174879257085087, 0.00352507011270764, 0.7491682083943172, 0.20530369435755547],
}


@given(tied, counts, shares, shares, unit)
def test_temperature_zero_is_greedy_whatever_else_is_asked(logits: np.ndarray, k: int, p: float, m: float, u: float) -> None:
    params = SamplingParams(temperature=0, top_k=k, top_p=p, min_p=m)
    assert np.array_equal(draw(logits, np.full(len(logits), u), params), logits.argmax(axis=1)), "of several the first"


@given(smooth, unit, st.sampled_from([0, 1e-308, 1e-7]))
def test_a_tiny_temperature_is_greedy_and_overflows_nowhere(logits: np.ndarray, u: float, temperature: float) -> None:
    picked = draw(logits, np.full(len(logits), u), SamplingParams(temperature=temperature))
    assert (np.take_along_axis(logits, picked[:, None], 1)[:, 0] >= logits.max(axis=1) - 1e-12).all()


@given(logits_of_any_kind, counts, temperatures)
def test_top_k_keeps_the_k_likeliest_and_those_as_likely_as_the_kth(logits: np.ndarray, k: int, temperature: float) -> None:
    # Differences of at most 60 / 0.05 could underflow in exp; the temperature keeps them where a kept token has a probability.
    probs = probabilities(logits, SamplingParams(temperature=max(temperature, 1), top_k=k))
    for row, inside in zip(logits, probs > 0, strict=True):
        kth = np.sort(row)[::-1][min(k, len(row)) - 1]
        assert np.array_equal(inside, row >= kth)


@given(logits_of_any_kind, shares, temperatures)
def test_top_p_keeps_the_smallest_set_that_reaches_p_and_ties_at_its_edge(logits: np.ndarray, p: float, temperature: float) -> None:
    plain = probabilities(logits, SamplingParams(temperature=temperature))
    nucleus = probabilities(logits, SamplingParams(temperature=temperature, top_p=p)) > 0
    for row, probs, inside in zip(logits, plain, nucleus, strict=True):
        edge = row[inside].min()
        assert np.array_equal(inside, row >= edge), "not the likeliest ones"
        assert math.fsum(probs[inside]) >= p - 1e-6, "does not reach p"
        assert math.fsum(probs[row > edge]) < p + 1e-6, "without the least likely ones it would do"


@pytest.mark.parametrize("size", range(1, 10))
def test_top_p_is_not_led_astray_by_rounding(size: int) -> None:
    for seed in range(20):
        logits = np.sort(np.random.default_rng(seed).normal(size=(1, 10)).astype(np.float32))[:, ::-1]
        exact = np.exp(logits[0].astype(np.float64))
        p = math.fsum(exact[:size]) / math.fsum(exact)  # which so many reach, and hardly
        assert np.count_nonzero(kept(logits, SamplingParams(top_p=p))) == size


def test_equal_ones_are_all_in_the_nucleus_or_none() -> None:
    logits = np.array([[0, 2, 0, 0, 2]], np.float32)
    for p, inside in ((0.05, [1, 4]), (0.6, [1, 4]), (0.9, [0, 1, 2, 3, 4])):
        assert np.flatnonzero(kept(logits, SamplingParams(top_p=p))[0]).tolist() == inside


@given(logits_of_any_kind, shares, temperatures)
def test_min_p_keeps_exactly_those_that_are_likely_enough_beside_the_likeliest(logits: np.ndarray, m: float, temperature: float) -> None:
    found, plain = (kept(logits, SamplingParams(temperature=temperature, min_p=each)) for each in (m, 0.0))
    wide = logits.astype(np.float64)
    shares_of_best = np.exp((wide - wide.max(axis=1, keepdims=True)) / temperature)
    # A logit of 30 at temperature 0.05 is 600, and has an error of 1e-4 in float32.
    assert (found > 0)[shares_of_best > m * (1 + 5e-4)].all(), "likely enough, and cut off"
    assert not (found > 0)[shares_of_best < m * (1 - 5e-4)].any(), "not likely enough, and kept"
    assert np.array_equal(found, np.where(plain >= np.float32(m) * plain.max(axis=1, keepdims=True), plain, 0)), "to the bit"


@given(logits_of_any_kind, temperatures)
def test_min_p_of_0_keeps_all_and_of_1_the_likeliest_only(logits: np.ndarray, temperature: float) -> None:
    # The temperature as for top-k.
    everything, best = (kept(logits, SamplingParams(temperature=max(temperature, 1), min_p=m)) for m in (0.0, 1.0))
    assert (everything > 0).all()
    assert np.array_equal(best > 0, everything == everything.max(axis=1, keepdims=True))
    assert (best > 0)[np.arange(len(logits)), logits.argmax(axis=1)].all()
    assert not (best > 0)[logits < logits.max(axis=1, keepdims=True) - max(temperature, 1) * 1e-5].any()


def test_min_p_counts_what_temperature_left_and_comes_after_top_p() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.125, 0.125]]))
    # The second is half as likely as the first; squared (temperature ½) a quarter; of the square roots (temperature 2) the last has half.
    assert np.count_nonzero(kept(logits, SamplingParams(min_p=0.4))) == 2
    assert np.count_nonzero(kept(logits, SamplingParams(min_p=0.4, temperature=0.5))) == 1
    assert np.count_nonzero(kept(logits, SamplingParams(min_p=0.4, temperature=2))) == 4
    # Half of the whole mass is reached by two; were what min-p cuts off not counted, the first had four sevenths.
    logits = np.log(np.array([[0.4, 0.3, 0.2, 0.1]]))
    assert np.count_nonzero(kept(logits, SamplingParams(min_p=0.6, top_p=0.5))) == 2
    assert np.count_nonzero(kept(logits, SamplingParams(min_p=0.8, top_p=0.9))) == 1


@given(logits_of_any_kind, temperatures, st.just(0.0) | shares, st.floats(0, 8), unit)
def test_what_sorts_and_what_does_not_draw_the_same_to_the_bit(
    logits: np.ndarray, temperature: float, m: float, guidance: float, u: float
) -> None:
    params = SamplingParams(temperature=temperature, min_p=m, guidance=guidance)
    both = np.concatenate([logits, logits[::-1]])
    numbers = (u + np.arange(len(logits)) / len(logits)) % 1
    for rows, variants in ((both, [(True, True), (True, False)]), (logits, [(True, True), (True, False), (False, False)])):
        (tokens, masses), *others = (run(rows, numbers, params, guides=guides, sorts=sorts) for guides, sorts in variants)
        for other_tokens, other_masses in others:
            assert np.array_equal(other_masses, masses)
            assert np.array_equal(other_tokens, tokens)


def test_top_p_counts_the_mass_that_temperature_and_top_k_left() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.125, 0.125]]))
    # Untouched, 0.6 needs two tokens; squared (temperature ½) the first alone has 16/22; of the best two it has 2/3.
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6))) == 2
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6, temperature=0.5))) == 1
    assert np.count_nonzero(probabilities(logits, SamplingParams(top_p=0.6, top_k=2))) == 1


@given(logits_of_any_kind, laws)
def test_what_is_kept_is_shared_out_among_tokens_that_add_up_to_one(logits: np.ndarray, params: SamplingParams) -> None:
    masses = kept(logits, params)
    assert (masses >= 0).all()
    sums = masses.sum(axis=1)
    assert (sums > 0).all()
    # What top-k and top-p cut off is shared out among the others, what min-p cuts off is not.
    assert (sums <= 1 + 1e-6).all()
    assert np.allclose(kept(logits, replace(params, min_p=0.0)).sum(axis=1), 1, rtol=0, atol=1e-6)


@given(logits_of_any_kind, laws, unit)
def test_a_row_does_not_depend_on_the_rows_beside_it(logits: np.ndarray, params: SamplingParams, u: float) -> None:
    numbers = np.full(len(logits), u)
    tokens, together = run(logits, numbers, params)
    alone = [run(row[None], numbers[:1], params) for row in logits]
    assert np.array_equal(together, np.concatenate([masses for _, masses in alone])), "to the bit"
    assert np.array_equal(tokens, np.concatenate([token for token, _ in alone]))


@given(logits_of_any_kind, laws)
def test_a_place_of_a_picture_does_not_depend_on_the_places_beside_it(logits: np.ndarray, params: SamplingParams) -> None:
    others = np.stack([logits[0], np.roll(logits[0], 1), np.flip(logits[0])])  # (3, K): three places of one picture
    numbers = np.array([0.1, 0.5, 0.9])
    together, masses = run(others[None], numbers[None], params)
    for place, (tokens, kept_there) in enumerate(
        run(one[None, None], number[None, None], params) for one, number in zip(others, numbers, strict=True)
    ):
        assert together[0, place] == tokens[0, 0]
        assert np.array_equal(masses[0, place], kept_there[0, 0])


@given(smooth)
def test_with_everything_off_it_is_the_softmax(logits: np.ndarray) -> None:
    exact = np.exp(logits.astype(np.float64))
    assert np.allclose(probabilities(logits, SamplingParams()), exact / exact.sum(axis=1, keepdims=True), rtol=1e-5, atol=0)


@given(smooth, st.floats(0, 8))
def test_guidance_goes_from_unconditional_through_conditional_and_beyond(cond: np.ndarray, guidance: float) -> None:
    uncond = cond[::-1]

    def guided(uncond: np.ndarray, guidance: float) -> np.ndarray:
        return probabilities(np.concatenate([cond, uncond]), SamplingParams(guidance=guidance), pairs=True)

    assert np.allclose(guided(uncond, 1), probabilities(cond, SamplingParams()), atol=5e-6)
    assert np.array_equal(guided(uncond, 0), probabilities(uncond, SamplingParams()))
    assert np.array_equal(guided(cond, guidance), probabilities(cond, SamplingParams())), "to the bit: both halves are the same"
    mixed = (1 - guidance) * uncond.astype(np.float64) + guidance * cond
    by_hand = np.exp(mixed - mixed.max(axis=1, keepdims=True))
    assert np.allclose(guided(uncond, guidance), by_hand / by_hand.sum(axis=1, keepdims=True), atol=1e-4)


@given(logits_of_any_kind, st.none() | counts, shares | st.just(1.0), shares, unit, temperatures)
def test_counting_finds_the_same_token(logits: np.ndarray, k: int | None, p: float, m: float, u: float, temperature: float) -> None:
    params = SamplingParams(temperature=temperature, top_k=k, top_p=p, min_p=m)
    for number in (0.0, u, 1 - 2.0**-53):
        numbers = np.full(len(logits), number)
        assert np.array_equal(run(logits, numbers, params, counts=True)[0], run(logits, numbers, params)[0])


@pytest.mark.parametrize("temperature", [1e30, 1e50, 1e300])
def test_the_hottest_draws_from_all_that_is_left_alike(temperature: float) -> None:
    logits = np.arange(10, dtype=np.float32)[None]
    assert np.allclose(probabilities(logits, SamplingParams(temperature=temperature, top_k=5)), [[0.0] * 5 + [0.2] * 5])


@pytest.mark.parametrize("p", [1e-300, 1e-12, 1e-6])
def test_the_smallest_nucleus_is_the_likeliest(p: float) -> None:
    assert np.array_equal(probabilities(np.arange(10, dtype=np.float32)[None], SamplingParams(top_p=p)), [[0.0] * 9 + [1.0]])


def test_with_guidance_both_halves_get_the_tokens() -> None:
    logits = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    for n in (3, 6):
        numbers = np.linspace(0, 0.9, n)
        assert np.array_equal(
            draw(logits, numbers, SamplingParams(guidance=2), halves=True),
            np.tile(draw(logits, numbers, SamplingParams(guidance=2)), 6 // n),
        )


@given(logits_of_any_kind, laws, unit)
def test_a_token_of_probability_zero_is_never_drawn(logits: np.ndarray, params: SamplingParams, u: float) -> None:
    masses = kept(logits, params)
    for number in (0.0, u, 1 - 2.0**-53):  # the last is 1 in float32
        picked = draw(logits, np.full(len(masses), number), params)
        assert (np.take_along_axis(masses, picked[:, None], axis=1) > 0).all()


@given(smooth)
def test_tokens_are_drawn_as_often_as_they_are_likely(logits: np.ndarray) -> None:
    probs = probabilities(logits[:1], SamplingParams())
    n = 1000
    evenly = (np.arange(n) + 0.5) / n
    drawn = np.bincount(draw(np.repeat(logits[:1], n, axis=0), evenly, SamplingParams()), minlength=probs.shape[1])
    assert np.abs(drawn - n * probs[0]).max() <= 1.01  # a hundredth for float32


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
        ("min_p", [-0.1, 1.01, math.inf, math.nan]),
        ("guidance", [-1.0, math.inf, math.nan]),
    ],
)
def test_a_parameter_out_of_range_names_its_flag_and_value(flag: str, values: list[float]) -> None:
    for value in values:
        with pytest.raises(UsageError, match=f"--{flag.replace('_', '-')} .*{value}"):
            SamplingParams(**{flag: value})
