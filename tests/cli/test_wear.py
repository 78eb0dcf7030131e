"""``emoterm wear``, and prompts that say what is worn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from emoterm.imaging.metadata import embed_recipe, read_recipe
from tests.cli.conftest import Run, draw_emoji, pixels_of

DEFAULT = ("--bundle", "default", "--device", "cpu")


def test_an_emoji_wears_things_in_its_own_style(run: Run, folder: Path) -> None:
    found = run("wear", "🐱@twemoji", "hat", "🕶️", *DEFAULT, "-o", "cat.png", "--json").json
    assert found["worn"] == ["🎩@twemoji", "🕶️@twemoji"]
    assert run("wear", "🐱", "crown", "👑", "tiara", *DEFAULT, "-o", "once.png", "--json").json["worn"] == ["👑@noto"]
    assert found["files"] == ["cat.png"]
    bare = run("wear", "🐱@twemoji", "bow", "--style", "noto", *DEFAULT, "-o", "bow.png", "--json").json
    assert bare["worn"] == ["🎀@noto"]
    assert not np.array_equal(pixels_of(folder / "cat.png"), pixels_of(folder / "bow.png"))


def test_any_picture_wears_them_and_recreate_makes_it_again(run: Run, folder: Path) -> None:
    draw_emoji(folder / "mine.png")
    assert run("wear", "mine.png", "crown", *DEFAULT, "-o", "king.png").code == 0
    crowned = pixels_of(folder / "king.png")
    run("wear", "mine.png", "crown", "--style", "twemoji", *DEFAULT, "-o", "other.png")
    assert (crowned[:20] != pixels_of(folder / "other.png")[:20]).any()  # another crown
    assert run("recreate", "king.png", "--bundle", "default", "--json").json["identical"]


def test_glasses_are_in_front_of_a_hat_and_recipes_from_before_are_followed(run: Run, folder: Path) -> None:
    assert run("wear", "🐸", "crown", "sunglasses", *DEFAULT, "-o", "new.png").code == 0
    data = (folder / "new.png").read_bytes()
    recipe = read_recipe(data)
    assert recipe is not None
    assert recipe.parameters["glasses_in_front"] is True
    assert run("recreate", "new.png", "--bundle", "default", "--json").json["identical"]
    before = replace(recipe, parameters={name: value for name, value in recipe.parameters.items() if name != "glasses_in_front"})
    (folder / "old.png").write_bytes(embed_recipe(data, before))
    run("recreate", "old.png", "--bundle", "default", "-o", "hidden.png")
    hidden, seen = (pixels_of(folder / name)[..., :3].max(axis=-1) < 50 for name in ("hidden.png", "new.png"))
    assert hidden.sum() < seen.sum()
    run("wear", "🐸", "sunglasses", *DEFAULT, "-o", "glasses.png")
    alone = read_recipe((folder / "glasses.png").read_bytes())
    assert alone is not None
    assert "glasses_in_front" not in alone.parameters


def test_a_sticker_is_called_by_what_it_shows(run: Run, folder: Path) -> None:
    found = run("wear", "🐶", "shades", "--for", "slack", *DEFAULT, "-o", "dog.png", "--preview", "small.png", "--json").json
    assert found["stickers"][0]["name"] == "dog_face_sunglasses"
    assert found["files"] == ["dog.png", "small.png"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["🐱", "umbrella"], 2, ["nothing to wear", "What can be worn: crown"]),
        (["🐱", "sunglases"], 2, ["Did you mean sunglasses?"]),
        (["🐱", "crown", "--style", "notto"], 2, ["Unknown style", "noto"]),
        (["🐱"], 2, ["ITEM"]),
        (["nothing.png", "crown"], 1, ["does not exist"]),
        (["empty.png", "crown"], 4, ["no solid place"]),
        (["line.png", "glasses"], 4, ["no solid place"]),
    ],
)
def test_what_cannot_be_is_told(run: Run, folder: Path, argv: list[str], code: int, words: list[str]) -> None:
    picture = Image.new("RGBA", (64, 64))
    picture.save(folder / "empty.png")
    picture.paste((200, 30, 30, 255), (0, 30, 64, 32))
    picture.save(folder / "line.png")
    run("wear", *argv, *DEFAULT).assert_fails(code, *words)
    assert not (folder / "emoterm-wear.png").exists()


def test_a_bundle_without_hats_has_none(run: Run) -> None:
    run("wear", "🐙", "crown").assert_fails(2, "no crown")


def test_a_prompt_says_what_is_worn_and_recreate_makes_it_again(run: Run, folder: Path) -> None:
    line = ("sample", "--n", 2, "--seed", 1, "--prompt", "cat with sunglasses", *DEFAULT)
    result = run(*line, "-o", "cats.png", "--json")
    assert all([spec.split("@")[0] for spec in worn] == ["🕶️"] for worn in result.json["worn"])
    assert "putting on: sunglasses" in result.stderr
    assert run("recreate", "cats.png", "--bundle", "default", "--json").json["identical"]
    in_folder = run(*line, "--to", "folder", "--json").json
    assert in_folder["worn"] == ["sunglasses"]
    (file,) = in_folder["files"]
    assert pq.read_table(file)["tokens"].to_pylist() == result.json["tokens"]
    again = run(*line, "--words-alone", "-o", "alone.png", "--json").json
    assert again["worn"] is None
    assert again["tokens"] != result.json["tokens"]


def test_what_nothing_can_wear_is_told(run: Run) -> None:
    result = run("sample", "--n", 1, "--seed", 1, "--prompt", "octopus with glasses", *DEFAULT, "-o", "o.png")
    assert "nothing to wear it: glasses" in result.stderr
