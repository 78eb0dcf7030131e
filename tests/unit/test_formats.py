"""What a file name asks for."""

from __future__ import annotations

import pytest

from emoterm.errors import UsageError
from emoterm.imaging.formats import format_of


@pytest.mark.parametrize(("path", "expected"), [("a.png", "png"), ("A.GIF", "gif"), ("x.y/a.b.png", "png"), ("-", "png")])
def test_the_suffix_tells_the_format(path: str, expected: str) -> None:
    assert format_of(path, ("png", "gif")) == expected


@pytest.mark.parametrize("path", ["a", "a.", "a.bmp", ".png", "png"])
def test_another_suffix_is_refused_with_the_list(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_of(path, ("png", "gif"))
    assert ".png, .gif" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("path", "known", "what"),
    [
        ("x.gif", ("png",), "x.gif: a still picture becomes PNG, and .gif is for animations."),
        ("x.png", ("gif",), "x.png: an animation becomes GIF here, and not .png."),
        ("x.webp", ("gif",), "x.webp: an animation becomes GIF here, and not .webp."),
        ("x.jpg", ("png",), "x.jpg: pictures are not written as .jpg here."),
        ("x.mp4", ("gif", "png", "webp"), "x.mp4: pictures are not written as .mp4 here."),
        ("x", ("png",), "x: no suffix to tell the format by."),
    ],
)
def test_it_is_said_why_a_suffix_does_not_go(path: str, known: tuple[str, ...], what: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_of(path, known)
    assert caught.value.what == what
