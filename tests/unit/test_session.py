"""Sessions, and what they say about where they run."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import emoterm.prior_model
import emoterm.session
from emoterm.bundle import Bundle
from emoterm.errors import BundleError, DeviceError, UsageError
from emoterm.manifest import GUIDED_GRAPH, PLAIN_GRAPH
from emoterm.prior_model import PriorModel, open_prior
from emoterm.prior_step import Decoding, log_probabilities
from emoterm.sampling import SamplingParams
from emoterm.session import CPU, CUDA, active_provider, open_session, usable_cores


@pytest.fixture(scope="module")
def model(tiny_bundle: Bundle) -> bytes:
    return tiny_bundle.graph("decoder")


def decode(session: object, bundle: Bundle, n: int) -> np.ndarray:
    z = np.random.default_rng(0).normal(size=(n, bundle.manifest.codebook.dim, *bundle.manifest.grid)).astype(np.float32)
    return session.run(["image"], {"z_q": z})[0]  # type: ignore[attr-defined]


def test_a_cpu_session_runs_on_the_cpu_provider(model: bytes, tiny_bundle: Bundle) -> None:
    session = open_session(model, device="cpu")
    assert active_provider(session) == CPU
    assert decode(session, tiny_bundle, 2).shape[0] == 2


def test_explicit_cuda_is_never_quietly_the_cpu(model: bytes) -> None:
    try:
        provider = active_provider(open_session(model, device="cuda"))
    except DeviceError as refusal:
        provider, error = None, refusal
    if provider is None:
        assert error.exit_code == 3
        assert error.what.startswith("CUDA cannot be used: ")
        assert re.search("pip install|nvidia-smi", error.fix or "")
    else:
        assert provider == CUDA


def test_cuda_whose_libraries_are_missing_is_an_error_with_the_reason(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoterm.session, "cuda_problem", lambda: "libcublasLt.so.13: cannot open shared object file")
    with pytest.raises(DeviceError, match=r"libcublasLt\.so\.13(.|\n)*(pip install|nvidia-smi)"):
        open_session(model, device="cuda")


def test_auto_works_everywhere_and_warns_at_most_once(
    model: bytes, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # A machine with a driver whose CUDA libraries are missing.
    monkeypatch.setattr(emoterm.session, "has_nvidia_driver", lambda: True)
    monkeypatch.setattr(emoterm.session, "cuda_problem", lambda: "libcublasLt.so.13: cannot open shared object file")
    emoterm.session.warn_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            session = open_session(model, device="auto")
            assert active_provider(session) == CPU
    assert decode(session, tiny_bundle, 1).shape[0] == 1
    assert [record.message.count("libcublasLt.so.13") for record in caplog.records] == [1]


def test_a_driver_without_a_device_is_no_damaged_bundle(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # ONNX Runtime then raises where it otherwise falls back to the CPU.
    create = emoterm.session._create
    why = "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=here"

    def without_device(model: bytes, providers: list[object], *rest: object, **more: bool) -> object:
        if providers != [CPU]:
            raise BundleError(f"ONNX Runtime 1.31.1 cannot load the model: {why}")
        return create(model, providers, *rest, **more)  # type: ignore[arg-type]

    for module in (emoterm.session, emoterm.prior_model):
        monkeypatch.setattr(module, "has_nvidia_driver", lambda: True)
    monkeypatch.setattr(emoterm.session, "cuda_problem", lambda: None)
    monkeypatch.setattr(emoterm.session, "_create", without_device)
    emoterm.session.warn_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert active_provider(open_prior(tiny_bundle, "auto").session) == CPU
        assert active_provider(open_session(tiny_bundle.graph("decoder"))) == CPU
    (warning,) = [record.message for record in caplog.records]
    assert warning.startswith(f"CUDA cannot be used: {why}. Running on the CPU. To fix it: Look for the GPU")
    with pytest.raises(DeviceError, match=r"no CUDA-capable device(.|\n)*nvidia-smi"):
        open_session(tiny_bundle.graph("decoder"), device="cuda")


def test_auto_without_a_driver_is_quietly_the_cpu(model: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(emoterm.session, "has_nvidia_driver", lambda: False)
    assert active_provider(open_session(model)) == CPU
    assert not caplog.records


@pytest.mark.parametrize("has_driver", [False, True])
def test_a_model_is_loaded_as_was_asked_however_it_came_to_the_cpu(has_driver: bool, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(emoterm.session, "has_nvidia_driver", lambda: has_driver)
    monkeypatch.setattr(emoterm.session, "cuda_problem", lambda: "its libraries are missing")
    monkeypatch.setattr(emoterm.session, "warn_once", lambda what, fix: None)
    monkeypatch.setattr(emoterm.session, "_create", lambda *_, **options: asked.append(options))
    open_session(model, keeps_memory=False)
    open_session(model, as_written=True)
    assert asked == [{"keeps_memory": False, "as_written": False}, {"keeps_memory": True, "as_written": True}]


@pytest.mark.parametrize("name", [PLAIN_GRAPH, GUIDED_GRAPH, "prior", "prior_standard"])
def test_as_written_a_prior_computes_the_same_to_the_bit(default_bundle: Bundle, name: str) -> None:
    spec, codes = default_bundle.manifest.prior, default_bundle.manifest.codebook.size
    weights = {spec.weights.file: default_bundle.read(spec.weights)}
    random = np.random.default_rng(1)
    begun, tokens = random.integers(0, codes, (2, 40)), random.integers(0, codes, (5, 2))
    results = []
    for options in ({"as_written": True, "keeps_memory": False}, {}):
        session = open_session(default_bundle.graph(name), device="cpu", weights=weights, **options)
        model = PriorModel(session, spec, codes)
        decoding = Decoding(model, rows=2, n=2, params=SamplingParams())
        decoding.read(begun, np.full((2, 1), 0.5))
        drawn = [decoding.step(np.full((2, 1), 0.3), given).copy() for given in tokens]
        results.append((log_probabilities(model, begun), drawn))
    (found, steps), (wanted, wanted_steps) = results
    assert np.array_equal(found, wanted)
    assert np.array_equal(steps, wanted_steps)


@pytest.mark.parametrize("hidden", ["", "-1", " "])
def test_a_hidden_gpu_counts_as_no_driver(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    emoterm.session.has_nvidia_driver.cache_clear()
    assert not emoterm.session.has_nvidia_driver()
    emoterm.session.has_nvidia_driver.cache_clear()


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "2026 [E:onnxruntime:Default, provider_bridge_ort.cc:2458 operator()] FAIL : Failed to load library /x/libonnxruntime_providers"
            "_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory\n\nmore",
            "libcublasLt.so.13: cannot open shared object file: No such file or directory",
        ),
        ("[E:onnxruntime] CUDA failure 100: no CUDA-capable device is detected ; GPU=-1", "CUDA failure 100: no CUDA-capable device"),
        ("", "ONNX Runtime fell back to the CPU"),
    ],
)
def test_the_reason_is_picked_out_of_the_log(log: str, reason: str) -> None:
    assert emoterm.session._reason_in(log).startswith(reason)


def test_an_unknown_device_is_a_usage_error(model: bytes) -> None:
    with pytest.raises(UsageError, match=r"--device tpu(.|\n)*auto, cpu, cuda"):
        open_session(model, device="tpu")


@pytest.mark.parametrize(
    "spoil", [lambda m: b"", lambda m: b"no model", lambda m: m[:-40], lambda m: m.replace(b"Transpose", b"Unsqueeze")]
)
def test_a_model_that_does_not_load_is_a_bundle_error(model: bytes, spoil: object, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BundleError, match=r"ONNX Runtime .* cannot load the model|The model is refused"):
        open_session(spoil(model), device="cpu")  # type: ignore[operator]
    assert capfd.readouterr().out == ""


def test_an_idle_session_uses_no_cpu(model: bytes, tiny_bundle: Bundle) -> None:
    session = open_session(model, device="cpu")
    idle_s = 0.0
    for _ in range(5):
        decode(session, tiny_bundle, 8)
        before = time.process_time()
        time.sleep(0.02)  # threads that spin would do so right after a run
        idle_s += time.process_time() - before
    assert idle_s < 0.02


def test_loading_and_running_writes_nothing_to_the_terminal(tiny_bundle: Bundle) -> None:
    code = (
        "import sys; from emoterm.bundle import open_bundle; from emoterm.session import open_session;"
        "bundle = open_bundle(sys.argv[1]); [open_session(bundle.graph(name)) for name in ('encoder', 'decoder')];"
        "from emoterm.prior_model import open_prior; open_prior(bundle, 'auto')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_bundle.path)], capture_output=True, text=True, env=os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_there_is_at_least_one_core() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
