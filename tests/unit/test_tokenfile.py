"""The packed token format."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emoterm.errors import InputError
from emoterm.tokenfile import pack, picture_bytes, token_bits, unpack

grids = arrays(np.int64, st.tuples(st.integers(1, 4), st.just(256)), elements=st.integers(0, 511))


@given(grids)
def test_what_is_packed_comes_back_in_288_bytes_a_picture(tokens: np.ndarray) -> None:
    data = pack(tokens)
    assert len(data) == 288 * len(tokens)
    assert np.array_equal(unpack(data), tokens)


@given(st.integers(1, 16), st.integers(1, 70), st.randoms(use_true_random=False))
def test_any_width_and_length_comes_back(bits: int, n_tokens: int, random: object) -> None:
    tokens = np.array([[random.randrange(2**bits) for _ in range(n_tokens)] for _ in range(3)])  # type: ignore[attr-defined]
    data = pack(tokens, bits)
    assert len(data) == 3 * picture_bytes(n_tokens, bits)
    assert np.array_equal(unpack(data, n_tokens, bits), tokens)


def test_tokens_are_written_highest_bit_first() -> None:
    # 1_0000_0001 0_0000_0010 → 10000000 10000000 10 + six bits of padding
    assert pack(np.array([[0b1_0000_0001, 0b0_0000_0010]])) == bytes([0b10000000, 0b10000000, 0b10000000])


def test_a_picture_is_its_own_bytes_wherever_it_stands() -> None:
    tokens = np.random.default_rng(0).integers(0, 8, (3, 5))  # 15 bits: a picture does not fill its last byte
    assert pack(tokens, 3) == b"".join(pack(row, 3) for row in tokens)


@pytest.mark.parametrize(("codebook_size", "bits"), [(1, 1), (2, 1), (64, 6), (65, 7), (512, 9), (1024, 10)])
def test_a_token_takes_the_bits_its_codebook_needs(codebook_size: int, bits: int) -> None:
    assert token_bits(codebook_size) == bits


@pytest.mark.parametrize("size", [0, 1, 287, 289, 500])
def test_a_wrong_size_says_what_was_expected_and_found(size: int) -> None:
    with pytest.raises(InputError, match=f"288 bytes each; this is {size} bytes"):
        unpack(bytes(size))


@pytest.mark.parametrize("token", [-1, 512])
def test_a_token_that_does_not_fit_is_refused(token: int) -> None:
    with pytest.raises(InputError, match=f"found .*{token}"):
        pack(np.array([[0, token]]))


def test_a_token_outside_the_codebook_is_refused() -> None:
    data = pack(np.full((1, 256), 300))
    assert unpack(data, codebook_size=301).max() == 300
    with pytest.raises(InputError, match="Token 300 is outside the codebook of 300 codes"):
        unpack(data, codebook_size=300)
