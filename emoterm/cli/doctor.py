"""``emoterm doctor``."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata, util
from typing import Literal

import typer

from emoterm import __version__
from emoterm.cli import options
from emoterm.cli.report import show, show_json
from emoterm.errors import BundleError, DeviceError, ModelError

PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "pillow", "rich", "textual", "typer", "torch")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "note", "failed"]
    detail: str
    fix: str | None = None


def doctor(bundle: options.Bundle = None, device: options.Device = "auto", json: options.Json = False) -> None:
    """Check the installation: bundle, device, terminal, versions.

    Every file of the bundle is compared with its checksum, and the device is the one that a session really got. Exit code 3 when the model
    cannot be used.

    \b
    Examples:
      emoterm doctor
      emoterm doctor --device cuda --json
    """
    checks = [*check_model(bundle, device), check_onnxruntime_builds(), check_terminal(), check_training()]
    facts = {"emoterm": __version__, "python": platform.python_version(), "platform": platform.platform(), **versions()}
    places = paths()
    failed = any(check.status == "failed" for check in checks)
    if json:
        show_json("doctor", {"ok": not failed, "checks": [asdict(check) for check in checks], "versions": facts, "paths": places})
    else:
        for check in checks:
            show(f"{check.status:<7} {check.name:<9} {check.detail}")
            for line in (check.fix or "").splitlines():
                show(f"{'':<17} fix: {line}")
        for name, value in (*facts.items(), *places.items()):
            show(f"{'':<7} {name}: {value}")
    if failed:
        raise typer.Exit(ModelError.exit_code)


def check_model(bundle: str | None, device: str) -> Iterator[Check]:
    """Whether the bundle is whole, and which execution provider its decoder gets."""
    from emoterm.bundle import open_bundle
    from emoterm.session import CPU, active_provider, cuda_fix, cuda_problem, has_nvidia_driver, open_session

    try:
        with open_bundle(bundle) as opened:
            opened.verify()
            manifest = opened.manifest
            files = f"{len(manifest.files())} files verified, sha256 {opened.sha256[:12]}"
            yield Check("bundle", "ok", f"{manifest.name} {manifest.version} at {opened.path}: {files}")
            provider = active_provider(open_session(opened.graph("decoder"), device=device))
    except BundleError as error:
        yield Check("bundle", "failed", error.what, error.fix)
    except DeviceError as error:
        yield Check("device", "failed", error.what, error.fix)
    else:
        if provider != CPU or device == "cpu":
            yield Check("device", "ok", provider)
        elif not has_nvidia_driver():
            yield Check("device", "ok", f"{provider}, as there is no NVIDIA driver")
        else:
            why = cuda_problem() or "it does not load this model"
            yield Check("device", "note", f"{provider}; CUDA is not used: {why}", cuda_fix())


def check_onnxruntime_builds() -> Check:
    """Whether two builds of ONNX Runtime share one folder, where the CPU one wins without a word."""
    from emoterm.session import cuda_fix

    builds = [name for name in ("onnxruntime", "onnxruntime-gpu") if name in versions()]
    if len(builds) > 1:
        return Check("runtime", "note", "two builds of ONNX Runtime are installed, and the CPU one wins", cuda_fix())
    return Check("runtime", "ok", ", ".join(builds) or "ONNX Runtime from elsewhere")


def check_terminal() -> Check:
    """How pictures are shown here, and why."""
    from emoterm.terminal.detect import choose_graphics

    choice = choose_graphics(stream=sys.__stdout__ or sys.stdout)
    return Check("terminal", "ok", f"{choice.graphics}: {choice.reason}")


def check_training() -> Check:
    """Whether the train extra is there; most people do not need it."""
    if util.find_spec("torch") is None:
        return Check("training", "note", "not installed; only train, export and eval need it", 'pip install "emoterm[train]"')
    return Check("training", "ok", "torch is installed")


def versions() -> dict[str, str]:
    """Installed versions of the packages that matter; those that are missing are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def paths() -> dict[str, str]:
    """Where emoterm looks for things and keeps them."""
    import platformdirs

    from emoterm.bundle import DEFAULT_BUNDLE

    return {
        "default bundle": str(DEFAULT_BUNDLE),
        "your bundles": str(platformdirs.user_data_path("emoterm", appauthor=False) / "bundles"),
        "config": str(platformdirs.user_config_path("emoterm", appauthor=False)),
    }
