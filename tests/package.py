"""Build wheel and sdist, install each in an environment of its own, and make an emoji with it: ``make package``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Fail at the first thing that does not work."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dist = folder / "dist"
        _run(sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT), cwd=folder)
        packages = sorted(dist.iterdir())
        with ThreadPoolExecutor(len(packages)) as pool:  # to install is mostly to unpack and to write, in processes of their own
            trials = [pool.submit(try_package, package, folder / f"venv-{package.suffix.removeprefix('.')}") for package in packages]
            for package, trial in zip(packages, trials, strict=True):
                trial.result()
                print(f"{package.name}: installed and tried, {package.stat().st_size / 1e6:.1f} MB", flush=True)


def try_package(package: Path, where: Path) -> None:
    """Install a package, check what it brings, and run the program far from the repository."""
    venv.create(where, with_pip=True)
    python = str(where / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "--no-compile", "--constraint", str(ROOT / "constraints.txt"), str(package), cwd=where)
    _run(python, "-m", "pip", "check", cwd=where)
    emoterm = str(where / "bin" / "emoterm")
    _run(emoterm, "--version", cwd=where)
    _run(emoterm, "sample", "--n", "1", "--seed", "7", "--device", "cpu", "-o", "made.png", cwd=where)
    assert (where / "made.png").stat().st_size > 100
    for needed in ("bundles/default/NOTICE", "bundles/default/manifest.json", "tui/style.tcss"):
        assert list(where.glob(f"lib/python3*/site-packages/emoterm/{needed}")), f"{package.name} has no {needed}"


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    main()
