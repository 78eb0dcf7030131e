"""Which commit a run says it was made with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import trainer
from trainer.claim import COMMIT_VARIABLE

# Asked twice in one process: it imports PyTorch, which takes longer than all else here.
ASK = f"""
import os
from trainer.claim import current_commit
for told in ("", "abc1234"):
    os.environ["{COMMIT_VARIABLE}"] = told
    print(f"<{{current_commit()}}>")
"""


def test_code_without_its_history_says_what_it_is_told(tmp_path: Path) -> None:
    shutil.copytree(Path(trainer.__file__).parent, tmp_path / "trainer", ignore=shutil.ignore_patterns("__pycache__"))
    variables = os.environ | {"PYTHONPATH": str(tmp_path), "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["<>", "<abc1234>"]
