"""``emoterm blend``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoterm.cli.blend import split_weight
from tests.cli.conftest import Run, draw_emoji, pixels_of


@pytest.mark.parametrize(
    ("typed", "spec", "weight"),
    [
        ("😊", "😊", 1), ("😊:0.7", "😊", 0.7), ("cat.png:2", "cat.png", 2), ("heart eyes@noto:.5", "heart eyes@noto", 0.5),
        ("kiss: man", "kiss: man", 1), ("-:3", "-", 3), ("😊:-1", "😊", -1), ("C:\\cat.png", "C:\\cat.png", 1), ("1f60a", "1f60a", 1),
    ],
)  # fmt: skip
def test_a_weight_follows_a_colon(typed: str, spec: str, weight: float) -> None:
    assert split_weight(typed) == (spec, weight)


def test_a_file_whose_name_ends_like_a_weight_stays_whole(folder: Path) -> None:
    draw_emoji(folder / "cat.png").rename(folder / "cat:2")
    assert split_weight("cat:2") == ("cat:2", 1.0)


def test_all_the_weight_on_one_picture_gives_that_picture(run: Run, folder: Path) -> None:
    assert run("encode", "😊", "a.emo").code == 0
    assert run("decode", "a.emo", "a.png").code == 0
    assert run("blend", "😊:1", "🐙:0", "-o", "b.png").code == 0
    np.testing.assert_array_equal(pixels_of(folder / "b.png"), pixels_of(folder / "a.png"))


def test_weights_count_by_their_ratio_and_order_does_not(run: Run, folder: Path) -> None:
    for name, pictures in {"a": ("😊:3", "🐙"), "b": ("😊:0.75", "🐙:.25"), "c": ("🐙", "😊:3")}.items():
        assert run("blend", *pictures, "-o", f"{name}.png").code == 0
    first, *others = (pixels_of(folder / f"{name}.png").astype(int) for name in "abc")
    for other in others:
        assert np.abs(first - other).max() <= 1


def test_json_tells_what_went_in(run: Run, folder: Path) -> None:
    facts = run("blend", "😊@noto", "🐙:3", "cat", "-o", "a.png", "--scale", 2, "--json").json
    assert facts["schema"] == "emoterm/blend/1"
    assert [part["weight"] for part in facts["parts"]] == [0.2, 0.6, 0.2]
    assert facts["parts"][0]["picture"] == "😊 smiling face with smiling eyes (noto)"
    assert (facts["repaint"], facts["repainted_tokens"], facts["seed"]) == (0, 0, None)
    assert len(facts["tokens"]) == 256
    assert pixels_of(folder / "a.png").shape == (128, 128, 4)


def test_repaint_draws_the_share_anew_and_the_same_with_the_same_seed(run: Run, folder: Path) -> None:
    plain = run("blend", "😊", "🐙", "-o", "plain.png", "--json").json
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        facts = run("blend", "😊", "🐙", "--repaint", 0.25, "--seed", seed, "-o", f"{name}.png", "--json").json
        assert facts["repainted_tokens"] == 64
        assert (np.array(facts["tokens"]) == plain["tokens"]).sum() >= 192
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes() != (folder / "c.png").read_bytes()


def test_a_style_that_was_drawn_in_is_drawn_in_again(run: Run) -> None:
    assert run("blend", "😊", "🐙", "--repaint", 0.5, "--style", "noto", "--seed", 3, "--device", "cpu", "-o", "a.png").code == 0
    assert run("recreate", "a.png", "--json").json["identical"]


def test_a_seed_that_was_not_given_is_told_where_it_counts(run: Run) -> None:
    assert "seed " in run("blend", "😊", "🐙", "--repaint", 0.5, "-o", "a.png").stderr
    assert "seed " not in run("blend", "😊", "🐙", "-o", "b.png").stderr


def test_a_png_goes_to_stdout_and_a_picture_comes_from_stdin(run: Run, folder: Path) -> None:
    png = draw_emoji(folder / "disc.png").read_bytes()
    assert pixels_of(run("blend", "-", "😊", "-o", "-", stdin=png).stdout).shape == (64, 64, 4)


def test_without_o_a_free_name_is_taken_and_the_picture_drawn(run: Run) -> None:
    result = run("blend", "😊", "🐙", "--graphics", "half")
    assert "▀" in result.out
    assert result.out.endswith("emoterm-blend.png\n")
    assert "50% 😊" in result.stderr


def test_a_style_in_the_settings_and_a_repaint_of_none_are_no_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("blend", "😊", "🐙", "--repaint", 0, "--seed", 3, "-o", "a.png").code == 0
    monkeypatch.setenv("EMOTERM_STYLE", "noto")
    assert run("blend", "😊", "🐙", "-o", "b.png").code == 0


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["😊"], 2, ["2 to 16"]),
        (["😊", "🐙", "--repaint", "1.5"], 2, ["--repaint"]),
        (["😊", "🐙", "--repaint", "nan"], 2, ["--repaint"]),
        (["😊:0", "🐙:0"], 2, ["weights"]),
        (["😊:-1", "🐙"], 2, ["weights"]),
        (["-", "-"], 2, ["standard input"]),
        (["😊", "no such emoji"], 2, ["no such emoji"]),
        (["😊", "missing.png"], 1, ["missing.png"]),
        (["😊", "🐙", "--repaint", "0.1", "--style", "noot"], 2, ["noot"]),
        (["😊", "🐙", "--style", "noto"], 2, ["--style goes with --repaint", "--repaint 0.3"]),
        (["😊", "🐙", "--seed", "3", "--style", "noto"], 2, ["--style and --seed go with --repaint"]),
        (["😊", "🐙", "-o", "a.gif"], 2, [".gif"]),
        (["😊", "🐙", "-o", "taken.png"], 1, ["taken.png", "--force"]),
        (["😊", "🐙", "-o", "-", "--json"], 2, ["--json"]),
    ],
)  # fmt: skip
def test_bad_requests_are_refused(argv: list[str], code: int, words: list[str], run: Run, folder: Path) -> None:
    (folder / "taken.png").write_bytes(b"mine")
    run("blend", *argv).assert_fails(code, *words)
    assert [file.name for file in folder.iterdir()] == ["taken.png"]
