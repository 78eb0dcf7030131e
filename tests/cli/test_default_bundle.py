"""The model that ships: what the README promises of it, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoterm.bundle import DEFAULT_BUNDLE, open_bundle
from tests.cli.conftest import Run, draw_emoji, pixels_of

LIMIT_BYTES = 25 * 2**20


@pytest.fixture(autouse=True)
def _the_default_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the tiny one that the other tests of this folder use."""
    monkeypatch.delenv("EMOTERM_BUNDLE")


def test_it_is_whole_small_and_measured_on_unseen_emojis() -> None:
    with open_bundle() as bundle:
        bundle.verify()
        manifest = bundle.manifest
    assert sum(file.stat().st_size for file in DEFAULT_BUNDLE.iterdir()) <= LIMIT_BYTES
    assert manifest.metrics["split"] == "test"
    assert manifest.metrics["n"] > 1000
    assert manifest.metrics["psnr"] >= 26.5
    assert manifest.codebook.size == 512
    assert manifest.grid == [16, 16]


def test_it_names_the_commit_the_seed_and_the_recipe_it_was_made_with() -> None:
    with open_bundle() as bundle:
        provenance = bundle.manifest.provenance
    assert provenance["commit"]
    assert not provenance["commit"].endswith("-dirty")
    assert isinstance(provenance["seed"], int)
    assert provenance["recipe"]["name"] == bundle.manifest.recipe


def test_every_style_is_attributed() -> None:
    with open_bundle() as bundle:
        attributed = {style for attribution in bundle.manifest.attributions for style in attribution.styles}
    assert attributed == {"noto", "twemoji", "fluent3d", "fluentflat", "blob"}
    notice = (DEFAULT_BUNDLE / "NOTICE").read_text(encoding="utf-8")
    assert all(licence in notice for licence in ("CC-BY-4.0", "Apache-2.0", "MIT"))


def test_the_same_seed_gives_the_same_bytes_twice_and_in_other_batches(run: Run) -> None:
    for name, batch_size in (("a.png", 16), ("b.png", 16), ("c.png", 5), ("d.png", 1)):
        assert run("sample", "--n", 4, "--seed", 7, "--batch-size", batch_size, "-o", name).code == 0
    assert len({Path(name).read_bytes() for name in ("a.png", "b.png", "c.png", "d.png")}) == 1


def test_samples_are_pictures_and_differ(run: Run) -> None:
    found = run("sample", "--n", 4, "--seed", 1, "-o", "a.png", "--json").json
    assert len({tuple(tokens) for tokens in found["tokens"]}) == 4
    pixels = pixels_of(Path("a.png"))
    assert 0.1 < (pixels[..., 3] > 128).mean() < 0.95


def test_a_picture_takes_288_bytes_and_comes_back_alike(run: Run) -> None:
    draw_emoji(Path("disc.png"))
    assert run("encode", "disc.png", "disc.emo").code == 0
    assert Path("disc.emo").stat().st_size == 288
    assert run("decode", "disc.emo", "back.png").code == 0
    before, after = pixels_of(Path("disc.png")).astype(int), pixels_of(Path("back.png")).astype(int)
    opaque = before[..., 3] > 128
    assert (opaque == (after[..., 3] > 128)).mean() > 0.98
    assert abs(before[opaque] - after[opaque]).mean() < 12


def test_any_emoji_of_any_style_can_be_morphed_by_character_or_name(run: Run) -> None:
    assert run("morph", "😊", "😍", "--steps", 5, "-o", "m.png").code == 0
    assert pixels_of(Path("m.png")).shape[1] >= 5 * 64
    assert run("morph", "🐙@blob", "heart eyes@twemoji", "--steps", 10, "-o", "n.png").code == 0


def test_search_finds_cats(run: Run) -> None:
    found = run("search", "cat", "--json").json
    assert "🐈" in str(found)


def test_a_cat_can_be_had_in_blue(run: Run, folder: Path) -> None:
    asked = ("sample", "--n", 3, "--seed", 5, "--device", "cpu", "--json")
    found = run(*asked, "--prompt", "blue cat", "-o", "blue.png").json
    assert found["painted"] == ["blue"] * 3
    pixels = pixels_of(Path("blue.png")).reshape(-1, 4).astype(int)
    red, _, blue = pixels[pixels[:, 3] > 200, :3].mean(axis=0)
    assert blue > red + 40
    assert run("recreate", "blue.png", "-o", "again.png").code == 0
    assert Path("again.png").read_bytes() == Path("blue.png").read_bytes()
    assert "painting in blue" in run("sample", "--prompt", "blue cat", "--n", 1, "-o", "c.png").stderr
    assert run(*asked, "--prompt", "cat", "-o", "cat.png").json["painted"] is None
    assert "nothing to paint in grey" in run("sample", "--prompt", "grey woman", "--n", 1, "-o", "d.png").stderr
    assert "not known" not in run("sample", "--prompt", "grey house", "--n", 1, "-o", "e.png").stderr


def test_a_thing_that_feels_something_is_given_a_face(run: Run) -> None:
    asked = ("sample", "--seed", 1, "--n", 4, "--device", "cpu", "--json")
    plain = run(*asked, "--prompt", "star", "-o", "star.png").json
    happy = run(*asked, "--prompt", "happy star", "-o", "happy.png")
    assert "drawing faces: happy" in happy.stderr
    assert [face.split("@")[1] for face in happy.json["faces"]] == happy.json["styles"]
    assert plain["faces"] is None
    assert happy.json["tokens"] != plain["tokens"]
    assert run("recreate", "happy.png", "--json").json["identical"]
    assert run(*asked, "--prompt", "star", "--emotion", "happy", "-o", "too.png").json["faces"] == happy.json["faces"]
