"""The metrics log and the progress bar of a training run."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest

from trainer.errors import TrainerError
from trainer.progress import MetricsLog, TrainingProgress, read_log


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_record_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run" / "metrics.jsonl"
    with MetricsLog(path) as log:
        log.write({"step": 1, "loss": 0.5})
        assert path.read_text() == '{"step": 1, "loss": 0.5}\n'
        log.write({"step": 2, "loss": 0.25})
    assert read_log(path) == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]


def test_resuming_drops_later_steps_so_that_none_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsLog(path) as log:
        for step in (10, 20, 30, 40):
            log.write({"step": step, "run": 1})
    with MetricsLog(path, resume_step=20) as log:
        for step in (30, 40):
            log.write({"step": step, "run": 2})
    assert [(record["step"], record["run"]) for record in read_log(path)] == [(10, 1), (20, 1), (30, 2), (40, 2)]
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_cut_off_by_a_kill_is_dropped_on_resume(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 10}\n{"step": 20, "lo')
    with MetricsLog(path, resume_step=20) as log:
        log.write({"step": 30})
    assert read_log(path) == [{"step": 10}, {"step": 30}]


def test_a_new_run_starts_a_new_log(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 10}\n')
    MetricsLog(path).close()
    assert read_log(path) == []


def test_a_damaged_line_inside_the_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n[1]\n{"step": 2}\n')
    with pytest.raises(TrainerError, match="line 2"):
        read_log(path)


def test_numbers_that_json_lacks_become_null(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsLog(path) as log:
        log.write({"step": 1, "loss": math.nan, "many": [math.inf, 1.0], "inner": {"psnr": -math.inf}})
    assert json.loads(path.read_text(), parse_constant=pytest.fail) == {
        "step": 1,
        "loss": None,
        "many": [None, 1.0],
        "inner": {"psnr": None},
    }


def test_only_an_enabled_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 10}\n')
    stream = io.StringIO()
    with MetricsLog(path, enabled=False) as log, TrainingProgress("vqvae", total=10, enabled=False, stream=stream) as progress:
        log.write({"step": 20})
        progress.update(10, {"loss": 1.0})
        progress.note("done")
    assert path.read_text() == '{"step": 10}\n'
    assert stream.getvalue() == ""


def test_without_a_terminal_there_is_a_line_each_half_minute_and_at_the_end() -> None:
    stream, clock = io.StringIO(), Clock()
    with TrainingProgress("vqvae", total=100, done=50, stream=stream, clock=clock) as progress:
        for step in range(51, 101):
            clock.now += 2
            progress.update(step, {"loss": 0.5})
    lines = stream.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["51/100", "66/100", "81/100", "96/100", "100/100"]
    assert lines[1] == "vqvae 66/100  0:01:08 left  loss 0.5"  # 34 steps of two seconds, whatever the steps before 50 took
    assert "\x1b" not in stream.getvalue()


def test_on_a_terminal_there_is_a_bar_with_the_metrics_and_notes_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with TrainingProgress("prior", total=4, stream=stream) as progress:
        progress.update(2, {"bits": 812.25})
        progress.note("epoch 1: psnr 25 [dB]")
        progress.update(4)
    shown = stream.getvalue()
    assert "4/4" in shown
    assert "812.2" in shown
    assert "prior: epoch 1: psnr 25 [dB]" in shown


def test_a_run_whose_length_is_not_known_yet_says_so() -> None:
    stream, now = io.StringIO(), 0.0
    with TrainingProgress("prior", total=0, stream=stream, clock=lambda: now) as progress:
        progress.update(10, total=0)
        now = 60.0
        progress.update(30, total=90)
    assert stream.getvalue().splitlines() == ["prior 10/?  time left unknown", "prior 30/90  0:02:00 left"]
