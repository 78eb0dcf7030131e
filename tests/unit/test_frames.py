"""All frames of a file come out as a viewer composes them; what is too much is refused."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from emoterm.errors import InputError
from emoterm.imaging import frames as frames_module
from emoterm.imaging.crop import Crop
from emoterm.imaging.formats import ANIMATION_FORMATS, AnimationFormat
from emoterm.imaging.frames import load_frames
from emoterm.imaging.png import encode_png
from tests.animations import animated


def moving(n: int = 5, size: int = 24) -> np.ndarray:
    frames = np.zeros((n, size, size, 4), np.uint8)
    for i in range(n):
        frames[i, 4:12, i : i + 8] = (200, 30 * i, 40, 255)
    return frames


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
@pytest.mark.parametrize("plays", [0, 1, 3])
def test_frames_times_and_plays_come_back(format: AnimationFormat, plays: int) -> None:
    frames = load_frames(animated(moving(), format=format, fps=10, hold_ms=200, loop=plays), size_px=128)
    np.testing.assert_array_equal(frames.pixels, moving())
    assert frames.durations_ms == (300, 100, 100, 100, 300)
    assert frames.loop == plays
    assert frames.size == (24, 24)


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_what_is_around_an_opaque_rectangle_stays_transparent(format: AnimationFormat) -> None:
    frames = np.zeros((2, 40, 60, 4), np.uint8)
    frames[0, 10:20, 4:14] = frames[1, 10:20, 24:34] = (200, 30, 60, 255)
    np.testing.assert_array_equal(load_frames(animated(frames, format=format), size_px=None).pixels, frames)


def test_an_opaque_webp_does_not_say_that_it_has_alpha() -> None:
    frames = np.full((2, 8, 8, 4), 255, np.uint8)
    frames[1, ..., 0] = 0
    with Image.open(io.BytesIO(animated(frames, format="webp"))) as image:
        assert image.mode == "RGB"


def test_a_still_picture_is_one_frame_without_a_time() -> None:
    frames = load_frames(encode_png(moving()[0]), size_px=64)
    assert (frames.pixels.shape, frames.durations_ms, frames.kind) == ((1, 24, 24, 4), (0,), "PNG")


def test_large_frames_are_shrunk_and_odd_ones_padded_unless_left_as_they_lie() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 30), "red").save(buffer, "PNG")
    pixels = load_frames(buffer.getvalue(), size_px=30).pixels
    assert pixels.shape == (1, 30, 30, 4)
    assert (pixels[0, 12:18, :, 3] == 255).all()
    assert (pixels[0, :8, :, 3] == 0).all()
    assert load_frames(buffer.getvalue(), size_px=None).pixels.shape == (1, 30, 90, 4)


def test_margins_are_those_of_all_frames_together() -> None:
    frames = np.zeros((2, 20, 40, 4), np.uint8)
    frames[0, 5:10, 4:8] = frames[1, 6:12, 20:24] = 255
    np.testing.assert_array_equal(Crop(trim=True).cut(frames), frames[:, 5:12, 4:24])
    np.testing.assert_array_equal(Crop(trim=True).cut(frames[::-1]), frames[::-1, 5:12, 4:24])


@pytest.mark.parametrize(("in_file_ms", "shown_ms"), [(0, 100), (10, 100), (20, 20), (30, 30)])
def test_frames_of_less_than_20_ms_are_slow_as_in_browsers(in_file_ms: int, shown_ms: int) -> None:
    first, *rest = (Image.fromarray(frame) for frame in moving())
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=in_file_ms)
    assert set(load_frames(buffer.getvalue(), size_px=64).durations_ms) == {shown_ms}


def test_the_picture_for_programs_without_animation_is_no_frame() -> None:
    first, *rest = (Image.fromarray(frame) for frame in moving())
    buffer = io.BytesIO()
    first.save(buffer, "PNG", save_all=True, append_images=rest, default_image=True, duration=50)
    frames = load_frames(buffer.getvalue(), size_px=64)
    np.testing.assert_array_equal(frames.pixels, moving()[1:])


@pytest.mark.parametrize("limit", ["MAX_FRAMES", "MAX_PIXELS_OF_ALL", "MAX_PIXELS_DECODED"])
def test_too_much_is_refused(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = animated(moving(), format="gif")
    monkeypatch.setattr(frames_module, limit, 4)
    with pytest.raises(InputError, match=r"\d or more frames of 24×24: too many"):
        load_frames(data, size_px=64)


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_a_file_cut_short_is_refused_or_shorter(format: AnimationFormat) -> None:
    data = animated(moving(), format=format)
    for end in range(0, len(data), 23):
        try:
            assert len(load_frames(data[:end], size_px=64).pixels) <= 5
        except InputError:
            continue


def test_frames_as_they_lie_are_of_one_size() -> None:
    """Pillow makes the canvas of a GIF larger for a frame that reaches over its edge."""
    buffer = io.BytesIO()
    first, second = (Image.new("P", (8, 8), i) for i in range(2))
    for image in (first, second):
        image.putpalette([0, 0, 0, 255, 0, 0])
    first.save(buffer, "GIF", save_all=True, append_images=[second], duration=50)
    data = bytearray(buffer.getvalue())
    descriptor = struct.pack("<cHHHH", b",", 0, 0, 8, 8)
    at = data.rindex(descriptor)
    data[at : at + 9] = struct.pack("<cHHHH", b",", 4, 4, 8, 8)
    assert load_frames(bytes(data), size_px=8).pixels.shape == (2, 8, 8, 4)
    with pytest.raises(InputError, match="frames of several sizes"):
        load_frames(bytes(data), size_px=None)
