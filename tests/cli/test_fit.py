"""``emoterm fit``, and ``--for`` of ``sample`` and ``morph``: what comes out is what the places take."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emoterm.imaging.metadata import embed_recipe, read_recipe
from emoterm.stickers.places import PLACES
from tests.animations import animated
from tests.cli.conftest import Run, draw_emoji, pixels_of

LIMITS = {"slack": 128_000, "discord": 256_000, "mastodon": 256_000, "teams": 256_000, "github": 10_000_000}


def assert_taken(file: Path, place: str) -> None:
    """What the pages of the places say, read with Pillow alone."""
    with Image.open(file) as image:
        assert image.width == image.height <= 128
        assert image.format in ("PNG", "GIF")
        assert getattr(image, "n_frames", 1) <= 50 or place != "slack"
    assert file.stat().st_size < LIMITS[place]


def noise_animation(file: Path, n: int = 8, size: int = 32) -> Path:
    """The worst there is to compress."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)
    first, *rest = (Image.fromarray(frame) for frame in pixels)
    first.save(file, save_all=True, append_images=rest, duration=50, loop=0)
    return file


@pytest.mark.parametrize("place", PLACES)
def test_sample_writes_a_pack_with_names_the_place_takes(place: str, run: Run, folder: Path) -> None:
    facts = run("sample", "--n", 3, "--seed", 4, "--for", place, "--preview", "small.png", "--json").json
    files = [folder / row["file"] for row in facts["stickers"]]
    assert facts["files"] == [str(file.relative_to(folder)) for file in files] + ["small.png"]
    assert {file.parent.name for file in files} == {f"emoterm-4-{place}"}
    for file, row in zip(files, facts["stickers"], strict=True):
        assert re.fullmatch(r"[a-z0-9_-]{2,32}" if place in ("slack", "github") else r"[a-z0-9_]{2,32}", row["name"])
        assert file.stem == row["name"]
        assert row["bytes"] == file.stat().st_size
        assert_taken(file, place)
        assert pixels_of(file).shape == (128, 128, 4)
    assert len({row["name"] for row in facts["stickers"]}) == 3
    strip = pixels_of(folder / "small.png")
    assert strip.shape == (64, 84, 4)
    assert tuple(strip[0, 0]) == (26, 29, 33, 255)
    assert tuple(strip[-1, 0]) == (255, 255, 255, 255)


def test_a_single_sticker_may_be_given_a_name(run: Run, folder: Path) -> None:
    result = run("sample", "--n", 1, "--seed", 4, "--for", "discord", "-o", "a.png")
    assert result.out == "a.png\n"
    assert "Discord: 128×128 PNG" in result.stderr
    assert "nothing given up" in result.stderr
    assert_taken(folder / "a.png", "discord")


@pytest.mark.parametrize("place", ["slack", "discord"])
def test_morph_writes_an_animation_that_is_taken(place: str, run: Run, folder: Path) -> None:
    result = run("morph", "😊", "🐙", "--steps", 7, "--ping-pong", "--for", place)
    assert result.out == "emoterm-morph.gif\n"
    assert_taken(folder / "emoterm-morph.gif", place)
    with Image.open(folder / "emoterm-morph.gif") as image:
        assert image.n_frames == 12
        assert image.info["loop"] == 0
    assert "soft edges" in result.stderr
    recipe = read_recipe((folder / "emoterm-morph.gif").read_bytes())
    assert recipe is not None
    assert recipe.parameters["keep_frames"] is True  # colours are given up before them


def test_more_frames_than_slack_takes_are_thinned_out(run: Run, folder: Path) -> None:
    first, *rest = (Image.new("RGB", (32, 32), (4 * i, 200, 0)) for i in range(60))
    first.save(folder / "long.webp", save_all=True, append_images=rest, duration=40, lossless=True)
    assert "60 → 50 frames (25 → 20.8 a second)" in run("fit", "long.webp", "--for", "slack").stderr
    assert_taken(folder / "long.gif", "slack")
    run("fit", "long.webp", "--for", "teams", "-o", "all.gif")
    with Image.open(folder / "all.gif") as image:
        assert image.n_frames == 60


