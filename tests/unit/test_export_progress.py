"""Progress of the export, which whoever asks for the work shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

import trainer.searched
from emoterm.bundle import Bundle
from export.evaluate import evaluate
from export.progress import Report, as_in_training, untold
from export.search_dataset import bundle_model, search_dataset
from trainer.data import EmojiSet, load_emojis

torch.set_num_threads(1)


class Recorder:
    """A bar that remembers what it was told."""

    def __init__(self) -> None:
        self.told: dict[str, list[tuple[int, int]]] = {}
        self.open = 0

    @contextmanager
    def __call__(self, what: str) -> Iterator[Report]:
        self.told[what] = []
        self.open += 1
        try:
            yield lambda done, total: self.told[what].append((done, total))
        finally:
            self.open -= 1


@pytest.fixture(scope="module")
def few(drawn_emojis: str) -> EmojiSet:
    return load_emojis(drawn_emojis).split("test")


def test_a_measurement_tells_how_far_its_search_is(tiny_bundle: Bundle, few: EmojiSet) -> None:
    recorder = Recorder()
    figures = evaluate(tiny_bundle, few, device="cpu", effort=1, progress=recorder)
    (told,) = recorder.told.values()
    assert list(recorder.told) == ["searching"]
    assert told[-1][0] == told[-1][1] > 0
    assert recorder.open == 0
    assert figures == evaluate(tiny_bundle, few, device="cpu", effort=1)


def test_a_search_counts_what_was_there_before(
    tiny_bundle_path: Path, few: EmojiSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.searched, "PART", max(1, len(few) // 3))
    first, second = Recorder(), Recorder()
    search_dataset(bundle_model(str(tiny_bundle_path)), few, tmp_path, split="test", effort=0, progress=first)
    (told,) = first.told.values()
    parts = told[0][1]
    assert parts > 2
    assert told == [(done, parts) for done in range(parts + 1)]
    next((tmp_path / "test").glob("*.npy")).unlink()
    search_dataset(bundle_model(str(tiny_bundle_path)), few, tmp_path, split="test", effort=0, progress=second)
    assert second.told == {"searching test": [(parts - 1, parts), (parts, parts)]}


def test_in_a_log_it_looks_as_in_training_and_nothing_else_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with as_in_training("searching train") as report:
        report(3, 5)  # what was there before
        assert capsys.readouterr().err == ""
        report(4, 5)
        report(5, 5)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:3] for line in lines] == [["searching", "train", "4/5"], ["searching", "train", "5/5"]]
    with untold("searching") as report:
        report(1, 2)
    assert capsys.readouterr() == ("", "")
