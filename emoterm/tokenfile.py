"""The ``.emo`` file: the tokens of pictures and nothing else, each token in a fixed number of bits.

A token is written with its highest bit first and pictures start at a whole byte. With the default bundle, 256 tokens of 9 bits, a
picture is exactly 288 bytes. A file says nothing about the bundle it was made with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoterm.errors import InputError

I64 = NDArray[np.int64]
BITS = 9


def token_bits(codebook_size: int) -> int:
    """Bits that the tokens of a codebook need: 9 for 512 codes."""
    return max(1, (codebook_size - 1).bit_length())


def picture_bytes(n_tokens: int = 256, bits: int = BITS) -> int:
    """Bytes of one picture."""
    return (n_tokens * bits + 7) // 8


def pack(tokens: I64, bits: int = BITS) -> bytes:
    """Write tokens as bytes.

    Args:
        tokens: (N, n_tokens), or (n_tokens,) for a single picture.
        bits: bits of a token.

    Raises:
        InputError: a token that does not fit.
    """
    rows = np.atleast_2d(np.asarray(tokens, np.int64))
    if rows.size and not (rows.min() >= 0 and rows.max() < 2**bits):
        raise InputError(f"A token of {bits} bits is at least 0 and at most {2**bits - 1}; found {rows.min()} … {rows.max()}.")
    places = np.arange(bits - 1, -1, -1)
    ones = ((rows[..., None] >> places) & 1).astype(np.uint8)  # (N, n_tokens, bits)
    return np.packbits(ones.reshape(len(rows), -1), axis=1).tobytes()  # (N, n_tokens·bits) → (N, bytes)


def unpack(data: bytes, n_tokens: int = 256, bits: int = BITS, *, codebook_size: int | None = None) -> I64:
    """Read what :func:`pack` wrote.

    Args:
        data: whole pictures.
        n_tokens: tokens of a picture.
        bits: bits of a token.
        codebook_size: if given, tokens must be below it.

    Returns:
        (N, n_tokens).

    Raises:
        InputError: not a whole number of pictures, or a token out of range.
    """
    size = picture_bytes(n_tokens, bits)
    if not data or len(data) % size:
        raise InputError(
            f"Encoded pictures are {size} bytes each; this is {len(data)} bytes.",
            fix="Write one with: emoterm encode IN.png OUT.emo",
        )
    ones = np.unpackbits(np.frombuffer(data, np.uint8).reshape(-1, size), axis=1, count=n_tokens * bits)
    places = 1 << np.arange(bits - 1, -1, -1)
    tokens = ones.reshape(-1, n_tokens, bits) @ places  # (N, n_tokens·bits) → (N, n_tokens)
    if codebook_size is not None and tokens.max() >= codebook_size:
        raise InputError(
            f"Token {tokens.max()} is outside the codebook of {codebook_size} codes.",
            fix="The file is damaged, or was made with another bundle: choose that one with --bundle.",
        )
    return tokens.astype(np.int64)