def test_github_gets_a_snippet(run: Run, folder: Path) -> None:
    draw_emoji(folder / "my cat.png")
    result = run("fit", "my cat.png", "--for", "github")
    assert result.out == "my_cat.png\n"
    assert '<img src="my_cat.png" width="20" height="20" alt="my_cat">' in result.stderr


@pytest.mark.parametrize(
    ("picture", "name"), [("🐙", "octopus"), ("heart eyes@twemoji", "smiling_face_with_heart-eyes"), ("kept.emo", "kept")]
)
def test_an_emoji_is_fitted_as_the_picture_that_decode_makes_of_it(picture: str, name: str, run: Run, folder: Path) -> None:
    assert run("encode", picture.replace("kept.emo", "😊"), "kept.emo").code == 0
    result = run("fit", picture, "--for", "slack")
    assert result.out == f"{name}.png\n"
    assert_taken(folder / f"{name}.png", "slack")
    run("decode", "kept.emo", "kept_as.png")
    run("fit", "kept_as.png", "--for", "slack", "-o", "other.png")
    np.testing.assert_array_equal(pixels_of(folder / f"{name}.png"), pixels_of(folder / "other.png"))
    assert run("recreate", f"{name}.png").out.startswith(f"{name}.png: identical")


@pytest.mark.parametrize("place", ["slack", "github"])
def test_the_worst_animation_still_fits_and_what_went_is_told(place: str, run: Run, folder: Path) -> None:
    noise_animation(folder / "noise.gif")
    limit = 12_000
    facts = run("fit", "noise.gif", "--for", place, "--max-bytes", limit, "--json").json
    assert facts["name"] == "noise"
    assert facts["given_up"]
    assert_taken(folder / facts["file"], place)
    assert (folder / facts["file"]).stat().st_size <= limit
    with Image.open(folder / facts["file"]) as image:
        assert (image.width, getattr(image, "n_frames", 1)) == (facts["size_px"], facts["frames"])
        total_ms = 0
        for i in range(image.n_frames):
            image.seek(i)
            total_ms += image.info["duration"]
    assert abs(total_ms - 8 * 50) <= 20  # fewer frames, shown for longer


def test_a_still_picture_gives_up_colours_and_size(run: Run, folder: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (128, 128, 4), dtype=np.uint8)).save(folder / "a.png")
    result = run("fit", "a.png", "--for", "slack", "--max-bytes", 9_000, "-o", "b.png", "--no-metadata")
    assert result.code == 0
    assert re.search(r"given up: (128 → \d+ pixels, )?\d+ → \d+ colours", result.stderr)
    assert (folder / "b.png").stat().st_size <= 9_000
    assert_taken(folder / "b.png", "slack")


def test_any_shape_and_type_becomes_a_square_in_the_middle(run: Run, folder: Path) -> None:
    Image.new("RGB", (400, 200), (200, 30, 60)).save(folder / "wide.jpg")
    assert run("fit", "wide.jpg", "--for", "teams", "-o", "a.png").code == 0
    pixels = pixels_of(folder / "a.png")
    assert pixels.shape == (128, 128, 4)
    assert (pixels[:30, :, 3] == 0).all()
    assert (pixels[34:94, :, 3] == 255).all()
    assert run("fit", "-", "--for", "teams", "--background", "white", stdin=(folder / "a.png").read_bytes()).out == "emoji.png\n"
    assert (pixels_of(folder / "emoji.png")[..., 3] == 255).all()


