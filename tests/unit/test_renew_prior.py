"""A bundle whose prior gets new graphs: all else stays what it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from emoterm.bundle import open_bundle
from emoterm.errors import OutputError, UsageError
from emoterm.manifest import SCHEMA_VERSION
from export.build_bundle import BUNDLE_VERSION
from export.bundle_models import PRIOR_VARIANTS
from export.renew_prior import renew_prior
from tests.drawing import write_emojis
from tests.make_tiny_bundle import FIXTURE


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_emojis(tmp_path_factory.mktemp("data") / "drawn-emojis.parquet"))


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A bundle of the schema before, from a time when graphs were other ones."""
    folder = tmp_path / "tiny"
    shutil.copytree(FIXTURE, folder)
    said = json.loads((folder / "manifest.json").read_bytes())
    said["schema_version"], said["version"] = SCHEMA_VERSION - 1, "1"
    for name in ("local_layers", "window"):
        del said["prior"][name]
    (folder / "manifest.json").write_text(json.dumps(said))
    (folder / "prior.onnx").write_bytes(b"another")
    return folder


def test_it_has_the_graphs_of_today_and_all_else_of_before(before: Path, data: str, tmp_path: Path) -> None:
    made = renew_prior(before, data, tmp_path / "tiny-again", settings=["sampling.min_p=0.25"])
    graphs = {f"{name}.onnx" for name in PRIOR_VARIANTS.values()}
    for file in FIXTURE.iterdir():
        if file.suffix != ".md" and file.name not in ("manifest.json", "NOTICE"):
            assert (made / file.name).read_bytes() == file.read_bytes(), file.name
    assert graphs <= {file.name for file in made.iterdir()}
    with open_bundle(made) as bundle, open_bundle(FIXTURE) as wanted:
        bundle.verify()
        assert bundle.manifest.version == BUNDLE_VERSION
        assert bundle.manifest.prior.sampling.min_p == 0.25
        assert bundle.manifest.prior.local_layers == wanted.manifest.prior.local_layers
        for name, value in wanted.manifest.metrics.items():
            assert bundle.manifest.metrics[name] == (pytest.approx(value) if name.startswith("prior_bits") else value)
    assert json.loads((before / "manifest.json").read_bytes())["version"] == "1"


def test_it_is_refused_where_it_would_lose_something_or_cannot_be(before: Path, data: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="exists"):
        renew_prior(before, data, before)
    with pytest.raises(UsageError, match=r"manifest\.json"):
        renew_prior(tmp_path / "nothing", data, tmp_path / "out")
    with pytest.raises(UsageError, match="is not of this data"):
        renew_prior(before, "lineart:40", tmp_path / "out")
    with pytest.raises(UsageError, match=r"prior_optim\.lr=1"):
        renew_prior(before, data, tmp_path / "out", settings=["sampling.min_p=0.1", "prior_optim.lr=1"])
    with pytest.raises(OutputError, match="inside"):
        renew_prior(before, data, before / "out")
    assert not (tmp_path / "out").exists()
