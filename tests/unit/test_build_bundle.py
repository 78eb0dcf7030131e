"""A bundle is made with the pictures that its run was trained on, wherever they lie now."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import export.build_bundle
from export.build_bundle import build_bundle, install
from trainer.errors import TrainerError


class Begun(Exception):
    """The data was taken, and the first model would be exported."""


@pytest.fixture
def run(short_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run whose export ends where the work begins."""

    def begin(*_: Any) -> None:
        raise Begun

    monkeypatch.setattr(export.build_bundle, "_write_models", begin)
    return shutil.copytree(short_run, tmp_path / "run")


def change(run: Path, **facts: str) -> None:
    path = run / "recipe.json"
    path.write_text(json.dumps({name: value for name, value in (json.loads(path.read_text()) | facts).items() if value != "forget"}))


def test_the_pictures_may_have_moved_and_their_place_can_be_told(run: Path, drawn_emojis: str, tmp_path: Path) -> None:
    with pytest.raises(Begun):
        build_bundle(run, tmp_path / "out")
    for place in ("", str(tmp_path / "gone.parquet")):
        change(run, data=place)
        with pytest.raises(TrainerError) as caught:
            build_bundle(run, tmp_path / "out")
        assert "emoterm export --data" in str(caught.value.fix)
        with pytest.raises(Begun):
            build_bundle(run, tmp_path / "out", data=drawn_emojis)


def test_other_pictures_are_refused_where_the_run_knows_its_own(run: Path, drawn_emojis: str, tmp_path: Path) -> None:
    pq.write_table(pq.read_table(drawn_emojis).slice(1), tmp_path / "fewer.parquet")
    with pytest.raises(TrainerError, match="holds other pictures") as caught:
        build_bundle(run, tmp_path / "out", data=str(tmp_path / "fewer.parquet"))
    assert "emoterm export --data" in str(caught.value.fix)
    change(run, data_digest="forget")  # as runs of a bundle that was unpacked
    with pytest.raises(Begun):
        build_bundle(run, tmp_path / "out", data=str(tmp_path / "fewer.parquet"))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_what_stops_an_export_between_two_moves_leaves_the_old_bundle(
    stop: type[BaseException], tiny_bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, made = (shutil.copytree(tiny_bundle_path, tmp_path / name) for name in ("old", "new"))
    whole = os.replace

    def replace(source: Path, target: Path) -> None:
        if source == made:
            raise stop
        whole(source, target)

    monkeypatch.setattr(export.build_bundle.os, "replace", replace)
    with pytest.raises((KeyboardInterrupt, Exception)):
        install(made, old)
    assert (old / "manifest.json").read_bytes() == (tiny_bundle_path / "manifest.json").read_bytes()