@pytest.mark.parametrize("place", ["slack", "discord"])
@pytest.mark.parametrize("ground", [0, 255])
def test_no_halo_on_dark_nor_on_light(place: str, ground: int, run: Run, folder: Path) -> None:
    """A disc cut out of a black or a white ground, whose edges still have that ground in them."""
    y, x = np.mgrid[:64, :64]
    alpha = np.clip(29.5 - np.hypot(y - 31.5, x - 31.5), 0, 1)[..., None]
    color = np.array([230, 120, 40])
    still = np.concatenate([alpha * color + (1 - alpha) * ground, alpha * 255], axis=-1).round().astype(np.uint8)
    Image.fromarray(still).save(folder / "still.png")
    frames = [Image.fromarray(np.roll(still, shift, axis=1)) for shift in (0, 2)]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:], lossless=True, duration=100)

    def worst_edge(file: Path) -> float:
        """How far the colour of a pixel that can be seen is from that of the disc, after the fairest share of background is taken out."""
        worst = 0.0
        with Image.open(file) as image:
            for i in range(getattr(image, "n_frames", 1)):
                image.seek(i)
                pixels = np.asarray(image.convert("RGBA")).astype(float)
                share = pixels[..., 3:] / 255
                for background in (0, 255):
                    seen = pixels[..., :3] * share + background * (1 - share)
                    wanted = color * share + background * (1 - share)
                    worst = max(worst, np.abs(seen - wanted).max())
        return worst

    assert worst_edge(folder / "still.png") > 20  # the halo is there
    assert run("fit", "still.png", "--for", place, "-o", "a.png").code == 0
    assert run("fit", "moving.webp", "--for", place, "-o", "a.gif").code == 0
    assert worst_edge(folder / "a.png") <= 4
    assert worst_edge(folder / "a.gif") <= 4


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["fit", "a.png"], 2, ["--for", "slack"]),
        (["fit", "a.png", "--for", "myspace"], 2, ["myspace"]),
        (["fit", "a.png", "--for", "slack", "--max-bytes", "60"], 4, ["Slack", "61", "simpler picture"]),
        (["fit", "noise.gif", "--for", "discord", "--max-bytes", "500"], 4, ["Discord", "32 pixels", "501"]),
        (["fit", "a.png", "--for", "slack", "-o", "a.jpg"], 2, [".jpg", ".png"]),
        (["fit", "a.png", "--for", "slack", "-o", "a.png"], 1, ["a.png", "--force"]),
        (["fit", "missing.png", "--for", "slack"], 1, ["missing.png"]),
        (["fit", "a.png", "missing.png", "--for", "slack", "--each", "pack"], 1, ["missing.png"]),
        (["fit", "a.png", "text.png", "--for", "slack"], 1, ["text.png"]),
        (["fit", "a.png", "noise.gif", "--for", "slack", "--max-bytes", "500", "--no-metadata"], 4, ["noise.gif: "]),
        (["fit", "a.png", "😊", "--for", "slack", "-o", "b.png"], 2, ["-o", "--each"]),
        (["fit", "a.png", "--for", "slack", "-o", "b.png", "--each", "pack"], 2, ["-o", "--each"]),
        (["fit", "-", "-", "--for", "slack"], 2, ["one picture"]),
        (["fit", "a.png", "--for", "slack", "--each", "text.png"], 1, ["text.png is a file"]),
        (["fit", "a.png", "--for", "slack", "--crop", "circle"], 2, ["--crop", "no box"]),
        (["fit", "a.png", "--for", "slack", "--crop", "0,0,0,5"], 2, ["--crop", "no pixels"]),
        (["fit", "a.png", "--for", "slack", "--crop", "40,0,40,40"], 2, ["--crop 40,0,40,40", "64×64"]),
        (["fit", "a.png", "😊", "--for", "slack", "--crop", "40,0,40,40"], 2, ["a.png: --crop"]),
        (["fit", "./missing", "--for", "slack"], 1, ["missing"]),
        (["fit", "no such emoji", "--for", "slack"], 2, ["no such emoji", "emoterm search"]),
        (["fit", "🐙@comic", "--for", "slack"], 2, ["comic", "noto"]),
        (["fit", "a.png@noto", "--for", "slack"], 2, ["a style goes with an emoji"]),
        (["fit", "text.png", "--for", "slack"], 1, ["text.png"]),
        (["fit", "a.png", "--for", "slack", "-o", "b.png", "--preview", "./b.png"], 2, ["./b.png", "preview", "--preview"]),
        (["fit", "a.png", "--for", "slack", "-o", "a.png", "--preview", "a.png", "--force"], 2, ["a.png cannot be both"]),
        (["fit", "🐙", "--for", "slack", "--preview", "octopus.png"], 2, ["octopus.png cannot be both"]),
        (["blend", "😊", "🐙", "--for", "slack", "-o", "b.png", "--preview", "b.png"], 2, ["b.png cannot be both"]),
        (["sample", "--for", "slack", "--n", "1", "-o", "b.png", "--preview", "b.png"], 2, ["b.png cannot be both"]),
        (["sample", "--for", "slack", "-o", "b.png"], 2, ["--each", "--n 1"]),
        (["sample", "--for", "slack", "--n", "1", "-o", "b.png", "--each", "x"], 2, ["--each"]),
        (["sample", "--for", "slack", "--scale", "2"], 2, ["--scale"]),
        (["sample", "--preview", "b.png"], 2, ["--for"]),
        (["sample", "--size", "100"], 2, ["--size 100", "128"]),
        (["sample", "--size", "128", "--scale", "2"], 2, ["--size", "--scale"]),
        (["morph", "😊", "🐙", "--for", "slack", "-o", "b.png"], 2, [".gif"]),
        (["morph", "😊", "🐙", "--hold", "-1"], 2, ["--hold"]),
        (["morph", "😊", "🐙", "--loop", "70000"], 2, ["--loop"]),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_and_nothing_written(argv: list[str], code: int, words: list[str], run: Run, folder: Path) -> None:
    draw_emoji(folder / "a.png")
    (folder / "text.png").write_text("no picture")
    noise_animation(folder / "noise.gif", 3)
    before = set(folder.iterdir())
    run(*argv).assert_fails(code, *words)
    assert set(folder.iterdir()) == before


