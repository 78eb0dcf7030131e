"""How pictures become a file: one description, from flags or from a recipe."""

from __future__ import annotations

import numpy as np
import pytest

from emoterm.errors import UsageError
from emoterm.imaging.frames import load_frames
from emoterm.rendering import Rendering, check_size, refit
from tests.animations import animated


def test_a_description_comes_back_from_its_parameters() -> None:
    how = Rendering(format="gif", background="#ff0000", fps=7.5, loop=3, hold=200, ping_pong=True, size=256)
    assert Rendering.from_parameters(how.parameters()) == how
    assert Rendering().parameters() == {}
    sticker = Rendering(place="slack", max_bytes=9000)
    assert sticker.parameters() == {"for": "slack", "max_bytes": 9000}
    assert Rendering.from_parameters({**sticker.parameters(), "seed": 1}) == sticker


@pytest.mark.parametrize("values", [{"size": 100}, {"size": 128, "scale": 2}, {"place": "slack", "scale": 2}])
def test_what_excludes_each_other_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="--"):
        Rendering(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("most", "how", "flag"),
    [(16384, Rendering(), "--scale 1"), (256, Rendering(size=512), "--size 512"), (4, Rendering(scale=64), "--scale 64")],
)
def test_what_is_too_large_is_refused_before_the_work(most: int, how: Rendering, flag: str) -> None:
    check_size(most, how)
    with pytest.raises(UsageError, match=flag):
        check_size(most + 1, how)


@pytest.mark.parametrize("plays", [0, 1, 3])
def test_an_animation_that_is_fitted_is_played_as_often_as_before(plays: int) -> None:
    frames = np.full((2, 16, 16, 4), 255, np.uint8)
    frames[1, ..., 0] = 0
    data, _ = refit(animated(frames, format="gif", loop=plays), Rendering(place="slack"))
    assert load_frames(data, size_px=128).loop == plays
