"""``emoterm doctor``."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata, util
from pathlib import Path

import typer

from emoterm import __version__
from emoterm.cli import options
from emoterm.cli.check import Check
from emoterm.cli.report import show, show_json
from emoterm.cli.typed import setting_of, typed
from emoterm.errors import BundleError, DeviceError, ModelError, UsageError

PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "pillow", "rich", "textual", "typer", "torch")


def doctor(bundle: options.Bundle = None, device: options.Device = "auto", json: options.Json = False) -> None:
    """Check the installation: bundle, device, terminal, versions.

    Every file of the bundle is compared with its checksum, and the device is the one that a session really got. Where something could be
    better it says what to type. Exit code 3 when the model cannot be used, 2 when only the settings make no sense.

    \b
    Examples:
      emoterm doctor
      emoterm doctor --device cuda --json
    """
    from emoterm.cli.check_settings import check_settings
    from emoterm.cli.check_terminal import check_terminal

    checks = [*check_model(bundle, device), check_onnxruntime_builds(), *check_terminal(), *check_settings(bundle), check_training()]
    facts = {"emoterm": __version__, "python": platform.python_version(), "platform": platform.platform(), **versions()}
    places = paths()
    failed = [check.name for check in checks if check.status == "failed"]
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
        raise typer.Exit(UsageError.exit_code if {*failed} <= {"settings", "terminal"} else ModelError.exit_code)


def check_model(bundle: str | None, device: str) -> Iterator[Check]:
    """Whether the bundle is whole, and which execution providers its sessions get, each asked after it was created."""
    from emoterm.bundle import open_bundle
    from emoterm.codec import Codec
    from emoterm.prior import Prior

    try:
        with open_bundle(bundle) as opened:
            opened.verify()
            manifest = opened.manifest
            files = f"{len(manifest.files())} files verified, sha256 {opened.sha256[:12]}"
            yield Check("bundle", "ok", f"{manifest.name} {manifest.version} at {opened.path}: {files}")
            providers = {Codec(opened, device=device).provider, Prior(opened, device=device).provider}
    except BundleError as error:
        kept = None if typed("bundle") else setting_of("bundle")
        yield Check("bundle", "failed", error.what if kept is None else f"{kept[1]}: {error.what}", error.fix)
    except DeviceError as error:
        yield Check("device", "failed", error.what, error.fix)
    else:
        yield check_device(" and ".join(sorted(providers)), device)


def check_device(provider: str, device: str) -> Check:
    """Why it is that execution provider, and what to do where it could be a faster one."""
    from emoterm.session import CPU, cuda_fix, cuda_problem, has_nvidia_driver

    if device == "cpu":
        return Check("device", "ok", f"{provider}, as --device cpu asks for it")
    if CPU not in provider:
        return Check("device", "ok", f"{provider}, as there is an NVIDIA GPU and its libraries load")
    if not has_nvidia_driver():
        return Check("device", "ok", f"{provider}, as there is no NVIDIA driver")
    why = cuda_problem() or "it does not load this model"
    return Check("device", "note", f"{provider}; CUDA is not used: {why}", cuda_fix())


def check_onnxruntime_builds() -> Check:
    """Whether two builds of ONNX Runtime share one folder, where the CPU one wins without a word."""
    from emoterm.session import cuda_fix

    builds = [name for name in ("onnxruntime", "onnxruntime-gpu") if name in versions()]
    if len(builds) > 1:
        return Check("runtime", "note", "two builds of ONNX Runtime are installed, and the CPU one wins", cuda_fix())
    return Check("runtime", "ok", ", ".join(builds) or "ONNX Runtime from elsewhere")


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
    from emoterm.config import config_path

    cache = os.environ.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    return {
        "default bundle": str(DEFAULT_BUNDLE),
        "your bundles": str(platformdirs.user_data_path("emoterm", appauthor=False) / "bundles"),
        "settings": str(config_path()),
        "cache": f"{cache} (data sets for training; emoterm itself keeps none)",
    }