def test_a_file_goes_to_stdout(run: Run, folder: Path) -> None:
    data = draw_emoji(folder / "a.png").read_bytes()
    result = run("fit", "-", "--for", "slack", "-o", "-", stdin=data)
    with Image.open(io.BytesIO(result.stdout)) as image:
        assert image.size == (128, 128)


def test_several_pictures_become_a_folder_of_stickers(run: Run, folder: Path) -> None:
    draw_emoji(folder / "My Cat.png")
    (folder / "other").mkdir()
    draw_emoji(folder / "other" / "my cat.png", (10, 90, 200))
    noise_animation(folder / "noise.gif", 3)
    facts = run("fit", "My Cat.png", "other/my cat.png", "noise.gif", "🐙", "--for", "slack", "--preview", "small.png", "--json").json
    names = ["my_cat.png", "my_cat_2.png", "noise.gif", "octopus.png"]
    assert facts["files"] == [*(f"emoterm-fit-slack/{name}" for name in names), "small.png"]
    assert [row["file"] for row in facts["stickers"]] == facts["files"][:-1]
    for name in names:
        assert_taken(folder / "emoterm-fit-slack" / name, "slack")
    assert pixels_of(folder / "small.png").shape == (64, 110, 4)
    run("fit", "My Cat.png", "--for", "slack", "-o", "alone.png")
    assert (folder / "emoterm-fit-slack" / "my_cat.png").read_bytes() == (folder / "alone.png").read_bytes()
    assert run("fit", "My Cat.png", "--for", "slack", "--each", "pack").out == "pack/my_cat.png\n"
    run("fit", "My Cat.png", "🐙", "--for", "slack", "--each", "pack").assert_fails(1, "pack/my_cat.png", "--force")
    assert not (folder / "pack" / "octopus.png").exists()
    assert run("fit", "My Cat.png", "🐙", "--for", "slack", "--each", "pack", "--force").code == 0


