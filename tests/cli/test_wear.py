"""``emoterm wear``, and prompts that say what is worn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw

from emoterm.imaging.load import load_image
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


@pytest.mark.parametrize(
    ("typed", "worn"),
    [
        (["crown,sunglasses"], "👑🕶️"),
        (["crown,", "sunglasses"], "👑🕶️"),
        (["crown sunglasses"], "👑🕶️"),
        (["top", "hat"], "🎩"),
        (["Top", "hats,", "dark", "glasses"], "🎩🕶️"),
        (["sun", "glasses", "sun", "hat"], "🕶️👒"),
        (["top-hat", "🕶️"], "🎩🕶️"),
    ],
)
def test_items_have_commas_or_spaces_between_them(typed: list[str], worn: str, run: Run) -> None:
    found = run("wear", "🐸@noto", *typed, *DEFAULT, "-o", "a.png", "--json").json["worn"]
    assert "".join(spec.partition("@")[0] for spec in found) == worn


def test_two_hats_of_an_older_recipe_are_still_put_on(run: Run, folder: Path) -> None:
    assert run("wear", "🐸", "crown", *DEFAULT, "-o", "one.png").code == 0
    data = (folder / "one.png").read_bytes()
    recipe = read_recipe(data)
    assert recipe is not None
    before = replace(recipe, parameters={**recipe.parameters, "worn": ("👑@noto", "🎩@noto")})
    (folder / "two.png").write_bytes(embed_recipe(data, before))
    assert run("recreate", "two.png", "--bundle", "default", "-o", "again.png").code == 1  # made of other pixels, and made again
    assert read_recipe((folder / "again.png").read_bytes()) == before


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


def photo(path: Path) -> Path:
    """300×400 pixels, opaque: a room, and a face of 80×100 pixels at the right."""
    picture = Image.new("RGB", (300, 400), (120, 160, 200))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 100, 400), fill=(60, 90, 60))
    draw.ellipse((180, 150, 259, 249), fill=(230, 190, 160))
    picture.save(path)
    return path


@pytest.mark.parametrize("command", ["wear", "face"])
def test_a_photo_has_its_face_where_it_is_told(command: str, run: Run, folder: Path) -> None:
    photo(folder / "me.jpg")
    what = {"wear": ("crown", "sunglasses"), "face": ("--emotion", "happy")}[command]
    assert run("encode", "me.jpg", "me.emo").code == 0
    told = run(command, "me.jpg", *what, "--face", "180,150,80,100", *DEFAULT, "-o", "told.png", "--json")
    assert told.code == 0
    assert run("recreate", "told.png", "--bundle", "default", "--json").json["identical"]
    recipe = read_recipe((folder / "told.png").read_bytes())
    assert recipe is not None
    assert recipe.parameters["face"] == (36.8, 24.0, 12.8, 16.0)
    bare = (load_image(folder / "me.jpg") * 255).round().transpose(1, 2, 0)
    rows, columns = np.nonzero((abs(pixels_of(folder / "told.png")[:64, :64] - bare) > 40).any(axis=-1))
    assert 34 <= columns.min() <= columns.max() <= 52
    assert (14 if command == "wear" else 25) <= rows.min() <= rows.max() <= 40
    for box, words in (("1,2,3", "no box"), ("280,150,80,100", "300×400"), ("10,10,3,3", "too small")):
        run(command, "me.jpg", *what, "--face", box, *DEFAULT, "-o", "not.png").assert_fails(2, "--face", words)
    damaged = replace(recipe, parameters={**recipe.parameters, "face": (1.0, 2.0)})
    (folder / "bad.png").write_bytes(embed_recipe((folder / "told.png").read_bytes(), damaged))
    run("recreate", "bad.png", "--bundle", "default").assert_fails(1, "face cannot be")


@pytest.mark.parametrize("animal", ["🐎@noto", "🐎@twemoji", "🐟@noto", "🦆@twemoji", "🐌@noto", "🐄@noto"])
def test_glasses_are_not_put_on_the_belly_of_an_animal(animal: str, run: Run, folder: Path) -> None:
    run("wear", animal, "sunglasses", *DEFAULT).assert_fails(4, "not seen from the front", "--face")
    assert run("wear", animal, "crown", *DEFAULT, "-o", "hat.png").code == 0
    assert run("wear", animal, "sunglasses", "--face", "2,6,20,20", *DEFAULT, "-o", "told.png").code == 0


@pytest.mark.parametrize("animal", ["🦉@noto", "🐥@twemoji", "🐻‍❄️@noto", "🐙@twemoji", "🐶@noto", "🌻@noto"])
def test_what_shows_its_eyes_wears_glasses(animal: str, run: Run) -> None:
    assert run("wear", animal, "sunglasses", *DEFAULT, "-o", "glasses.png").code == 0


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
        (["🐱", "top hat", "sun hat"], 2, ["top hat and sun hat both go on the head", "Name one of them: top hat or sun hat"]),
        (["🐱", "crown", "cap,glasses"], 2, ["crown and cap both go on the head"]),
        (["🐱", "shades", "glasses"], 2, ["sunglasses and glasses both go on the eyes"]),
        (["🐱", "crown,sunglases"], 2, ["'sunglases' is nothing to wear", "Did you mean sunglasses?"]),
        (["🐱", "big", "umbrella", "crown"], 2, ["'big umbrella' is nothing to wear"]),
        (["🐱", ","], 2, ["There is nothing to wear.", "crown, top hat"]),
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
