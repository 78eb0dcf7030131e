"""``emoterm face``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emoterm.feelings import FACES
from tests.cli.conftest import Run, draw_emoji, pixels_of

DEFAULT = ("--bundle", "default", "--device", "cpu")


def test_an_emoji_is_given_every_face_of_an_emotion_in_its_own_style(run: Run, folder: Path) -> None:
    found = run("face", "🍕@twemoji", "--emotion", "joyful", *DEFAULT, "--each", "faces", "--json").json
    assert found["faces"] == [f"{emoji}@twemoji" for emoji in FACES["happy"]]
    run("encode", "🍕@twemoji", "p.emo", "--bundle", "default")
    run("decode", "p.emo", "p.png", "--bundle", "default", "--device", "cpu")
    bare = pixels_of((folder / "p.png").read_bytes())
    for file in found["files"]:
        given = pixels_of(Path(file).read_bytes())
        assert 0.01 < (given != bare).any(axis=-1).mean() < 0.5
        assert np.array_equal(given[..., 3], bare[..., 3])


def test_any_picture_is_given_one_and_recreate_gives_it_again(run: Run, folder: Path) -> None:
    draw_emoji(folder / "mine.png")
    assert run("face", "mine.png", "--emotion", "sad", "--style", "fluent3d", *DEFAULT, "--each", "faces").code == 0
    files = sorted((folder / "faces").iterdir())
    assert len(files) == len(FACES["sad"])
    for file in files:
        assert run("recreate", file, "--bundle", "default", "--json").json["identical"]


def test_a_face_keeps_to_the_limits_of_a_place(run: Run, folder: Path) -> None:
    found = run("face", "⭐", "--emotion", "cool", "--for", "slack", *DEFAULT, "--json").json
    (made,) = found["stickers"]
    assert Path(found["files"][0]).stat().st_size <= 128 * 1024
    assert made["name"].startswith("star-cool")


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["🍕", "--emotion", "sick"], 2, ["sick", "Emotions with a face: happy"]),
        (["🍕", "--emotion", "hapy"], 2, ["Unknown emotion", "happy"]),
        (["🍕", "--style", "notto"], 2, ["Unknown style", "noto"]),
        (["thin.png"], 4, ["no solid place"]),
        (["nothing.png"], 1, ["does not exist"]),
    ],
)
def test_what_cannot_be_is_told(run: Run, folder: Path, argv: list[str], code: int, words: list[str]) -> None:
    line = Image.new("RGBA", (64, 64))
    line.paste((200, 30, 30, 255), (30, 0, 33, 64))
    line.save(folder / "thin.png")
    run("face", *argv, *DEFAULT).assert_fails(code, *words)
    assert not (folder / "emoterm-face.png").exists()


def test_a_bundle_without_smileys_has_no_face(run: Run) -> None:
    run("face", "🐙").assert_fails(2, "no happy face")
