"""What a bundle whose prior or decoder gets new graphs is asked before; tests/cli/test_train_export_sample.py makes them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

import pytest

from emoterm.errors import OutputError, UsageError
from export.renew import Part, renew
from tests.drawing import write_emojis
from tests.make_tiny_bundle import FIXTURE


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_emojis(tmp_path_factory.mktemp("data") / "drawn-emojis.parquet"))


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "tiny"))


@pytest.mark.parametrize("part", get_args(Part))
def test_it_is_refused_where_it_would_lose_something_or_cannot_be(part: Part, before: Path, data: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="exists"):
        renew(part, before, data, before)
    with pytest.raises(UsageError, match=r"manifest\.json"):
        renew(part, tmp_path / "nothing", data, tmp_path / "out")
    with pytest.raises(UsageError, match="is not of this data"):
        renew(part, before, "lineart:40", tmp_path / "out")
    with pytest.raises(UsageError, match=r"prior_optim\.lr=1"):
        renew(part, before, data, tmp_path / "out", settings=["sampling.min_p=0.1", "prior_optim.lr=1"])
    with pytest.raises(OutputError, match="inside"):
        renew(part, before, data, before / "out")
    assert not (tmp_path / "out").exists()
