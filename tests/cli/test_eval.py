"""``emoterm eval``: reconstruction, the prior, and samples as a judge sees them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import export.evaluate
from emoterm.bundle import Bundle
from emoterm.cli.evaluate import report, table
from emoterm.errors import UsageError
from emoterm.prior import Prior
from emoterm.sampling import SamplingParams
from export.compare_sampling import markdown, parse_setting
from export.evaluate import evaluate_prior
from export.sample_yardstick import SampleYardstick
from tests.cli.conftest import Run, pixels_of
from tests.drawing import write_emojis
from trainer.data import EmojiSet, load_emojis
from trainer.errors import TrainerError
from trainer.judge.run import load_judge, train_judge

COLUMNS = {"samples", "reconstructions", "real"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Drawn emojis, and a judge that has looked at them for a moment."""
    folder = tmp_path_factory.mktemp("judged")
    data = write_emojis(folder / "emojis.parquet")
    train_judge(str(data), folder / "judge", epochs=3, precision="no")
    return data, folder / "judge"


def test_samples_are_measured_beside_reconstructions_and_real_pictures(judged: tuple[Path, Path], run: Run, folder: Path) -> None:
    data, judge = judged
    argv = ("eval", "--data", data, "--judge", judge, "--samples", 24, "--top-k", 8, "--figures", "figures", "--json")
    facts = run(*argv, "--seed", 3).json
    samples = facts["samples"]
    assert samples["sampling"]["top_k"] == 8
    assert (samples["n"], samples["compared_at_once"], samples["prompts_unseen"], samples["prompts_known"]) == (24, 12, 12, 0)
    assert {"base_accuracy", "subgroup_accuracy", "style_accuracy"} >= set(samples["judge"]) >= {"style_accuracy"}
    measured = samples["metrics"]
    assert all(set(columns) == COLUMNS for columns in measured.values())
    assert {"frechet_distance", "precision", "recall", "density", "coverage", "memorised", "style_accuracy"} <= set(measured)
    assert {"memorised_asked", "words_alone_style_accuracy", "words_alone_retrieval_top5_unseen"} <= set(measured)
    assert measured["retrieval_top1_known"] == dict.fromkeys(COLUMNS)  # two styles are too few to keep one from the judge
    assert measured["memorised"]["real"] == pytest.approx(1 / 12)
    for column in COLUMNS:
        assert measured["frechet_distance"][column] > 0
        assert 0 <= measured["retrieval_top1_unseen"][column] <= measured["retrieval_top5_unseen"][column] <= 1
        curve = facts["curves"]["retrieval_unseen"][column]
        assert curve == sorted(curve)
        assert curve[4] == measured["retrieval_top5_unseen"][column]
    assert facts["prior_bits_train"] > 0
    assert [Path(file).name for file in facts["files"]] == ["retrieval.png", "nearest_training_picture.png"]
    assert all(pixels_of(folder / file).size for file in facts["files"])
    run(*argv).assert_fails(1, "retrieval.png", "--force")

    lines = list(report(facts))
    assert lines[0].split() == ["reconstruction", "n", "mse", "psnr", "psnr_of_mean_mse", "ssim", "alpha_iou"]
    assert [line.split()[0] for line in lines[1:4]] == ["all", "blob", "noto"]
    assert any(line.split() == ["samples", "samples", "reconstructions", "real"] for line in lines)
    assert any(line.startswith("frechet_distance") and len(line.split()) == 4 for line in lines)


@pytest.mark.parametrize("styles", [1, 0])
def test_samples_are_measured_on_emojis_of_two_styles(styles: int, judged: tuple[Path, Path], tiny_bundle: Bundle) -> None:
    data, judge = judged
    emojis = load_emojis(str(data))
    one = EmojiSet(emojis.images, [replace(row, style="noto" if styles else "") for row in emojis.rows])
    with pytest.raises(TrainerError, match="two styles or more") as caught:
        SampleYardstick(tiny_bundle, load_judge(judge), one, device="cpu")
    assert caught.value.fix == "Use data with a column 'style'."


def test_the_same_seed_measures_the_same(judged: tuple[Path, Path], tiny_bundle: Bundle) -> None:
    data, judge = judged
    yardstick = SampleYardstick(tiny_bundle, load_judge(judge), load_emojis(str(data)), prompts=4, device="cpu")
    params = SamplingParams(temperature=1.5)
    measured = []
    for seed in (1, 1, 2):
        measured.append(yardstick.score(params, n=12, seed=seed)["metrics"])
        yardstick._of_anything.clear()  # what is kept would always be the same
    first, again, other = measured
    assert first["frechet_distance"] == again["frechet_distance"]
    assert first["frechet_distance"]["real"] == other["frechet_distance"]["real"]
    for name in ("frechet_distance", "by_chance_frechet_distance"):
        assert first[name]["samples"] != other[name]["samples"]
    assert first["by_chance_frechet_distance"]["samples"] != first["frechet_distance"]["samples"]


