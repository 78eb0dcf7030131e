"""``emoterm restyle``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emoterm.bundle import open_bundle
from emoterm.errors import UsageError
from emoterm.restyling import GUIDANCE, TEMPERATURE, each_style
from tests.cli.conftest import Run, draw_emoji, pixels_of


@pytest.fixture
def styles(bundle_path: Path) -> list[str]:
    with open_bundle(bundle_path) as bundle:
        found: list[str] = json.loads(bundle.read(bundle.manifest.vocabulary))["styles"]
    assert len(found) >= 2
    return found


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(run: Run, folder: Path, styles: list[str]) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run("restyle", "😊", "--style", styles[0], "--seed", seed, "-o", f"{name}.png").code == 0
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes() != (folder / "c.png").read_bytes()


def test_the_source_and_the_style_both_count(run: Run, styles: list[str]) -> None:
    def drawn(picture: str, style: str) -> list[int]:
        # The same random numbers, and no words: all that differs is what was asked for.
        options = ("--style", style, "--prompt", "", "--temperature", 1, "--guidance", 4, "--seed", 0, "--force", "-o", "a.png", "--json")
        tokens: list[int] = run("restyle", picture, *options).json["tokens"][0]
        return tokens

    first = drawn("😊", styles[0])
    assert drawn("🐙", styles[0]) != first
    assert drawn("😊", styles[1]) != first
    assert drawn("😊", styles[0]) == first


def test_a_row_for_each_style_with_the_picture_in_front(run: Run, folder: Path, styles: list[str]) -> None:
    draw_emoji(folder / "disc.png")
    facts = run("restyle", "disc.png", "--style", "all", "--n", 2, "--beside", "--seed", 4, "-o", "a.png", "--json").json
    assert facts["schema"] == "emoterm/restyle/1"
    assert facts["styles"] == [style for style in styles for _ in range(2)]
    assert facts["words"] == []
    assert np.array(facts["tokens"]).shape == (2 * len(styles), 256)
    pixels = pixels_of(folder / "a.png")
    assert pixels.shape == (66 * len(styles) - 2, 3 * 66 - 2, 4)
    for row in range(len(styles)):
        np.testing.assert_array_equal(pixels[66 * row : 66 * row + 64, :64], pixels_of(folder / "disc.png"))


def test_an_emoji_brings_its_name_along_and_a_prompt_replaces_it(run: Run, styles: list[str]) -> None:
    named = run("restyle", "🐙", "--style", styles[0], "-o", "a.png", "--json").json
    told = run("restyle", "🐙", "--style", styles[0], "--prompt", "", "-o", "b.png", "--json").json
    assert named["picture"].startswith("🐙 octopus")
    assert told["words"] == []
    # Led away from its own style as long as words say what it shows.
    assert (named["unlike"] is not None) == bool(named["words"])
    assert told["unlike"] is None


def test_a_named_emoji_is_led_away_from_its_style_and_made_again(run: Run, folder: Path) -> None:
    asked = ("restyle", "🐙@noto", "--seed", 3, "--json", "-o")
    made = run(*asked, "a.png", "--style", "blob", "--bundle", "default").json
    assert made["unlike"] == "noto"
    assert run("recreate", "a.png", "--bundle", "default", "--json").json["identical"]
    described = run(*asked, "b.png", "--style", "blob", "--bundle", "default", "--prompt", "").json
    assert described["unlike"] is None


def test_every_picture_can_be_a_file_and_a_sticker(run: Run, folder: Path, styles: list[str]) -> None:
    facts = run("restyle", "😊", "--style", styles[0], "--n", 3, "--each", "out", "--seed", 1, "--json").json
    assert len(facts["files"]) == 3
    assert {pixels_of(folder / name).shape for name in facts["files"]} == {(64, 64, 4)}
    facts = run("restyle", "😊", "--style", styles[0], "--for", "slack", "-o", "s.png", "--seed", 1, "--json").json
    assert facts["stickers"][0]["bytes"] < 128_000


@pytest.mark.parametrize("options", [("--n", 2, "--beside"), ("--scale", 2), ("--for", "slack"), ("--each", "made", "--n", 3)])
def test_what_was_made_is_made_again(run: Run, folder: Path, styles: list[str], options: tuple[object, ...]) -> None:
    draw_emoji(folder / "disc.png")
    output = () if "--each" in options else ("-o", "a.png")
    made = run("restyle", "disc.png", "--style", styles[-1], "--seed", 3, *options, *output, "--json").json["files"]
    for file in made:
        assert run("recreate", file, "--json").json["identical"]


def test_without_o_a_free_name_is_taken_and_the_picture_drawn(run: Run, styles: list[str]) -> None:
    result = run("restyle", "😊", "--style", styles[0], "--graphics", "half")
    assert "▀" in result.out
    assert result.out.endswith("emoterm-restyle.png\n")
    assert "seed " in result.stderr


def test_mistakes_are_told_before_anything_is_written(run: Run, folder: Path, styles: list[str]) -> None:
    run("restyle", "😊", "--style", "crayon").assert_fails(2, "crayon", styles[0])
    run("restyle", "😊").assert_fails(2, "--style")
    run("restyle", "nothing.png", "--style", styles[0]).assert_fails(1, "nothing.png")
    run("restyle", "😊", "--style", styles[0], "--beside", "--each", "out").assert_fails(2, "--beside")
    run("restyle", "😊", "--style", styles[0], "--style", styles[1], "--n", 64).assert_fails(2, "--n")
    assert not list(folder.glob("*.png"))


def test_help_says_what_is_done_where_nothing_is_said(run: Run) -> None:
    said = " ".join(run("restyle", "--help").out.split())
    assert f"temperature {TEMPERATURE:g}, and guided more, {GUIDANCE:g}, where nothing is said" in said


def test_all_leaves_the_style_of_the_source_out() -> None:
    known = ["blob", "noto", "twemoji"]
    assert each_style(["all"], known, own="noto") == ["blob", "twemoji"]
    assert each_style(["Noto", "all"], known, own="noto") == ["noto", "blob", "twemoji"]
    assert each_style(["noto", "noto"], known, own=None) == ["noto"]
    assert each_style(["twemoji,noto", "blob"], known, own=None) == ["twemoji", "noto", "blob"]
    assert each_style(["twemoji, all"], known, own="noto") == ["twemoji", "blob"]
    with pytest.raises(UsageError, match="nto"):
        each_style(["twemoji,nto"], known, own=None)
    with pytest.raises(UsageError, match="has to be told a style"):
        each_style(["Any"], known, own=None)


def test_it_is_told_which_picture_is_in_which_style(run: Run) -> None:
    line = ("restyle", "😊@noto", "--bundle", "default", "--seed", 3, "-o")
    said = run(*line, "a.png", "--style", "twemoji,blob").stderr
    assert "in this order: twemoji, blob; not in noto, its own" in said
    assert "in this order: noto, blob\n" in run(*line, "b.png", "--style", "noto", "--style", "blob").stderr
    assert "order" not in run(*line, "c.png", "--style", "blob").stderr
