"""Names of stickers, and what a place objects to."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoterm.errors import CannotSatisfyError, UsageError
from emoterm.imaging.edges import defringe
from emoterm.imaging.frames import load_frames
from emoterm.imaging.png import encode_png
from emoterm.stickers.fit import fit_sticker, problems
from emoterm.stickers.places import PLACES, place_named, snippet, valid_name, valid_names
from tests.animations import animated

SLACK = PLACES["slack"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=150), max_size=30), st.sampled_from(list(PLACES.values())))
def test_any_texts_give_as_many_names_that_are_valid_and_unlike(texts: list[str], place: object) -> None:
    names = valid_names(texts, place)  # type: ignore[arg-type]
    assert len(names) == len(set(names)) == len(texts)
    for name in names:
        assert re.fullmatch(r"[a-z0-9_-]{2,128}", name)
        assert len(name) <= place.max_name_chars  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Heart Eyes!", "heart_eyes"), ("crème brûlée", "creme_brulee"), ("😊", "emoji"), ("a", "emoji_a"), ("__x-y__", "x-y"), ("", "emoji")],
)
def test_a_name_stays_near_the_text(text: str, name: str) -> None:
    assert valid_name(text, SLACK) == name


def test_equal_names_are_numbered_and_never_too_long() -> None:
    assert valid_names(["cat", "Cat", "cat_2", "c" * 40, "c" * 50], PLACES["discord"]) == [
        "cat",
        "cat_2",
        "cat_2_2",
        "c" * 32,
        "c" * 30 + "_2",
    ]


def test_a_name_that_is_cut_does_not_end_in_a_joint() -> None:
    assert valid_name("c" * 31 + " is for cat", PLACES["discord"]) == "c" * 31


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(UsageError, match="myspace"):
        place_named("myspace")


def test_a_snippet_is_safe_html() -> None:
    assert snippet('a "b".png', '<"') == '<img src="a%20%22b%22.png" width="20" height="20" alt="&lt;&quot;">'


def frames(n: int, size: int, width: int | None = None) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size, width or size, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (encode_png(frames(1, 64)[0]), []),
        (animated(frames(50, 8), format="gif"), []),
        (animated(frames(51, 8), format="gif"), ["51 frames"]),
        (animated(frames(2, 8), format="webp"), ["WEBP"]),
        (encode_png(frames(1, 64, 65)[0]), ["65×64", "square"]),
        (encode_png(frames(1, 129)[0]), ["129×129"]),
        (encode_png(frames(1, 200)[0]), ["160", "200×200"]),
        (encode_png(frames(1, 64)[0])[:500], ["damaged"]),
        (b"GIF89a", ["damaged"]),
    ],
)
def test_what_a_place_would_object_to_is_named(data: bytes, words: list[str]) -> None:
    found = " and ".join(problems(data, SLACK))
    assert bool(found) == bool(words)
    for word in words:
        assert word in found


@pytest.mark.parametrize("keep_frames", [False, True])
@pytest.mark.parametrize("n", [1, 4])
def test_the_search_gives_up_more_only_when_it_must(n: int, keep_frames: bool) -> None:
    pictures = frames(n, 48)
    costs = []
    for under_bytes in (10_000_000, 10_000 * n, 3_000, 1_800):
        place = type(SLACK)("x", "X", under_bytes, ("PNG", "GIF"), size_px=64)  # of large pictures it finds the same, and later
        sticker = fit_sticker(pictures, [80] * n, place, keep_frames=keep_frames)
        assert len(sticker.data) < under_bytes
        assert problems(sticker.data, place) == []
        costs.append(sticker.version.cost(n, place, keep_frames=keep_frames))
    assert costs == sorted(costs)
    assert costs[0] <= 1e-2
    assert costs[-1] > costs[0] + 1


def test_what_cannot_be_met_is_said() -> None:
    with pytest.raises(CannotSatisfyError, match="32 pixels") as caught:
        fit_sticker(frames(4, 64), [80] * 4, type(SLACK)("x", "X", 900, ("PNG", "GIF")))
    assert "fewer frames" in str(caught.value.fix)
    assert "--no-metadata" not in str(caught.value.fix)  # there is no recipe that could be left out


def test_the_recipe_is_named_where_leaving_it_out_would_do() -> None:
    place = type(SLACK)("x", "X", 4_000, ("PNG", "GIF"))
    assert fit_sticker(frames(1, 32), [80], place)
    with pytest.raises(CannotSatisfyError) as caught:
        fit_sticker(frames(1, 32), [80], place, finish=lambda data: data + bytes(4_000))
    assert "--no-metadata" in str(caught.value.fix)


def moving_disc(n: int, size: int) -> np.ndarray:
    """(n, size, size, 4): shaded, as emojis are, and so of hundreds of colours."""
    y, x = np.mgrid[:size, :size]
    pictures = np.zeros((n, size, size, 4), np.uint8)
    for i, picture in enumerate(pictures):
        away = np.hypot(y - size / 2, x - size * (0.3 + 0.4 * i / n)) / size
        picture[..., 0], picture[..., 1], picture[..., 2] = 255 - 200 * away, 200 - 150 * away + 2 * i, 60
        picture[..., 3] = 255 * (away < 0.28)
    return pictures


def test_colours_go_before_more_than_half_of_the_frames() -> None:
    pictures = moving_disc(12, 128)
    pictures[..., :3] ^= np.random.default_rng(0).integers(0, 16, pictures[..., :3].shape, dtype=np.uint8)  # what LZW cannot make small
    place = type(SLACK)("x", "X", 10_000, ("PNG", "GIF"))
    before, kept = (fit_sticker(pictures, [80] * 12, place, keep_frames=keep).version for keep in (False, True))
    assert before.n_frames < 6 <= kept.n_frames
    # Of a still picture nothing moves.
    stills = [fit_sticker(pictures[:1], [0], place, keep_frames=keep).data for keep in (False, True)]
    assert stills[0] == stills[1]


def test_frames_are_given_up_below_what_a_place_allows() -> None:
    place = type(SLACK)("x", "X", 12_000, ("PNG", "GIF"), size_px=32, max_frames=50)
    sticker = fit_sticker(frames(400, 16), [40] * 400, place)
    assert 2 <= sticker.version.n_frames < 50
    assert problems(sticker.data, place) == []


def test_no_frame_is_shorter_than_players_take_seriously() -> None:
    sticker = fit_sticker(frames(4, 16), [10] * 4, type(SLACK)("x", "X", 10_000_000, ("PNG", "GIF")))
    assert load_frames(sticker.data, size_px=128).durations_ms == (20,) * 4


def test_defringe_touches_nothing_but_soft_pixels_beside_solid_ones() -> None:
    pixels = np.zeros((1, 20, 20, 4), np.uint8)
    pixels[0, 4:10, 4:10] = (200, 50, 50, 255)
    pixels[0, 10, 4:10] = (255, 255, 255, 128)  # an edge
    pixels[0, 16, 4:10] = (10, 200, 30, 128)  # glass
    clean = defringe(pixels)
    np.testing.assert_array_equal(clean[..., 3], pixels[..., 3])
    np.testing.assert_array_equal(clean[0, 10, 4:10, :3], np.tile([200, 50, 50], (6, 1)))
    changed = (clean != pixels).any(axis=-1)
    assert set(np.argwhere(changed[0])[:, 0]) == {10}


def test_defringe_takes_the_colour_of_the_nearest_solid_pixel() -> None:
    pixels = np.zeros((1, 5, 12, 4), np.uint8)
    pixels[0, :, :5] = (200, 0, 0, 255)
    pixels[0, :, 5] = (255, 255, 255, 128)  # beside red, and two pixels from blue
    pixels[0, :, 7:] = (0, 0, 200, 255)
    red, _, blue = defringe(pixels)[0, 2, 5, :3].tolist()
    assert red > 190
    assert blue < 10
