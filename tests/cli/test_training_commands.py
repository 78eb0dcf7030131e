"""What ``train``, ``export`` and ``eval`` refuse; that they work is shown in test_train_export_sample.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import export.build_bundle
from emoterm.bundle import open_bundle
from emoterm.cli.evaluate import flatten
from emoterm.errors import OutputError
from export.build_bundle import install, name_of_data
from tests.cli.conftest import Run, environment

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_bundle"


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


def test_the_effort_of_an_export_is_the_one_asked_for(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def build(run_dir: Path, out: Path, *, force: bool = False, effort: int = 2, **_: object) -> Path:
        asked.append({"run": run_dir, "out": out, "force": force, "effort": effort})
        return out

    monkeypatch.setattr(export.build_bundle, "build_bundle", build)
    (folder / "made").mkdir()
    assert run("export", "--run", "made", "-o", "out", "--effort", 0, "--force").code == 0
    assert asked == [{"run": Path("made"), "out": Path("out"), "force": True, "effort": 0}]


@pytest.mark.parametrize("name", ["thesis", "website", "notes.txt", "folder.emoterm"])
def test_force_replaces_no_folder_and_no_file_that_is_no_bundle(name: str, run: Run, folder: Path) -> None:
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.txt").write_text("precious")
    (folder / "website").mkdir()
    (folder / "website" / "manifest.json").write_text('{"manifest_version": 3}')
    (folder / "notes.txt").write_text("precious")
    (folder / "folder.emoterm").mkdir()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    run("export", "--run", ".", "-o", name, "--force").assert_fails(1, name, "bundles only", "-o")
    # Nor where it got there while the bundle was built.
    made = shutil.copytree(TINY, folder / ".new")
    with pytest.raises(OutputError, match="bundles only"):
        install(made, folder / name)
    shutil.rmtree(made)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["new", "empty", "old", "damaged", "new.emoterm", "old.emoterm"])
def test_a_bundle_goes_where_nothing_or_a_bundle_is(name: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    shutil.copytree(TINY, folder / "old")
    shutil.copytree(TINY, folder / "damaged")
    (folder / "damaged" / "decoder.onnx").unlink()
    (folder / "old.emoterm").write_bytes(b"PK, and then damaged")
    (folder / "work").mkdir()
    install(Path(shutil.copytree(TINY, folder / "work" / "bundle")), folder / name)
    with open_bundle(folder / name) as bundle:
        bundle.verify()
    assert not (folder / "work" / "replaced").exists()


def test_a_bundle_that_cannot_be_replaced_is_put_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Path(shutil.copytree(TINY, folder / "old")), Path(shutil.copytree(TINY, folder / "new"))
    (old / "NOTICE").write_text("the old one")
    replace = os.replace

    def refuse_the_new_one(source: Path, target: Path) -> None:
        if source == new:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse_the_new_one)
    with pytest.raises(OutputError, match="cannot be written"):
        install(new, old)
    assert (old / "NOTICE").read_text() == "the old one"
    assert sorted(path.name for path in folder.iterdir()) == ["new", "old"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("valhalla/emoji-dataset", "valhalla/emoji-dataset"),
        ("font:/home/me/NotoColorEmoji.ttf", "font:NotoColorEmoji.ttf"),
        ("font:y.ttf", "font:y.ttf"),
        ("lineart:300", "lineart:300"),
        ("data/emojis.parquet", "emojis.parquet"),
        ("data/pictures", "pictures"),
        ("data/pictures/", "pictures"),
        (".", "here"),
    ],
)
def test_a_bundle_names_its_data_and_no_folder_of_the_machine(source: str, name: str, folder: Path) -> None:
    (folder / "data" / "pictures").mkdir(parents=True)
    (folder / "data" / "emojis.parquet").write_bytes(b"")
    assert name_of_data(source) == name
    if source.startswith("data"):
        assert name_of_data(str(folder / source)) == name


def test_nested_figures_get_dotted_names() -> None:
    assert list(flatten({"mse": 0.1, "styles": {"noto": {"mse": 0.2}}})) == [("mse", 0.1), ("styles.noto.mse", 0.2)]
