"""Animations decode to the frames that went in."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from emoterm.errors import UsageError
from emoterm.imaging.compose import U8
from emoterm.imaging.formats import ANIMATION_FORMATS, AnimationFormat
from tests.animations import animated


def decode(data: bytes) -> list[tuple[U8, int]]:
    """Frames as a viewer composes them, (H, W, 4) with the colour of transparent pixels at 0, and how long each is shown in ms."""
    decoded = []
    with Image.open(io.BytesIO(data)) as image:
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            image.load()
            pixels = np.asarray(image.convert("RGBA"))
            decoded.append((visible(pixels), round(image.info.get("duration", 0))))
    return decoded


def visible(pixels: U8) -> U8:
    return np.where(pixels[..., 3:] == 0, np.uint8(0), pixels)


def at_times(decoded: list[tuple[U8, int]], times_ms: np.ndarray) -> U8:
    """What is seen at some points in time."""
    ends = np.cumsum([duration for _, duration in decoded])
    return np.stack([decoded[int(np.searchsorted(ends, time, side="right"))][0] for time in times_ms])


def flat_frames(n: int = 6, size: int = 32) -> U8:
    """A disc with a face that moves: few colours, alpha 0 or 255. Frame 2 is empty, and 4 is 3 again."""
    y, x = np.mgrid[:size, :size]
    frames = np.zeros((n, size, size, 4), np.uint8)
    for i in range(n):
        disc = np.hypot(y - size / 2, x - size / 3 - 2 * i) < size / 4
        frames[i][disc] = (250, 200 - 20 * i, 40, 255)
        frames[i][(np.abs(y - size // 2) < 2) & disc] = (20, 20, 20, 255)
    frames[2] = 0
    frames[4] = frames[3]
    return frames


def noise_frames(n: int = 5, size: int = 24) -> U8:
    """Every alpha and thousands of colours."""
    frames = np.random.default_rng(0).integers(0, 256, (n, size, size, 4), dtype=np.uint8)
    frames[:, : size // 3, :, 3] = 0
    frames[:, -size // 3 :, :, 3] = 255
    return frames


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_flat_frames_come_back_exactly_at_their_times(format: AnimationFormat) -> None:
    frames = flat_frames()
    decoded = decode(animated(frames, format=format, fps=10))
    assert sum(duration for _, duration in decoded) == 600
    np.testing.assert_array_equal(at_times(decoded, np.arange(6) * 100 + 50), visible(frames))


@pytest.mark.parametrize("format", ["webp", "apng"])
def test_webp_and_apng_keep_every_visible_pixel_of_any_frame(format: AnimationFormat) -> None:
    frames = noise_frames()
    decoded = decode(animated(frames, format=format))
    np.testing.assert_array_equal(np.stack([pixels for pixels, _ in decoded]), visible(frames))


def test_gif_alpha_is_one_bit_cut_at_the_middle() -> None:
    frames = noise_frames()
    decoded = np.stack([pixels for pixels, _ in decode(animated(frames, format="gif"))])
    np.testing.assert_array_equal(decoded[..., 3], np.where(frames[..., 3] >= 128, 255, 0))


def test_gif_takes_the_nearest_of_its_colours_for_each_pixel() -> None:
    y, x = np.mgrid[:64, :64]
    frames = np.stack([np.stack([4 * x, 4 * y, np.full_like(x, 40 * i), np.full_like(x, 255)], axis=-1) for i in range(4)]).astype(np.uint8)
    decoded = np.stack([pixels for pixels, _ in decode(animated(frames, format="gif"))])
    palette = np.unique(decoded[..., :3].reshape(-1, 3), axis=0).astype(int)
    assert 200 < len(palette) <= 255
    distances = ((frames[..., None, :3].astype(int) - palette) ** 2).sum(axis=-1)  # (N, H, W, P)
    chosen = ((frames[..., :3].astype(int) - decoded[..., :3]) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(chosen, distances.min(axis=-1))
    assert np.sqrt(chosen.mean()) < 20


def test_gif_has_one_palette_and_clears_each_frame() -> None:
    data = animated(flat_frames(), format="gif")
    with Image.open(io.BytesIO(data)) as image:
        for i in range(image.n_frames):
            image.seek(i)
            assert image.disposal_method == 2
    at, n_images = 13 + 3 * 2 ** ((data[10] & 7) + 1), 0  # after the global palette
    while data[at : at + 1] != b";":
        if data[at : at + 1] == b",":
            assert data[at + 9] & 0x80 == 0  # no palette of its own
            n_images += 1
            at += 11
        else:
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    assert n_images == 6
    assert at == len(data) - 1


@pytest.mark.parametrize("n_colors", [0, 1, 2, 3, 4, 5, 15, 16, 128, 254, 255])
def test_gif_is_exact_up_to_255_colours(n_colors: int) -> None:
    frame = np.zeros((16, 17, 4), np.uint8)
    for i in range(n_colors):
        frame.reshape(-1, 4)[i] = (i, 255 - i, i // 2, 255)
    decoded = decode(animated(np.stack([frame, frame[::-1]]), format="gif"))
    np.testing.assert_array_equal(decoded[0][0], frame)
    np.testing.assert_array_equal(decoded[-1][0], frame[::-1])


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
@pytest.mark.parametrize("fps", [1, 7, 12, 24, 29.97, 50])
def test_rounding_of_durations_does_not_add_up(format: AnimationFormat, fps: float) -> None:
    frames = noise_frames(20, 6)
    durations = [duration for _, duration in decode(animated(frames, format=format, fps=fps))]
    tick_ms = 10 if format == "gif" else 1
    assert len(durations) == 20
    assert abs(sum(durations) - 20_000 / fps) <= tick_ms
    assert max(durations) - min(durations) <= tick_ms
    assert min(durations) >= 20


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_pingpong_comes_back_without_showing_the_ends_twice(format: AnimationFormat) -> None:
    frames = np.zeros((4, 8, 8, 4), np.uint8)
    frames[..., 0], frames[..., 3] = np.arange(4).reshape(4, 1, 1) * 50, 255
    decoded = decode(animated(frames, format=format, pingpong=True))
    assert [int(pixels[0, 0, 0]) for pixels, _ in decoded] == [0, 50, 100, 150, 100, 50]


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_the_ends_are_held(format: AnimationFormat) -> None:
    decoded = decode(animated(noise_frames(4), format=format, fps=10, pingpong=True, hold_ms=500))
    assert [duration for _, duration in decoded] == [600, 100, 100, 600, 100, 100]


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
@pytest.mark.parametrize("plays", [0, 1, 3])
def test_loop_is_the_number_of_plays(format: AnimationFormat, plays: int) -> None:
    with Image.open(io.BytesIO(animated(noise_frames(), format=format, loop=plays))) as image:
        if format == "gif":  # counts repetitions after the first play; without the extension it plays once
            assert image.info.get("loop") == {0: 0, 1: None, 3: 2}[plays]
        else:
            assert image.info["loop"] == plays


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
@pytest.mark.parametrize("pingpong", [False, True])
@pytest.mark.parametrize("n", [1, 2])
def test_one_and_two_frames_are_animations_too(format: AnimationFormat, pingpong: bool, n: int) -> None:
    frames = flat_frames()[:n]
    decoded = decode(animated(frames, format=format, pingpong=pingpong))
    np.testing.assert_array_equal(np.stack([pixels for pixels, _ in decoded]), visible(frames))


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_the_same_frames_give_the_same_bytes(format: AnimationFormat) -> None:
    assert animated(noise_frames(), format=format) == animated(noise_frames(), format=format)


@pytest.mark.parametrize("format", ANIMATION_FORMATS)
def test_colour_that_cannot_be_seen_is_not_written(format: AnimationFormat) -> None:
    frames = flat_frames()
    hidden = frames.copy()
    hidden[frames[..., 3] == 0] = (200, 100, 50, 0)
    assert animated(hidden, format=format) == animated(frames, format=format)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"fps": 0}, "--fps"),
        ({"fps": 51}, "--fps"),
        ({"fps": float("nan")}, "--fps"),
        ({"loop": -1}, "--loop"),
        ({"hold_ms": -5}, "--hold"),
    ],
)
def test_senseless_values_are_refused_by_name(settings: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        animated(noise_frames(), **{"format": "gif", **settings})


def test_no_frames_is_refused() -> None:
    with pytest.raises(UsageError, match="no frame"):
        animated(noise_frames()[:0], format="gif")