def test_a_crop_cuts_where_padding_would_shrink_and_recreate_does_so_too(run: Run, folder: Path) -> None:
    run("sample", "--n", 2, "--seed", 1, "--columns", 2, "-o", "wide.png")  # 130×64
    wide = pixels_of(folder / "wide.png")
    assert run("fit", "wide.png", "--for", "slack", "--crop", "66,0,64,64", "-o", "right.png").code == 0
    Image.fromarray(wide[:, 66:]).save(folder / "cut.png")
    run("fit", "cut.png", "--for", "slack", "-o", "same.png")
    np.testing.assert_array_equal(pixels_of(folder / "right.png"), pixels_of(folder / "same.png"))
    for name, flags in (("right", ()), ("middle", ("--crop", "Fill")), ("trimmed", ("--trim", "--crop", "fill"))):
        if flags:
            assert run("fit", "wide.png", "--for", "slack", *flags, "-o", f"{name}.png").code == 0
        assert run("recreate", f"{name}.png", "--json").json["identical"]
    data = [(folder / f"{name}.png").read_bytes() for name in ("right", "middle", "trimmed")]
    assert len(set(data)) == 3


def test_margins_that_no_frame_fills_are_trimmed(run: Run, folder: Path) -> None:
    frames = np.zeros((2, 100, 200, 4), np.uint8)
    for frame, left in zip(frames, (20, 40), strict=True):
        frame[30:60, left : left + 20] = (200, 30, 60, 255)
    (folder / "moving.webp").write_bytes(animated(frames, format="webp"))
    run("fit", "moving.webp", "--for", "discord", "--trim", "-o", "a.gif")
    with Image.open(folder / "a.gif") as image:
        seen = []
        for i in range(image.n_frames):
            image.seek(i)
            seen.append(np.asarray(image.convert("RGBA"))[..., 3] > 0)
    rows, columns = np.nonzero(seen[0] | seen[1])
    assert (columns.min(), columns.max()) == (0, 127)  # 40 wide, 30 high
    assert np.ptp(rows) + 1 == pytest.approx(96, abs=2)
    assert columns[np.isin(columns, np.nonzero(seen[0])[1])].min() == 0


@pytest.mark.parametrize(("size", "told"), [((64, 64), ""), ((640, 10), "a hairline, 128×2 of 128×128"), ((8, 600), "a hairline")])
def test_what_will_hardly_be_seen_is_told(size: tuple[int, int], told: str, run: Run, folder: Path) -> None:
    Image.new("RGB", size, (200, 30, 60)).save(folder / "a.png")
    said = run("fit", "a.png", "--for", "teams", "-o", "b.png").stderr
    assert told in said
    assert ("hairline" in said) == bool(told)
    assert "hairline" not in run("fit", "a.png", "--for", "teams", "--crop", "fill", "-o", "c.png").stderr


@pytest.mark.parametrize("flags", [(), ("--trim",), ("--crop", "fill")])
def test_an_empty_picture_is_told(flags: tuple[str, ...], run: Run, folder: Path) -> None:
    Image.new("RGBA", (50, 30)).save(folder / "nothing.png")
    result = run("fit", "nothing.png", "--for", "teams", *flags, "-o", "b.png")
    assert result.code == 0
    assert "nothing: the picture is empty" in result.stderr


def test_an_animation_keeps_half_of_its_frames_and_recipes_from_before_are_followed(run: Run, folder: Path) -> None:
    run("morph", "😊", "🐙", "--steps", 12, "-o", "m.gif", "--bundle", "default", "--size", 128)
    line = ("--for", "slack", "--max-bytes", 10_000, "--bundle", "default")
    facts = run("fit", "m.gif", *line, "-o", "a.gif", "--json").json
    assert facts["frames"] >= 6
    assert run("recreate", "a.gif", "--bundle", "default", "--json").json["identical"]
    data = (folder / "a.gif").read_bytes()
    recipe = read_recipe(data)
    assert recipe is not None
    assert recipe.parameters["keep_frames"] is True
    before = replace(recipe, parameters={name: value for name, value in recipe.parameters.items() if name != "keep_frames"})
    (folder / "old.gif").write_bytes(embed_recipe(data, before))
    run("recreate", "old.gif", "--bundle", "default", "-o", "jerky.gif")
    with Image.open(folder / "jerky.gif") as image:
        assert image.n_frames < 6
