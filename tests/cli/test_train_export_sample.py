"""From pictures to new pictures through the command line: train, export with parity, sample, evaluate."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

import export.renew
from emoterm.bundle import open_bundle
from emoterm.cli.main import app
from emoterm.manifest import GRAPH_NAMES, GUIDED_GRAPH, PLAIN_GRAPH, SCHEMA_VERSION, SOURCE_GRAPH, WORDS_GRAPH
from tests.cli.conftest import Run
from tests.made_once import made_once

pytestmark = pytest.mark.timeout(600)
FAST = ["--set", "vqvae_optim.epochs=4", "--set", "prior_optim.epochs=2"]


@pytest.fixture(scope="module")
def made(drawn_emojis: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The data, a finished run and the bundle exported from it."""

    def make(folder: Path) -> None:
        run = folder / "run"
        for argv in (
            ["train", "all", "--recipe", "tiny", "--data", drawn_emojis, "--out", run, *FAST],
            ["export", "--run", run, "-o", folder / "bundle"],
        ):
            with pytest.raises(SystemExit) as ended:
                app([str(arg) for arg in argv])
            assert ended.value.code == 0

    folder = made_once(tmp_path_factory, "trained_and_exported", make)
    return Path(drawn_emojis), folder / "run", folder / "bundle"


def test_the_run_leaves_logs_figures_and_safetensors(made: tuple[Path, Path, Path]) -> None:
    _, run, _ = made
    figures = {path.name for path in (run / "figures").iterdir()}
    assert {"reconstructions.png", "vqvae_curves.png", "codebook_usage.png", "codebook_histogram.png", "samples.png"} <= figures
    events = [json.loads(line)["event"] for line in (run / "vqvae" / "metrics.jsonl").read_text().splitlines()]
    assert {"start", "train", "eval"} <= set(events)
    assert (run / "prior" / "weights.safetensors").exists()


def test_the_bundle_passed_parity_and_says_what_was_measured(made: tuple[Path, Path, Path]) -> None:
    with open_bundle(made[2]) as bundle:
        bundle.verify()
        manifest = bundle.manifest
    assert set(manifest.parity.max_abs_diff) == {*GRAPH_NAMES, GUIDED_GRAPH, PLAIN_GRAPH, SOURCE_GRAPH, WORDS_GRAPH}
    exact = ("encoder", "decoder", "prior_standard")  # the others round on the way
    assert all(0 <= manifest.parity.max_abs_diff[name] <= manifest.parity.atol for name in exact)
    windows = manifest.storage.pop("windows")
    assert windows["local_layers"] == manifest.prior.local_layers
    assert windows["bits_local"] <= windows["bits_global"] * 1.002
    assert all(facts["stored"] in ("8bit", "half") for facts in manifest.storage.values())
    assert manifest.metrics["gallery"]["psnr"] == manifest.metrics["gallery"]["psnr_nearest"] > 5  # nothing was searched for
    assert manifest.metrics["n"] >= 8
    assert manifest.metrics["psnr"] > 5
    assert manifest.provenance["data"] == made[0].name


@pytest.mark.parametrize("part", get_args(export.renew.Part))
def test_new_graphs_leave_all_else_as_it_was(
    part: export.renew.Part, made: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, run, bundle = made
    old = tmp_path / "old"
    shutil.copytree(bundle, old)
    said = json.loads((old / "manifest.json").read_bytes())
    said["version"] = "1"
    if part == "prior":
        said["schema_version"] = SCHEMA_VERSION - 1
        for name in ("local_layers", "window"):
            del said["prior"][name]
    else:
        said["metrics"] |= {"psnr": 0.0, "gallery": {}}
        said["storage"][part] = {}
    said["parity"]["max_abs_diff"][part] = 9.0
    (old / "manifest.json").write_text(json.dumps(said))
    for name in (f"{part}.onnx", "MODEL_CARD.md", "NOTICE"):
        (old / name).write_bytes(b"another")
    # What an unpacked bundle is tests/parity/test_unpack.py tells; here it would take longer than all the rest.
    monkeypatch.setattr(export.renew, "unpack", lambda bundle, out: shutil.copytree(run, out))
    again = export.renew.renew(part, old, str(data), tmp_path / "again", settings=["sampling.min_p=0.25"])
    for file in bundle.iterdir():
        if file.name not in ("manifest.json", "MODEL_CARD.md"):  # which have another name and law
            assert (again / file.name).read_bytes() == file.read_bytes(), file.name
    with open_bundle(again) as found, open_bundle(bundle) as wanted:
        found.verify()
        assert found.manifest.version == wanted.manifest.version
        assert found.manifest.prior.sampling.min_p == 0.25
        assert found.manifest.prior.local_layers == wanted.manifest.prior.local_layers
        assert found.manifest.storage[part] == wanted.manifest.storage[part]
        assert found.manifest.parity.max_abs_diff[part] < 9
        assert "another" not in (again / "MODEL_CARD.md").read_text()
        for name, value in wanted.manifest.metrics.items():
            assert found.manifest.metrics[name] == (pytest.approx(value) if name.startswith("prior_bits") else value)
    assert json.loads((old / "manifest.json").read_bytes())["version"] == "1"


def test_the_bundle_samples(made: tuple[Path, Path, Path], run: Run, tmp_path: Path) -> None:
    grid = tmp_path / "grid.png"
    found = run("sample", "--bundle", made[2], "--n", 4, "--seed", 7, "-o", grid, "--json").json
    tokens = np.array(found["tokens"])
    assert tokens.shape == (4, 256)
    assert len({row.tobytes() for row in tokens}) == 4
    with Image.open(grid) as picture:
        assert picture.mode == "RGBA"


def test_the_manifest_and_eval_agree(made: tuple[Path, Path, Path], run: Run) -> None:
    data, _, bundle = made
    found = run("eval", "--bundle", bundle, "--data", data, "--split", "test", "--json").json
    with open_bundle(bundle) as opened:
        assert found["psnr"] == pytest.approx(opened.manifest.metrics["psnr"], abs=1e-4)
        assert found["prior_bits"] == pytest.approx(opened.manifest.metrics["prior_bits"], rel=1e-5)


def test_a_run_of_another_configuration_is_refused(made: tuple[Path, Path, Path], run: Run) -> None:
    data, trained, _ = made
    result = run("train", "all", "--recipe", "tiny", "--data", data, "--out", trained, "--set", "prior.n_layer=3")
    result.assert_fails(1, "another configuration of prior")