def test_line_art_can_be_measured_and_has_no_training_pictures(run: Run) -> None:
    facts = run("eval", "--data", "lineart:6", "--json").json
    assert facts["n"] == facts["styles"]["lineart"]["n"] == 6
    assert "prior_bits_train" not in facts


def test_bits_after_a_source_are_told_the_same_emoji_in_another_style(
    folder: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    emojis = load_emojis(str(write_emojis(folder / "emojis.parquet"))).split("test")
    asked: list[tuple[Any, Any]] = []

    def watched(self: Prior, conditions: Any, tokens: np.ndarray, sources: np.ndarray | None = None) -> np.ndarray:
        asked.append((tokens, sources))
        return np.ones(len(tokens))

    monkeypatch.setattr(Prior, "bits", watched)
    assert "prior_bits_after_source" in evaluate_prior(tiny_bundle, emojis, device="cpu")
    (everything, _), *_, (tokens, sources) = asked
    rows = {grid.tobytes(): row for grid, row in zip(everything, emojis.rows, strict=True)}
    for own, source in zip(tokens, sources, strict=True):
        row, other = rows[own.tobytes()], rows[source.tobytes()]
        assert (row.text, row.style == other.style) == (other.text, False)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--samples", "10"], 2, ["--judge"]),
        (["--guidance", "2"], 2, ["--judge"]),
        (["--figures", "figures"], 2, ["--judge"]),
        (["--judge", "nowhere"], 1, ["nowhere", "trainer.judge"]),
        (["--judge", "JUDGE", "--samples", "3"], 1, ["--samples"]),
        (["--judge", "JUDGE", "--top-p", "2"], 2, ["--top-p"]),
        (["--judge", "JUDGE", "--min-p", "2"], 2, ["--min-p"]),
        (["--min-p", "0.1"], 2, ["--judge"]),
    ],
)
def test_what_cannot_be_measured_is_refused(argv: list[str], code: int, words: list[str], run: Run, judged: tuple[Path, Path]) -> None:
    data, judge = judged
    run("eval", "--data", data, *[str(judge) if word == "JUDGE" else word for word in argv], "--json").assert_fails(code, *words)


def test_every_option_and_no_setting_reaches_the_measurement(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def measure(path: Path, data: str, split: str, limit: int, device: str, *, effort: int, samples: Any, **_: object) -> dict[str, Any]:
        asked.update(data=data, split=split, limit=limit, device=device, effort=effort, samples=samples)
        return {"samples": {"curves": {}}}

    monkeypatch.setattr(export.evaluate, "evaluate_bundle", measure)
    monkeypatch.setenv("EMOTERM_GUIDANCE", "2")  # a bundle is measured as it is, whatever a person likes
    what = ("--data", "emojis", "--split", "train", "--limit", 7, "--effort", 1, "--device", "cpu")
    how = ("--judge", "judge", "--samples", 30, "--seed", 5, "--top-k", 0, "--temperature", 0.5, "--min-p", 0)
    assert run("eval", *what, *how, "--json").code == 0
    samples = asked.pop("samples")
    assert asked == {"data": "emojis", "split": "train", "limit": 7, "device": "cpu", "effort": 1}
    assert (samples.judge, samples.n, samples.seed) == (Path("judge"), 30, 5)
    assert samples.sampling == {"top_k": None, "temperature": 0.5, "min_p": 0}


def test_tables_align_their_columns() -> None:
    assert list(table([["a", "b"], ["long name", "1.5"]])) == ["a            b", "long name  1.5"]
    scores = {"n": 1, "mse": 0.001, "psnr": 30.0, "psnr_of_mean_mse": 30.0, "ssim": 0.9, "alpha_iou": None}
    assert "–" in list(report({**scores, "styles": {}, "prior_bits": 600.0}))[1]


def test_settings_change_what_they_name() -> None:
    base = SamplingParams(temperature=0.9, top_k=50)
    assert parse_setting("default", base) == base
    assert parse_setting("temperature=0.5,top_k=none,guidance=2", base) == SamplingParams(temperature=0.5, guidance=2)
    assert parse_setting("min_p=0.1", base) == SamplingParams(temperature=0.9, top_k=50, min_p=0.1)
    for text in ("temp=1", "temperature", "top_k=few"):
        with pytest.raises(TrainerError, match=text):
            parse_setting(text, base)
    with pytest.raises(UsageError):
        parse_setting("top_p=2", base)
    assert markdown({"a": {"recall": 0.5}, "b": {"recall": 1.0}})[2] == "| recall | 0.500 | 1.000 |"
