"""``emoterm sample``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoterm.brief import TEMPERATURE
from emoterm.prior import Prior
from tests.cli.conftest import Run, draw_emoji, pixels_of


def test_the_same_seed_gives_the_same_bytes_whatever_the_batch(run: Run, folder: Path) -> None:
    for name, batch_size in (("a", 16), ("b", 16), ("c", 1), ("d", 3)):
        assert run("sample", "--n", 5, "--seed", 7, "--device", "cpu", "--batch-size", batch_size, "-o", f"{name}.png").code == 0
    assert len({(folder / f"{name}.png").read_bytes() for name in "abcd"}) == 1


def test_a_batch_size_reaches_the_prior(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    generate = Prior.generate

    def watched(self: Prior, *args: Any, **options: Any) -> Any:
        asked.append(options["batch_size"])
        return generate(self, *args, **options)

    monkeypatch.setattr(Prior, "generate", watched)
    for flags in (("--batch-size", 3, "-o", "a.png"), ("-o", "b.png"), ("--batch-size", 2, "--to", "rows")):
        assert run("sample", "--n", 2, "--seed", 7, "--device", "cpu", *flags).code == 0
    assert asked == [3, None, 2]


def test_another_seed_gives_other_emojis(run: Run) -> None:
    first, second = (run("sample", "--n", 2, "--seed", seed, "-o", f"{seed}.png", "--json").json for seed in (1, 2))
    assert first["tokens"] != second["tokens"]


def test_json_reports_seed_tokens_files_device_and_seconds(run: Run, folder: Path) -> None:
    facts = run("sample", "--n", 3, "--seed", 7, "-o", "a.png", "--json").json
    assert facts["schema"] == "emoterm/sample/1"
    assert facts["seed"] == 7
    assert np.array(facts["tokens"]).shape == (3, 256)
    assert facts["files"] == ["a.png"]
    assert facts["device"].endswith("ExecutionProvider")
    assert facts["seconds"] > 0
    assert [file.name for file in folder.iterdir()] == ["a.png"]


def test_a_seed_that_was_not_given_is_told_and_gives_the_same_again(run: Run, folder: Path) -> None:
    result = run("sample", "--n", 2)
    after, told = result.stderr.splitlines()
    assert after.startswith("drawing after ")
    seed = told.removeprefix("seed ")
    assert result.out == f"emoterm-{seed}.png\n"
    run("sample", "--n", 2, "--seed", seed, "-o", "again.png")
    assert (folder / "again.png").read_bytes() == (folder / f"emoterm-{seed}.png").read_bytes()


def test_without_o_a_free_name_is_taken(run: Run, folder: Path) -> None:
    names = [run("sample", "--n", 1, "--seed", 5).out.strip() for _ in range(3)]
    assert names == ["emoterm-5.png", "emoterm-5-2.png", "emoterm-5-3.png"]
    assert all((folder / name).is_file() for name in names)


def test_the_grid_has_the_columns_and_the_scale_asked_for(run: Run, folder: Path) -> None:
    run("sample", "--n", 3, "--seed", 1, "--columns", 3, "--scale", 2, "--background", "#ff0000", "-o", "a.png")
    pixels = pixels_of(folder / "a.png")
    assert pixels.shape == (128, 2 * (3 * 64 + 2 * 2), 4)
    assert (pixels[..., 3] == 255).all()
    assert tuple(pixels[0, 129]) == (255, 0, 0, 255)  # the gap


def test_each_writes_the_pictures_of_the_grid_one_by_one(run: Run, folder: Path) -> None:
    facts = run("sample", "--n", 12, "--seed", 3, "--columns", 12, "-o", "grid.png", "--each", "all", "--json").json
    assert facts["files"] == ["grid.png", *(str(Path("all") / f"emoterm-3-{i:02}.png") for i in range(12))]
    grid = pixels_of(folder / "grid.png")
    for i, name in enumerate(facts["files"][1:]):
        np.testing.assert_array_equal(pixels_of(folder / name), grid[:, i * 66 : i * 66 + 64])


def test_each_alone_writes_no_grid(run: Run, folder: Path) -> None:
    run("sample", "--n", 1, "--seed", 3, "--each", "all")
    assert [str(path.relative_to(folder)) for path in folder.rglob("*.png")] == [str(Path("all") / "emoterm-3-0.png")]


def test_a_png_goes_to_stdout_and_nothing_else_does(run: Run, folder: Path) -> None:
    result = run("sample", "--n", 1, "--seed", 3, "-o", "-", "--graphics", "half")
    assert pixels_of(result.stdout).shape == (64, 64, 4)
    assert list(folder.iterdir()) == []


def test_pictures_are_drawn_when_asked_for(run: Run) -> None:
    assert "▀" in run("sample", "--n", 1, "--seed", 3, "--graphics", "half", "--background", "white").out
    assert "▀" not in run("sample", "--n", 1, "--seed", 3).out


def test_words_and_style_reach_the_prior(run: Run, bundle_path: Path) -> None:
    vocabulary = json.loads((bundle_path / "vocabulary.json").read_text(encoding="utf-8"))
    word, style = vocabulary["words"][0], vocabulary["styles"][0]
    plain = run("sample", "--n", 2, "--seed", 1, "-o", "a.png", "--json").json
    asked = run("sample", "--n", 2, "--seed", 1, "-o", "b.png", "--prompt", f"{word} qqqqqq", "--style", style.upper(), "--json")
    assert asked.json["words"] == [word]
    assert asked.json["unknown_words"] == ["qqqqqq"]
    assert asked.json["style"] == style
    assert "qqqqqq" in asked.stderr
    assert asked.json["tokens"] != plain["tokens"]


def test_a_prompt_is_drawn_after_emojis_that_fit_in_another_style(run: Run) -> None:
    asked = ("sample", "--n", 6, "--seed", 1, "--prompt", "cat", "--style", "noto")
    after = run(*asked, "-o", "a.png", "--json")
    drawn_after = after.json["drawn_after"]
    assert len(drawn_after) == 6
    assert {spec.partition("@")[0] for spec in drawn_after} <= {"🐈", "🐱", "😻"}
    assert not any(spec.endswith("@noto") for spec in drawn_after)
    assert after.json["styles"] == ["noto"] * 6
    assert "drawing after 🐈 cat, 🐱 cat face" in after.stderr
    alone = run(*asked, "--words-alone", "-o", "b.png", "--json")
    assert alone.json["drawn_after"] is None
    assert "drawing after" not in alone.stderr
    assert alone.json["tokens"] != after.json["tokens"]
    assert (after.json["sampling"]["temperature"], after.json["sampling"]["guidance"]) == (0.7, 3)
    assert alone.json["sampling"] != after.json["sampling"]
    hot = run(*asked, "--temperature", 1.5, "-o", "c.png", "--json").json
    assert (hot["sampling"]["temperature"], hot["sampling"]["guidance"]) == (1.5, 3)
    assert hot["drawn_after"] == drawn_after


def test_a_picture_that_stays_in_part_is_not_drawn_after_another(run: Run) -> None:
    facts = run("sample", "--n", 2, "--seed", 1, "--prompt", "cat", "--like", "😊@noto", "-o", "a.png", "--json").json
    assert facts["drawn_after"] is None


def test_like_keeps_a_share_of_the_tokens(run: Run, bundle_path: Path) -> None:
    source = np.array(run("encode", "😊@noto", "a.emo", "--json").json["tokens"]).ravel()
    facts = run("sample", "--n", 3, "--seed", 1, "--like", "😊@noto", "--keep", 0.75, "-o", "a.png", "--json").json
    assert facts["like"] == {"picture": "😊 smiling face with smiling eyes (noto)", "keep": 0.75}
    assert ((np.array(facts["tokens"]) == source).sum(axis=1) >= 192).all()
    assert len({tuple(row) for row in facts["tokens"]}) == 3
    whole = run("sample", "--n", 1, "--seed", 1, "--like", "😊@noto", "--keep", 1, "-o", "b.png", "--json").json
    assert whole["tokens"] == [source.tolist()]


def test_complete_keeps_the_top_rows_of_a_file(run: Run, folder: Path) -> None:
    draw_emoji(folder / "disc.png")
    # The nearest codes: those that the prior was trained on, not those that a search finds.
    source = np.array(run("encode", "disc.png", "a.emo", "--effort", 0, "--json").json["tokens"]).ravel()
    facts = run("sample", "--n", 2, "--seed", 1, "--complete", "disc.png", "--rows", 4, "-o", "a.png", "--json").json
    assert facts["complete"] == {"picture": "disc.png", "rows": 4}
    assert (np.array(facts["tokens"])[:, :64] == source[:64]).all()
    assert "like" not in facts


def test_an_emotion_reaches_the_prior(run: Run) -> None:
    facts = run("sample", "--n", 1, "--seed", 1, "--emotion", "Joyful", "-o", "a.png", "--json").json
    assert facts["emotion"] == "happy"
    assert "smile" in facts["words"] or "smiling" in facts["words"]


def test_what_was_made_of_each_word_is_told(run: Run, bundle_path: Path) -> None:
    word = json.loads((bundle_path / "vocabulary.json").read_text(encoding="utf-8"))["words"][0]
    result = run("sample", "--n", 1, "--seed", 1, "--prompt", f"{word}s", "-o", "a.png", "--json")
    assert result.json["replaced_words"] == [[f"{word}s", word]]
    assert f"reading '{word}s' as '{word}'" in result.stderr


def test_sampling_options_override_the_bundle(run: Run, bundle_path: Path) -> None:
    defaults = json.loads((bundle_path / "manifest.json").read_text(encoding="utf-8"))["prior"]["sampling"]
    facts = run("sample", "--free", "--n", 1, "--seed", 1, "-o", "a.png", "--json").json
    assert facts["sampling"] == defaults
    facts = run("sample", "--free", "--n", 1, "--seed", 1, "-o", "b.png", "--top-k", 1, "--temperature", 0.5, "--json").json
    assert facts["sampling"] == {**defaults, "top_k": 1, "temperature": 0.5}
    facts = run("sample", "--free", "--n", 1, "--seed", 1, "-o", "c.png", "--top-p", 0.9, "--min-p", 0.25, "--json").json
    assert facts["sampling"] == {**defaults, "top_p": 0.9, "min_p": 0.25}


def test_where_nothing_is_asked_chance_picks_emojis_to_draw_after(run: Run, folder: Path) -> None:
    facts = run("sample", "--n", 4, "--seed", 1, "-o", "a.png", "--json").json
    styles_drawn_after = [spec.partition("@")[2] for spec in facts["drawn_after"]]
    assert len(set(facts["drawn_after"])) == 4
    assert all(style != other for style, other in zip(facts["styles"], styles_drawn_after, strict=True))
    assert facts["sampling"]["temperature"] == TEMPERATURE
    assert (facts["words"], facts["prompt"]) == ([], "")
    assert run("recreate", "a.png").code == 0
    noto = run("sample", "--n", 4, "--seed", 1, "--style", "noto", "-o", "noto.png", "--json").json
    assert noto["styles"] == ["noto"] * 4
    assert all(not spec.endswith("@noto") for spec in noto["drawn_after"])


def test_a_group_alone_is_drawn_after_emojis_of_that_group(run: Run, folder: Path) -> None:
    default = ("--bundle", "default", "--device", "cpu", "--seed", 1)
    facts = run("sample", "--group", "food & drink", "--n", 3, *default, "-o", "a.png", "--json").json
    foods = run("search", "--bundle", "default", "--group", "Food & Drink", "--limit", 999, "--json").json["emojis"]
    assert len(set(facts["drawn_after"])) == 3
    assert facts["group"] == "food & drink"
    assert {spec.partition("@")[0] for spec in facts["drawn_after"]} <= {food["emoji"] for food in foods}
    assert run("recreate", "a.png", "--bundle", "default", "--device", "cpu", "--json").json["identical"]
    run("sample", "--group", "Flags", "--prompt", "cat", *default, "-o", "b.png").assert_fails(2, "'flags'")
    assert not (folder / "b.png").exists()


def test_free_asks_for_nothing(run: Run, folder: Path) -> None:
    free = run("sample", "--free", "--n", 2, "--seed", 1, "-o", "a.png", "--json").json
    assert free["drawn_after"] is None
    assert free["styles"] == [None, None]
    told = run("sample", "--n", 2, "--seed", 1, "-o", "b.png", "--json").json
    assert told["tokens"] != free["tokens"]
    assert run("recreate", "a.png").code == 0


@pytest.mark.parametrize("also", [("--prompt", "cat"), ("--emotion", "happy"), ("--like", "🐙"), ("--complete", "🐙")])
def test_free_goes_with_nothing_that_says_what_to_draw(run: Run, folder: Path, also: tuple[str, str]) -> None:
    run("sample", "--free", *also).assert_fails(2, "--free", "Leave it out")
    assert not list(folder.glob("*.png"))


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--n", "0"], 2, ["--n"]),
        (["--n", "-3"], 2, ["--n"]),
        (["--n", "5000"], 2, ["--n"]),
        (["--top-p", "2"], 2, ["--top-p"]),
        (["--top-p", "0"], 2, ["--top-p"]),
        (["--top-p", "nan"], 2, ["--top-p"]),
        (["--min-p", "1.1"], 2, ["--min-p"]),
        (["--min-p", "-0.1"], 2, ["--min-p"]),
        (["--min-p", "nan"], 2, ["--min-p"]),
        (["--top-k", "0"], 2, ["--top-k"]),
        (["--temperature", "-1"], 2, ["--temperature"]),
        (["--temperature", "inf"], 2, ["--temperature"]),
        (["--guidance", "-1"], 2, ["--guidance"]),
        (["--seed", "-1"], 2, ["--seed"]),
        (["--seed", str(2**64)], 2, ["--seed"]),
        (["--batch-size", "0"], 2, ["--batch-size"]),
        (["--columns", "0"], 2, ["--columns"]),
        (["--columns", "4", "--each", "all"], 2, ["--columns goes with a grid", "-o FILE"]),
        (["--columns", "4", "--for", "slack"], 2, ["--columns goes with a grid"]),
        (["--scale", "0"], 2, ["--scale"]),
        (["--n", "4096", "--scale", "64"], 2, ["--scale"]),
        (["--background", "purpel"], 2, ["purpel", "purple"]),
        (["--style", "noot"], 2, ["noot", "noto", "blob"]),
        (["--group", "nothing"], 2, ["Unknown group"]),
        (["--emotion", "hapy"], 2, ["happy", "sad", "angry"]),
        (["--like", "😊", "--complete", "😊"], 2, ["--like", "--complete"]),
        (["--keep", "0.5"], 2, ["--keep", "--like"]),
        (["--rows", "8"], 2, ["--rows", "--complete"]),
        (["--like", "😊", "--keep", "1.5"], 2, ["--keep"]),
        (["--complete", "😊", "--rows", "16"], 2, ["--rows", "15"]),
        (["--like", "no such emoji"], 2, ["no such emoji"]),
        (["--complete", "missing.png"], 1, ["missing.png"]),
        (["--words-alone"], 2, ["--words-alone", "--prompt"]),
        (["--prompt", "qqqqqq \x1b[31m"], 2, ["qqqqqq", "\\x1b"]),
        (["-o", "a.jpg"], 2, [".jpg", ".png"]),
        (["-o", "a"], 2, [".png"]),
        (["-o", ""], 2, ["is empty"]),
        (["-o", "-", "--json"], 2, ["--json"]),
        (["-o", "missing/a.png"], 1, ["missing", "mkdir"]),
        (["-o", "taken.png"], 1, ["taken.png", "--force"]),
        (["-o", "taken.png/a.png"], 1, ["taken.png"]),
        (["-o", "/proc/emoterm.png"], 1, ["/proc"]),
        (["--each", "missing/all"], 1, ["missing"]),
        (["--each", "taken.png"], 1, ["taken.png"]),
    ],
)  # fmt: skip
def test_bad_options_are_refused_before_any_work(argv: list[str], code: int, words: list[str], run: Run, folder: Path) -> None:
    (folder / "taken.png").write_bytes(b"mine")
    run("sample", "--seed", "1", *argv).assert_fails(code, *words)
    assert [file.name for file in folder.iterdir()] == ["taken.png"]
    assert (folder / "taken.png").read_bytes() == b"mine"


def test_each_refuses_to_replace_a_single_file(run: Run, folder: Path) -> None:
    (folder / "all").mkdir()
    (folder / "all" / "emoterm-1-1.png").write_bytes(b"mine")
    run("sample", "--n", 2, "--seed", 1, "--each", "all").assert_fails(1, "emoterm-1-1.png", "--force")
    assert [file.name for file in (folder / "all").iterdir()] == ["emoterm-1-1.png"]
    assert run("sample", "--n", 2, "--seed", 1, "--each", "all", "--force").code == 0
    assert pixels_of(folder / "all" / "emoterm-1-1.png").shape == (64, 64, 4)


def test_force_replaces_a_file(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(b"mine")
    assert run("sample", "--n", 1, "--seed", 1, "-o", "a.png", "--force").code == 0
    assert pixels_of(folder / "a.png").shape == (64, 64, 4)


def test_a_bundle_with_a_flipped_byte_is_exit_3_and_named(run: Run, folder: Path, bundle_path: Path) -> None:
    broken = folder / "broken"
    broken.mkdir()
    for file in bundle_path.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    data = bytearray((broken / "prior.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (broken / "prior.onnx").write_bytes(data)
    run("sample", "--seed", 1, "--bundle", "broken", "-o", "a.png").assert_fails(3, "prior.onnx", "sha256")
    assert not (folder / "a.png").exists()


def test_cuda_works_or_is_exit_3_with_a_fix(run: Run) -> None:
    result = run("sample", "--n", 1, "--seed", 1, "--device", "cuda", "-o", "a.png", "--json")
    if result.code == 0:
        assert result.json["device"] == "CUDAExecutionProvider"
    else:
        result.assert_fails(3, "CUDA", "fix:")
