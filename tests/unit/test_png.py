"""PNG files: the pixels and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from emoterm.imaging.compose import U8
from emoterm.imaging.png import encode_png


@pytest.fixture
def pixels() -> U8:
    return np.random.default_rng(0).integers(0, 256, (20, 30, 4), dtype=np.uint8)


def test_a_png_decodes_to_the_same_pixels(pixels: U8) -> None:
    with Image.open(io.BytesIO(encode_png(pixels))) as image:
        assert image.format == "PNG"
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_the_same_pixels_give_the_same_bytes_whatever_their_layout_in_memory(pixels: U8) -> None:
    assert encode_png(pixels) == encode_png(pixels.copy())
    assert encode_png(pixels) == encode_png(np.asfortranarray(pixels))


def test_a_png_holds_pixels_and_nothing_else(pixels: U8) -> None:
    data, at, kinds = encode_png(pixels), 8, []
    while at < len(data):
        kinds.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
