"""examples/ray_sample.py on a cluster of two workers on this machine."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import emoterm

ROOT = Path(__file__).resolve().parents[2]
N, PER_FILE, SEED = 40, 8, 5

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="ray is not installed (there is none for this Python): pip install 'emoterm[ray]'"
)


def python(*arguments: object) -> str:
    """Run this Python, which has to succeed; what it says on stdout."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(emoterm.__file__).parents[1]),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_DATA_DEFAULT_WAIT_FOR_MIN_ACTORS_S": "600",  # both workers are there before the first file is handed out
    }
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_ray
@pytest.mark.timeout(900)  # Ray starts some eight processes, which take their time beside other work
def test_two_workers_make_the_folder_that_one_process_makes_and_finish_what_it_began(tmp_path: Path, tiny_bundle_path: Path) -> None:
    options = ("--n", N, "--per-file", PER_FILE, "--seed", SEED, "--bundle", tiny_bundle_path)
    python("-m", "emoterm", "sample", *options, "--device", "cpu", "--to", tmp_path / "one")
    python("-m", "emoterm", "sample", *options, "--device", "cpu", "--to", tmp_path / "ray", "--shard", "2/5")
    told = python(ROOT / "examples" / "ray_sample.py", *options, "--workers", 2, "--to", tmp_path / "ray")
    assert "1 of 5 files are there already" in told
    assert "32 emojis in 4 files; workers that took part: 2" in told
    one, by_ray = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "ray"))
    assert by_ray == one
