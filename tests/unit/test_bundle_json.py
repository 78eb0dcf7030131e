"""Texts of a bundle's JSON that a terminal could not show."""

from __future__ import annotations

import pytest

from emoterm.bundle_json import has_safe_texts

PIECE = 1 << 20


@pytest.mark.parametrize("before", [0, PIECE - 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_a_control_character_is_found_wherever_it_is(before: int) -> None:
    clean = b'"' + b"a" * before + "🐙\n".encode() + b'"'
    assert has_safe_texts(clean)
    assert has_safe_texts(clean.decode())
    assert not has_safe_texts(clean.replace(b"\n", b"\x1b"))
    assert not has_safe_texts(clean.replace(b"\n", b"\\"))


@pytest.mark.parametrize("before", range(PIECE - 5, PIECE + 2))
def test_a_character_that_is_cut_by_a_piece_is_whole(before: int) -> None:
    assert has_safe_texts(b"a" * before + "🐙".encode() * 3)
    assert not has_safe_texts(b"a" * before + "\u202e".encode())  # writes backwards from here on
