"""What ``train``, ``export`` and ``eval`` refuse; that they work is shown in test_train_export_sample.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emoterm.cli.evaluate import flatten
from emoterm.cli.train import parse_changes
from emoterm.errors import UsageError
from tests.cli.conftest import Run, environment


def test_without_the_train_extra_the_install_command_is_named(folder: Path) -> None:
    code = """
import contextlib, sys
sys.modules["torch"] = sys.modules["onnx"] = None  # as if they were not installed
from emoterm.cli.main import app
for argv in (["train", "all", "--out", "run"], ["eval", "--data", "data"], ["export", "--run", ".", "-o", "out"]):
    try:
        app(argv)
    except SystemExit as ended:
        print(ended.code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.split() == ["1", "1", "1"]
    assert done.stderr.count("error: This command needs torch") == 3
    assert done.stderr.count('pip install "emoterm[train]"') == 3
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["train", "all"], 2, ["--out"]),
        (["train", "all", "--out", "run", "--set", "epochs"], 2, ["--set", "epochs"]),
        (["train", "all", "--out", "run", "--recipe", "papr"], 2, ["papr", "Did you mean paper"]),
        (["train", "all", "--out", "run", "--steps-limit", "0"], 2, ["--steps-limit"]),
        (["train", "all", "--recipe", "tiny", "--out", "run", "--data", "no\x1b[1m.parquet"], 1, ["no\\x1b[1m.parquet"]),
        (["export", "--run", "missing", "-o", "out"], 1, ["missing", "emoterm train"]),
        (["export", "--run", ".", "-o", "missing/out"], 1, ["missing", "mkdir"]),
        (["export", "--run", ".", "-o", "."], 1, ["--force"]),
        (["export", "--run", ".", "-o", "out"], 1, ["not a training run"]),
        (["eval"], 2, ["--data"]),
        (["eval", "--data", "missing.parquet"], 1, ["missing.parquet"]),
        (["eval", "--data", "missing.parquet", "--bundle", "nowhere"], 3, ["nowhere"]),
    ],
)
def test_bad_input_is_refused(argv: list[str], code: int, words: list[str], run: Run, folder: Path) -> None:
    run(*argv).assert_fails(code, *words)
    assert list(folder.iterdir()) == []


def test_changes_are_split_at_the_first_equals_sign() -> None:
    assert parse_changes(["a.b=1", "c = x=y "]) == {"a.b": "1", "c": "x=y"}
    with pytest.raises(UsageError, match="--set =1"):
        parse_changes(["=1"])


def test_nested_figures_get_dotted_names() -> None:
    assert list(flatten({"mse": 0.1, "styles": {"noto": {"mse": 0.2}}})) == [("mse", 0.1), ("styles.noto.mse", 0.2)]
