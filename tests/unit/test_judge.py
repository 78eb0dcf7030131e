"""The judge: what it learns, what is kept from it, and that the same seed makes the same judge."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.drawing import write_emojis
from trainer.data import EmojiRow, load_emojis
from trainer.errors import TrainerError
from trainer.judge.labels import UNKNOWN, Labels, held_out
from trainer.judge.network import EMBEDDING, FEATURES, JudgeNetwork
from trainer.judge.run import load_judge, train_judge
from trainer.judge.sets import one_of_each, spread
from trainer.judge.stage import accuracy, cross_entropy

torch.set_num_threads(1)
STYLES = ("blob", "noto", "twemoji")


def rows(n: int, *, tones: bool = False) -> list[EmojiRow]:
    """n emojis in three styles, with a skin-tone variant of each where asked for."""
    return [
        EmojiRow(text=f"emoji {i}", base=f"1f{i:03x}", style=style, subgroup=f"group {i % 4}", skin_tone=tone)
        for i in range(n)
        for style in STYLES
        for tone in (("", "light", "dark") if tones else ("",))
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_emojis(tmp_path_factory.mktemp("data") / "emojis.parquet"))


@pytest.fixture(scope="module")
def judge_run(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("judge") / "run"
    train_judge(data, run, epochs=4, precision="no")
    return run


def test_classes_are_numbered_by_name_and_unknown_ones_are_left_out() -> None:
    labels = Labels.from_rows(rows(3))
    assert labels.styles == STYLES
    assert labels.targets(rows(3)[:2]).tolist() == [[0, 0, 0], [0, 0, 1]]
    assert labels.targets([EmojiRow(text="x")]).tolist() == [[UNKNOWN] * 3]
    assert Labels.from_dict(labels.to_dict()) == labels


def test_one_style_of_every_fifth_emoji_is_kept_from_the_judge_with_all_its_tones() -> None:
    some = rows(400, tones=True)
    hidden = held_out(some)
    picked = {(row.base, row.style) for row, is_hidden in zip(some, hidden.tolist(), strict=True) if is_hidden}
    assert len({base for base, _ in picked}) == len(picked)
    assert 0.12 < len(picked) / 400 < 0.28
    assert int(hidden.sum()) == 3 * len(picked)
    shuffled = torch.randperm(len(some), generator=torch.Generator().manual_seed(0)).tolist()
    assert held_out([some[i] for i in shuffled]).tolist() == hidden[shuffled].tolist()


def test_emojis_of_few_styles_are_not_kept_from_it() -> None:
    assert not held_out([row for row in rows(200) if row.style != "blob"]).any()


def test_one_of_each_keeps_the_plain_emoji_and_one_tone_as_the_weights_count_them(data: str) -> None:
    some = rows(5, tones=True)
    assert int(one_of_each(some).sum()) == 5 * 3 * 2
    emojis = load_emojis(data)
    assert int(one_of_each(emojis.rows).sum()) == pytest.approx(float(emojis.weights().sum()))


def test_spread_is_always_the_same_without_repeats() -> None:
    picked = spread(100, 30)
    assert torch.equal(picked, spread(100, 30))
    assert len(set(picked.tolist())) == 30
    assert spread(5, 30).tolist() == [0, 1, 2, 3, 4]


def test_the_network_tells_all_three_and_has_about_a_million_weights() -> None:
    network = JudgeNetwork(1700, 100, 5).eval()
    verdict = network(torch.rand(3, 4, 64, 64))
    assert [tuple(part.shape) for part in verdict] == [(3, FEATURES), (3, EMBEDDING), (3, 1700), (3, 100), (3, 5)]
    torch.testing.assert_close(verdict.embedding.norm(dim=1), torch.ones(3))
    assert sum(parameter.numel() for parameter in network.parameters()) < 1.5e6


def test_an_empty_picture_has_a_finite_slope() -> None:
    network = JudgeNetwork(4, 2, 2)
    verdict = network(torch.zeros(4, 4, 64, 64))
    (verdict.style.sum() + verdict.base.sum()).backward()
    assert all(parameter.grad is None or bool(parameter.grad.isfinite().all()) for parameter in network.parameters())


def test_rows_without_a_class_count_for_nothing() -> None:
    logits, classes = torch.tensor([[5.0, 0.0], [0.0, 5.0], [5.0, 0.0]]), torch.tensor([0, UNKNOWN, 1])
    torch.testing.assert_close(cross_entropy(logits, classes), torch.nn.functional.cross_entropy(logits[[0, 2]], classes[[0, 2]]))
    assert accuracy(logits, classes) == 0.5
    nobody = torch.full((3,), UNKNOWN)
    assert float(cross_entropy(logits, nobody)) == 0
    assert accuracy(logits, nobody) is None


def test_a_trained_judge_is_read_back_and_judges_bytes_and_floats_alike(judge_run: Path, data: str) -> None:
    judge, emojis = load_judge(judge_run), load_emojis(data)
    assert 0 <= judge.facts["accuracies"]["style_accuracy"] <= 1
    as_bytes, as_floats = judge(emojis.images[:5]), judge(emojis.images[:5].float() / 255)
    torch.testing.assert_close(as_bytes.features, as_floats.features)
    torch.testing.assert_close(judge(emojis.images[2:3]).features[0], as_bytes.features[2], atol=1e-4, rtol=1e-4)
    assert "1f641" not in judge.labels.bases  # of the test split


def test_stopped_and_resumed_it_is_the_same_judge(judge_run: Path, data: str, tmp_path: Path) -> None:
    train_judge(data, tmp_path / "run", epochs=4, precision="no", stop_after_steps=2)
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    train_judge(data, tmp_path / "run", epochs=4, precision="no")
    expected, found = (load_file(run / "weights.safetensors") for run in (judge_run, tmp_path / "run"))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_folder_of_another_judge_and_an_unfinished_one_are_refused(judge_run: Path, data: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="another seed"):
        train_judge(data, judge_run, epochs=4, seed=1, precision="no")
    with pytest.raises(TrainerError, match="not the run of a judge"):
        load_judge(tmp_path)
    train_judge(data, tmp_path / "run", epochs=4, precision="no", stop_after_steps=1)
    with pytest.raises(TrainerError):
        load_judge(tmp_path / "run")


def test_a_fresh_judge_leaves_nothing_of_another_under_its_name(judge_run: Path, data: str, tmp_path: Path) -> None:
    run = shutil.copytree(judge_run, tmp_path / "run")
    train_judge(data, run, epochs=4, seed=1, precision="no", resume=False, stop_after_steps=1)
    assert json.loads((run / "judge.json").read_text())["seed"] == 1
    with pytest.raises(TrainerError, match="weights"):
        load_judge(run)


def test_a_judge_of_as_many_other_pictures_is_refused(judge_run: Path, data: str, tmp_path: Path) -> None:
    run, path = shutil.copytree(judge_run, tmp_path / "run"), tmp_path / "run" / "judge.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"data_digest": "of others"}))
    with pytest.raises(TrainerError, match="another data_digest"):
        train_judge(data, run, epochs=4, precision="no")
    path.write_text(json.dumps({name: value for name, value in facts.items() if name != "data_digest"}))
    train_judge(data, run, epochs=4, precision="no")  # one from before does not know
