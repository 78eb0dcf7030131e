"""``emoterm recreate``: the same bytes again, or what differs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from emoterm.bundle import Bundle, open_bundle
from emoterm.errors import InputError
from emoterm.imaging.metadata import embed_recipe, read_recipe
from emoterm.recreate import Kitchen
from emoterm.stickers.places import PLACES
from emoterm.vocabulary import Vocabulary
from tests.cli.conftest import Run, draw_emoji


@pytest.fixture
def bundle(bundle_path: Path) -> Iterator[Bundle]:
    with open_bundle(bundle_path) as opened:
        yield opened


def write_a_hundred(run: Run, folder: Path, bundle: Bundle) -> list[Path]:
    """Files of every kind that carries a recipe."""
    draw_emoji(folder / "a.png")
    Image.new("RGB", (90, 70), (40, 90, 220)).save(folder / "b.jpg")
    word = Vocabulary.from_json(bundle.read(bundle.manifest.vocabulary), bundle.manifest).words[0]
    made: list[Path] = [folder / "grid.png", folder / "large.png", folder / "back.png", folder / "beside.png", folder / "nearest.png"]
    lines: list[list[object]] = [
        ["sample", "--n", 5, "--seed", 2**64 - 1, "--columns", 2, "--background", "#ff8800", "--scale", 2, "-o", "grid.png"],
        ["sample", "--n", 2, "--seed", 1, "--size", 128, "--temperature", 0.3, "--top-k", 9, "--guidance", 2, "-o", "large.png"],
        ["sample", "--n", 45, "--seed", 5, "--prompt", word, "--each", "all"],
        ["sample", "--n", 4, "--seed", 6, "--prompt", "cat", "--each", "after"],
        ["sample", "--n", 2, "--seed", 6, "--prompt", "cat", "--style", "noto", "--words-alone", "-o", "alone.png"],
        ["sample", "--n", 3, "--seed", 4, "--like", "😊", "--keep", 0.6, "--each", "like"],
        ["sample", "--n", 3, "--seed", 4, "--complete", "a.png", "--rows", 6, "--min-p", 0.2, "-o", "complete.png"],
        ["blend", "😊:0.7", "a.png:0.3", "--repaint", 0.3, "--seed", 2, "-o", "blend.png"],
        ["blend", "😊", "b.jpg", "🐙", "--for", "discord", "-o", "blend2.png"],
        ["encode", "😊", "a.emo"],
        ["decode", "a.emo", "back.png", "--size", 128],
        ["reconstruct", "a.png", "b.jpg", "-o", "beside.png", "--background", "white"],
        ["reconstruct", "a.png", "--effort", 0, "-o", "nearest.png"],
        ["fit", "grid.png", "--for", "mastodon", "-o", "fit.png"],
        ["fit", "fit.png", "--for", "slack", "--max-bytes", 30_000, "-o", "fit2.png"],
        *(["sample", "--n", 6, "--seed", 9, "--for", place, "--each", place] for place in PLACES),
    ]
    made += [folder / name for name in ("fit.png", "fit2.png", "complete.png", "alone.png", "blend.png", "blend2.png")]
    pairs = [("😊", "🐙"), ("a.png", "😍@twemoji"), ("a.emo", "b.jpg")]
    for i, (a, b) in enumerate(pairs):
        for kind in ("png", "gif", "webp", "apng"):
            for path in ("lerp", "slerp", "codes") if i == 0 else ("lerp",):
                name = f"m{i}-{path}.{kind}"
                flags = ["--ping-pong", "--hold", 300, "--loop", 2, "--fps", 7.5] if kind != "png" else ["--scale", 2]
                lines.append(["morph", a, b, "--steps", 3 + i, "--path", path, *flags, "-o", name])
                made.append(folder / name)
        lines.append(["morph", a, b, "--steps", 4, "--for", "slack", "-o", f"s{i}.gif"])
        made.append(folder / f"s{i}.gif")
    for line in lines:
        result = run(*line)
        assert result.code == 0, (line, result.stderr)
    return made + [file for name in ("all", "after", "like", *PLACES) for file in sorted((folder / name).iterdir())]


def test_a_hundred_files_of_every_kind_are_made_again_to_the_byte(run: Run, folder: Path, bundle: Bundle) -> None:
    files = write_a_hundred(run, folder, bundle)
    assert len(files) >= 100
    assert len({file.read_bytes() for file in files}) > 90
    kitchen, failed = Kitchen(bundle), []
    for file in files:
        data = file.read_bytes()
        recipe = read_recipe(data)
        assert recipe is not None, file
        again = kitchen.recreate(data, recipe)
        if not again.identical or again.data != data:
            failed.append((file.name, again.differences))
    assert failed == []


def test_the_command_says_so_and_writes_the_file_again(run: Run, folder: Path) -> None:
    run("sample", "--n", 2, "--seed", 3, "-o", "a.png")
    result = run("recreate", "a.png", "-o", "b.png")
    assert (result.code, result.out) == (0, "a.png: identical, made by emoterm sample\nb.png\n")
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes()
    facts = run("recreate", "-", "--json", stdin=(folder / "a.png").read_bytes()).json
    assert (facts["identical"], facts["command"], facts["parameters"]["seed"], facts["files"]) == (True, "sample", 3, [])
    assert run("recreate", "a.png", "-o", "-").stdout == (folder / "a.png").read_bytes()


@pytest.mark.parametrize("line", [["sample", "--n", "1", "--seed", "1"], ["morph", "😊", "🐙"], ["sample", "--n", "1", "--for", "slack"]])
def test_no_metadata_leaves_nothing_behind(line: list[str], run: Run, folder: Path) -> None:
    run(*line, "--no-metadata", "-o", "a.gif" if line[0] == "morph" else "a.png")
    (file,) = folder.iterdir()
    assert b"emoterm" not in file.read_bytes()
    run("recreate", file.name).assert_fails(1, "no recipe", "--no-metadata")


def test_no_folder_name_travels_along(run: Run, folder: Path) -> None:
    (folder / "private").mkdir()
    draw_emoji(folder / "private" / "a.png")
    run("morph", "private/a.png", str(folder / "private" / "a.png"), "-o", "m.png")
    run("reconstruct", "private/a.png", "-o", "r.png")
    run("fit", "private/a.png", "--for", "slack", "-o", "f.png")
    for name in "mrf":
        assert b"private" not in (folder / f"{name}.png").read_bytes()


def test_more_files_than_a_recipe_holds_are_told(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    made = run("reconstruct", *["a.png"] * 17, "--effort", 0, "-o", "many.png")
    assert made.code == 0
    assert "no recipe" in made.stderr
    assert "at most 16 pictures" in made.stderr
    assert read_recipe((folder / "many.png").read_bytes()) is None
    for files, flags in ((16, []), (17, ["--no-metadata"])):
        assert "recipe" not in run("reconstruct", *["a.png"] * files, "--effort", 0, "-o", "few.png", "--force", *flags).stderr


def differences(run: Run, *argv: object) -> str:
    result = run("recreate", *argv)
    assert result.code == 1, result.stderr
    assert result.stderr == ""
    return result.out


def test_another_bundle_is_named(run: Run, folder: Path, tiny_bundle_path: Path) -> None:
    run("sample", "--free", "--n", 1, "--seed", 1, "-o", "a.png")
    text = differences(run, "a.png", "--bundle", "default")
    assert "bundle: made with tiny_bundle " in text
    assert "this is default" in text
    assert "tokens: 1 of 1 pictures" in text
    assert "pixels: " in text
    # Another manifest over the same model: nothing differs in the end, and that is what counts.
    assert run("recreate", "a.png", "--bundle", tiny_bundle_path).code == 0


def test_another_version_is_named(run: Run, folder: Path) -> None:
    run("sample", "--n", 1, "--seed", 1, "-o", "a.png")
    data = (folder / "a.png").read_bytes()
    recipe = read_recipe(data)
    assert recipe is not None
    with Image.open(folder / "a.png") as image:
        image.save(folder / "b.png", compress_level=1)
    (folder / "c.png").write_bytes(embed_recipe((folder / "b.png").read_bytes(), replace(recipe, version="0.0.1")))
    text = differences(run, "c.png")
    assert "version: made by emoterm 0.0.1" in text
    assert "bytes: every pixel is the same" in text


def test_changed_pixels_and_changed_tokens_are_named(run: Run, folder: Path) -> None:
    run("sample", "--n", 2, "--seed", 1, "-o", "a.png")
    recipe = read_recipe((folder / "a.png").read_bytes())
    assert recipe is not None
    with Image.open(folder / "a.png") as image:
        image.putpixel((5, 5), (1, 2, 3, 200))
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
    (folder / "b.png").write_bytes(embed_recipe(buffer.getvalue(), replace(recipe, tokens=recipe.tokens[::-1])))
    text = differences(run, "b.png")
    assert "tokens: 2 of 2 pictures" in text
    assert "pixels: 0.01% of them differ" in text


def test_frames_shown_for_other_times_are_named(run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 3, "-o", "a.gif")
    data = (folder / "a.gif").read_bytes()
    at = data.index(b"!\xf9\x04") + 4
    (folder / "b.gif").write_bytes(data[:at] + bytes([99]) + data[at + 1 :])
    assert "timing" in differences(run, "b.gif")


def test_an_enlarged_copy_is_named(run: Run, folder: Path) -> None:
    run("sample", "--n", 1, "--seed", 1, "-o", "a.png")
    recipe = read_recipe((folder / "a.png").read_bytes())
    assert recipe is not None
    buffer = io.BytesIO()
    Image.new("RGBA", (99, 99)).save(buffer, "PNG")
    (folder / "b.png").write_bytes(embed_recipe(buffer.getvalue(), recipe))
    assert "size: the file has 1 × 99×99, made again it has 1 × 64×64 pixels" in differences(run, "b.png")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": "conjure", "tokens": b""}, ["conjure", "cannot repeat"]),
        ({"command": "morph"}, ["inputs"]),
        ({"command": "fit", "parameters": {"for": "slack"}}, ["did not come from emoterm"]),
        ({"parameters": {}}, ["damaged", "n cannot be None"]),
        ({"parameters": {"n": 10**9, "seed": 1}}, ["n cannot be"]),
        ({"parameters": {"n": 1, "seed": "\x1b[2J"}}, ["seed cannot be", "\\x1b"]),
        ({"parameters": {"n": 1, "seed": 1, "words": ("no such word",)}}, ["temperature"]),
        ({"parameters": {"n": 1, "seed": 1, "color": "blurple"}}, ["color cannot be", "blurple"]),
        ({"parameters": {"n": 1, "seed": 1, "feeling": "hangry"}}, ["feeling cannot be", "hangry"]),
        ({"parameters": {"n": 1, "seed": 1, "worn": ("crown", "armour")}}, ["worn cannot be", "armour"]),
        ({"parameters": {"n": 1, "seed": 1, "worn": ("Sun-Hats",), "sought": ("cat", "hat")}}, ["temperature cannot be"]),  # as good a name
        ({"parameters": {"scale": 10**6}}, ["scale cannot be"]),
        ({"parameters": {"format": "exe"}}, ["format cannot be"]),
        ({"parameters": {"for": "myspace"}, "command": "decode"}, ["cannot be followed", "--for"]),
        ({"parameters": {"background": "blurple"}, "command": "decode"}, ["cannot be followed", "blurple"]),
        ({"parameters": {"fps": 1e9, "format": "gif"}, "command": "decode"}, ["cannot be followed", "--fps"]),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(changes: dict[str, object], words: list[str], run: Run, folder: Path) -> None:
    run("sample", "--n", 1, "--seed", 1, "-o", "a.png")
    data = (folder / "a.png").read_bytes()
    recipe = read_recipe(data)
    assert recipe is not None
    (folder / "a.png").write_bytes(embed_recipe(data, replace(recipe, **changes)))  # type: ignore[arg-type]
    run("recreate", "a.png").assert_fails(1, *words)


def test_a_file_of_someone_else_is_refused(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    run("recreate", "a.png").assert_fails(1, "a.png", "no recipe", "Pictures and animations that emoterm writes have one")
    (folder / "text.png").write_text("no picture")
    run("recreate", "text.png").assert_fails(1, "text.png is not a PNG")
    run("recreate", "-", stdin=b"root:x:0:0").assert_fails(1, "stdin is not a PNG")
    run("recreate", "missing.png").assert_fails(1, "does not exist")


def test_tokens_are_told_from_pictures(run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    assert run("encode", "a.png", "my a.emo").code == 0
    run("recreate", "my a.emo").assert_fails(1, "my a.emo holds tokens and nothing else", "emoterm decode 'my a.emo' 'my a.png'")


def test_help_says_what_cannot_be_made_again(run: Run) -> None:
    assert "What fit made of a photo" in " ".join(run("recreate", "--help").out.split())


def test_a_damaged_recipe_is_refused(run: Run, folder: Path) -> None:
    run("sample", "--n", 1, "--seed", 1, "-o", "a.png")
    data = (folder / "a.png").read_bytes().replace(b'"schema_version":1', b'"schema_version":7')
    with pytest.raises(InputError):
        read_recipe(data)
    (folder / "a.png").write_bytes(data)
    run("recreate", "a.png").assert_fails(1, "schema_version", "pip install")
