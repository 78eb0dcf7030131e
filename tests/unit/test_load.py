"""Reading pictures: what is accepted arrives right."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from emoterm.imaging import load
from emoterm.imaging.compose import F32, U8, from_uint8
from emoterm.imaging.load import load_image, read_header


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(samples: np.ndarray, *, depth: int, color_type: int, trns: bytes | None = None, size: tuple[int, int] | None = None) -> bytes:
    """A PNG written by hand, in depths that Pillow cannot write. samples: (H, row bytes) uint8, already packed."""
    height, width = size or samples.shape[:2]
    lines = b"".join(b"\0" + row.tobytes() for row in samples)
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))]
    if trns is not None:
        parts.append(chunk(b"tRNS", trns))
    return b"".join([*parts, chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")])


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def colorful(size: int = 64) -> U8:
    """(size, size, 4): smooth colours, a transparent frame and half-transparent rim."""
    y, x = np.mgrid[:size, :size]
    pixels = np.stack([x * 255 // size, y * 255 // size, 255 - x * 255 // size, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    pixels[:2], pixels[:, :2] = 0, 0
    pixels[2:4, 2:, 3] = 120
    return pixels


def opaque_rgb(picture: F32) -> np.ndarray:
    """(H, W, 3) in 0…255 of a picture that must be opaque."""
    assert np.all(picture[3] == 1)
    return np.moveaxis(picture[:3], 0, -1) * 255


@pytest.mark.parametrize("as_source", ["path", "str", "bytes", "stream"])
def test_a_picture_of_the_right_size_arrives_exactly_from_any_source(tmp_path: Path, as_source: str) -> None:
    data = saved(Image.fromarray(colorful()), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(data)
    source = {"path": path, "str": str(path), "bytes": data, "stream": io.BytesIO(data)}[as_source]
    picture = load_image(source)
    assert picture.dtype == np.float32
    assert picture.shape == (4, 64, 64)
    np.testing.assert_array_equal(picture, from_uint8(colorful()))


def test_16_bit_grey_is_scaled_and_not_clipped() -> None:
    values = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    picture = load_image(saved(Image.fromarray(values), "PNG"))
    for channel in opaque_rgb(picture).transpose(2, 0, 1):
        np.testing.assert_allclose(channel, values / 257, atol=0.51)


def test_16_bit_grey_keeps_its_transparent_value() -> None:
    values = np.full((64, 64), 1000, np.uint16)
    values[:, 32:] = 1001  # the same in 8 bits
    picture = load_image(raw_png(values.astype(">u2").view(np.uint8), depth=16, color_type=0, trns=b"\x03\xe8", size=(64, 64)))
    assert np.all(picture[3, :, :32] == 0)
    assert np.all(picture[3, :, 32:] == 1)


def test_16_bit_rgb_is_scaled_and_not_clipped() -> None:
    values = np.linspace(0, 65535, 64 * 64 * 3).astype(np.uint16).reshape(64, 64, 3)
    data = raw_png(values.reshape(64, -1).astype(">u2").view(np.uint8), depth=16, color_type=2, size=(64, 64))
    np.testing.assert_allclose(opaque_rgb(load_image(data)), values / 257, atol=1.01)


def test_16_bit_rgb_keeps_its_transparent_colour() -> None:
    values = np.full((64, 64, 3), 0x1234, np.uint16)
    values[:, 32:] = 0xABCD
    rows = values.reshape(64, -1).astype(">u2").view(np.uint8)
    picture = load_image(raw_png(rows, depth=16, color_type=2, trns=b"\x12\x34" * 3, size=(64, 64)))
    assert np.all(picture[3, :, :32] == 0)
    assert np.all(picture[3, :, 32:] == 1)


def test_16_bit_grey_with_alpha() -> None:
    values = np.empty((64, 64, 2), np.uint16)
    values[..., 0], values[..., 1] = 0x8000, np.linspace(0, 65535, 64)
    picture = load_image(raw_png(values.reshape(64, -1).astype(">u2").view(np.uint8), depth=16, color_type=4, size=(64, 64)))
    np.testing.assert_allclose(picture[3] * 65535, values[..., 1], atol=258)
    np.testing.assert_allclose(picture[0], picture[3] * 128 / 255, atol=1e-6)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bit_grey_with_a_transparent_value(depth: int) -> None:
    largest = 2**depth - 1
    rows = np.zeros((64, 8 * depth), np.uint8)
    rows[:, 4 * depth :] = 255  # the left half 0, the right half the largest value
    picture = load_image(raw_png(rows, depth=depth, color_type=0, trns=struct.pack(">H", largest), size=(64, 64)))
    assert np.all(picture[3, :, :32] == 1)
    assert np.all(picture[3, :, 32:] == 0)


@pytest.mark.parametrize("transparency", [1, b"\xff\x00\x80"])
def test_palette_with_transparent_entries(transparency: int | bytes) -> None:
    indices = np.zeros((64, 64), np.uint8)
    indices[:, 20:40], indices[:, 40:] = 1, 2
    image = Image.fromarray(indices)
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture = load_image(saved(image, "PNG", transparency=transparency))
    half = 1.0 if transparency == 1 else 128 / 255
    np.testing.assert_allclose(picture[:, 0, 0], [1, 0, 0, 1])
    np.testing.assert_allclose(picture[:, 0, 30], [0, 0, 0, 0])
    np.testing.assert_allclose(picture[:, 0, 50], [0, 0, half, half])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_png_mode_is_read(mode: str) -> None:
    image = Image.fromarray(colorful()).convert(mode)
    picture = load_image(saved(image, "PNG"))
    np.testing.assert_array_equal(picture, from_uint8(np.asarray(image.convert("RGBA"))))


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("RGB", "JPEG"), ("RGB", "BMP"), ("L", "BMP"), ("P", "GIF"), ("RGBA", "WEBP")])
def test_every_format_is_read(mode: str, kind: str) -> None:
    image = Image.new("RGB", (64, 64), (200, 120, 40)).convert(mode)
    picture = load_image(saved(image, kind, **({"lossless": True} if kind == "WEBP" else {})))
    np.testing.assert_allclose(opaque_rgb(picture), np.asarray(image.convert("RGB")), atol=2)


def test_cmyk_jpeg_has_the_right_colours() -> None:
    data = saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=95)
    np.testing.assert_allclose(opaque_rgb(load_image(data)), np.broadcast_to([255, 0, 0], (64, 64, 3)), atol=4)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int) -> None:
    upright = Image.fromarray(colorful())
    # What a camera held that way would have stored: the inverse of what EXIF tells the viewer to do.
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(load_image(saved(stored, "PNG", exif=exif)), from_uint8(colorful()))


def test_a_rotated_jpeg_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored a quarter turn anticlockwise
    lying = Image.new("RGB", (128, 128), (255, 255, 255))
    lying.paste((0, 0, 0), (0, 0, 64, 128))  # dark on the left: on top once it stands
    rgb = opaque_rgb(load_image(saved(lying, "JPEG", exif=exif)))
    assert rgb[:28].max() < 30
    assert rgb[36:].min() > 225


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_header_tells_the_size_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    size = read_header(saved(Image.new("RGB", (30, 20)), "PNG", exif=exif), "it").size
    assert size == ((30, 20) if orientation <= 4 else (20, 30))


def test_broken_exif_does_not_make_a_sound_picture_unreadable() -> None:
    data = saved(Image.new("RGB", (64, 64), (9, 9, 9)), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert load_image(data).shape == (4, 64, 64)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_taken(kind: str) -> None:
    frames = [Image.new("RGBA", (64, 64), color) for color in [(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)]]
    settings = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **settings)
    np.testing.assert_allclose(opaque_rgb(load_image(data)), np.broadcast_to([255, 0, 0], (64, 64, 3)), atol=1)


def test_the_second_view_of_a_camera_is_no_animation() -> None:
    views = [Image.new("RGB", (30, 20), color) for color in ("red", "blue")]
    assert not read_header(saved(views[0], "MPO", save_all=True, append_images=views[1:]), "it").animated
    assert read_header(saved(views[0], "PNG", save_all=True, append_images=views[1:]), "it").animated


def test_a_wide_picture_is_padded_above_and_below() -> None:
    picture = load_image(saved(Image.new("RGB", (128, 64), (255, 255, 255)), "PNG"))
    np.testing.assert_array_equal(picture[:, :16], 0)
    np.testing.assert_array_equal(picture[:, 48:], 0)
    np.testing.assert_allclose(picture[:, 16:48], 1, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (63, 65), (300, 299), (1999, 1500)])
def test_any_proportions_fit(size: tuple[int, int]) -> None:
    picture = load_image(saved(Image.new("RGBA", size, (10, 200, 30, 200)), "PNG"))
    assert picture.shape == (4, 64, 64)
    assert picture[3].max() == pytest.approx(200 / 255, abs=0.01)
    assert np.all((picture[:3] >= 0) & (picture[:3] <= picture[3]))


def test_a_huge_picture_shrinks_like_a_small_one() -> None:
    small = Image.fromarray(colorful(256))
    huge = small.resize((2560, 2560), Image.Resampling.NEAREST)
    np.testing.assert_allclose(load_image(saved(huge, "PNG")), load_image(saved(small, "PNG")), atol=0.02)


def test_hidden_colour_of_transparent_pixels_does_not_reach_the_edge() -> None:
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[..., 1] = 255  # green everywhere, but nowhere to be seen
    y, x = np.mgrid[:256, :256]
    pixels[np.hypot(y - 127.5, x - 127.5) < 100] = (255, 0, 0, 255)
    assert load_image(saved(Image.fromarray(pixels), "PNG"))[1].max() == 0


@pytest.mark.parametrize("kind", ["VP8L", "VP8 "])
def test_the_size_of_a_simple_webp_is_read_before_its_decoder_is_made(kind: str) -> None:
    data = saved(Image.new("RGB", (33, 65), (1, 2, 3)), "WEBP", lossless=kind == "VP8L")
    assert data[12:16] == kind.encode()
    assert load.webp_size(data) == (33, 65)


def test_reading_changes_no_setting_of_pillow() -> None:
    limit = Image.MAX_IMAGE_PIXELS
    load_image(saved(Image.new("L", (8, 8)), "PNG"))
    assert limit == Image.MAX_IMAGE_PIXELS
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
