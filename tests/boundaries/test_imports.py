"""What may import what: the contracts of pyproject.toml, the app without its optional neighbours; no pickle and no sentence kept twice."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("emoterm", "trainer", "export")

# Imports every module named on the command line while the packages in BLOCKED cannot be found.
_PROBE = """
import importlib, sys
blocked, modules = (argument.split(",") for argument in sys.argv[1:3])

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Block())
for module in modules:
    importlib.import_module(module)
print(",".join(sorted(sys.modules)))
"""

TRAINING_SIDE = ["torch", "onnx", "onnxscript", "safetensors", "accelerate", "datasets", "pyarrow", "matplotlib", "trainer", "export"]
HEAVY = ["numpy", "onnxruntime", "PIL"]


def modules_of(package: str, *, without: str | None = None) -> list[str]:
    """Dotted names of all modules of a package."""
    paths = [path.relative_to(ROOT).with_suffix("").parts for path in sorted((ROOT / package).rglob("*.py"))]
    names = [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in paths]
    return [name for name in names if not name.endswith("__main__") and (without is None or not f"{name}.".startswith(f"{without}."))]


def probe(modules: list[str], blocked: list[str], root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Import modules in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROBE, ",".join(blocked), ",".join(modules)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def test_the_contract_of_the_runtime_modules_leaves_out_none() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["name"]: each for each in settings["tool"]["importlinter"]["contracts"]}
    listed = contracts["The runtime modules of the app need no training side"]["source_modules"]
    files = {path.stem for path in (ROOT / "emoterm").glob("*.py")} - {"__init__", "__main__"}
    folders = {path.parent.name for path in (ROOT / "emoterm").glob("*/__init__.py")} - {"cli", "tui"}  # which have contracts of their own
    assert len(files) > 50
    assert listed == sorted(f"emoterm.{name}" for name in files | folders)


def test_the_app_imports_without_the_training_side_and_without_the_tui() -> None:
    modules = modules_of("emoterm", without="emoterm.tui")
    assert {"emoterm", "emoterm.cli.main", "emoterm.codec", "emoterm.prior"} <= set(modules)
    result = probe(modules, [*TRAINING_SIDE, "textual"])
    assert result.returncode == 0, result.stderr


def test_help_needs_neither_arrays_nor_models_nor_pictures() -> None:
    result = probe(["emoterm", "emoterm.cli.main"], [*TRAINING_SIDE, *HEAVY, "textual"])
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("line", ["import torch", "from torch.nn import functional", "import onnx", "from textual.app import App"])
def test_a_forbidden_import_is_found_out(line: str, tmp_path: Path) -> None:
    """The checks above can fail."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    (tmp_path / "app" / "late.py").write_text(f"def use():\n    {line}\n")
    (tmp_path / "app" / "early.py").write_text(f"{line}\n")
    blocked = [*TRAINING_SIDE, "textual"]
    assert probe(["app", "app.late"], blocked, tmp_path).returncode == 0
    result = probe(["app", "app.late", "app.early"], blocked, tmp_path)
    assert result.returncode == 1
    assert "is blocked" in result.stderr


def test_a_broken_contract_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "__init__.py").write_text("def use():\n    import json\n")
    (tmp_path / "setup.ini").write_text(
        "[importlinter]\nroot_package = low\ninclude_external_packages = True\n"
        "[importlinter:contract:1]\nname = none\ntype = forbidden\nsource_modules = low\nforbidden_modules = json\n"
    )
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    result = subprocess.run([*command, "--config", "setup.ini"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "1 broken" in result.stdout


# --- pickle ---

PICKLING_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
PICKLING_CALLS = {("torch", "load"), ("torch", "save"), ("pd", "read_pickle")}


def pickling(source: str) -> Iterator[str]:
    """Everything in a module that reads or writes pickles."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [f"{node.value.id}.{node.attr}"]
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            off = isinstance(node.value, ast.Constant) and node.value.value is False
            names = [] if off else ["allow_pickle"]
        for name in names:
            parts = tuple(name.split("."))
            if parts[0] in PICKLING_MODULES or parts in PICKLING_CALLS or name == "allow_pickle":
                yield f"line {getattr(node, 'lineno', '?')}: {name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_reads_or_writes_pickles(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert len(files) > 5
    found = [f"{path.relative_to(ROOT)}, {what}" for path in files for what in pickling(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "import joblib.memory",
        "def f():\n    import dill",
        "import torch\ntorch.load('x')",
        "from torch import load",
        "torch.save(x, 'y')",
        "np.load('x', allow_pickle=True)",
        "np.load('x', allow_pickle=flag)",
    ],
)
def test_pickling_is_found_out(source: str) -> None:
    assert list(pickling(source))


@pytest.mark.parametrize("source", ["'No pickle.'", "np.load('x', allow_pickle=False)", "json.load(f)", "model.load(x)"])
def test_harmless_code_is_not_taken_for_pickling(source: str) -> None:
    assert list(pickling(source)) == []


# --- sentences ---


def test_no_sentence_is_kept_in_two_modules() -> None:
    kept: dict[str, list[str]] = {}
    for path in sorted((ROOT / "emoterm").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                kept.setdefault(node.value.value, []).append(str(path.relative_to(ROOT)))
    assert {text: places for text, places in kept.items() if " " in text and len(places) > 1} == {}
