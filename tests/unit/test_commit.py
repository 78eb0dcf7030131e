"""Which commit a run says it was made with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trainer
from trainer.claim import COMMIT_VARIABLE

ASK = "from trainer.claim import current_commit; print(current_commit())"


@pytest.mark.parametrize("told", ["", "abc1234"])
def test_code_without_its_history_says_what_it_is_told(told: str, tmp_path: Path) -> None:
    shutil.copytree(Path(trainer.__file__).parent, tmp_path / "trainer", ignore=shutil.ignore_patterns("__pycache__"))
    variables = os.environ | {"PYTHONPATH": str(tmp_path), COMMIT_VARIABLE: told, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == told
