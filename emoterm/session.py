"""Open ONNX Runtime sessions on the wanted device, and say which execution provider they really got.

``get_available_providers()`` names CUDA even where its libraries are missing, and ONNX Runtime then falls back to the CPU with no more
than a log line. So a session is created first and asked afterwards.
"""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import os
import re
import sys
import threading
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from emoterm.errors import BundleError, DeviceError, EmotermError, UsageError
from emoterm.graph_check import check_graph
from emoterm.quiet import captured_output

if TYPE_CHECKING:
    import onnxruntime

Device = Literal["auto", "cpu", "cuda"]
CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# Pictures are independent of each other: running several of them side by side (emoterm/parallel.py) uses the cores better than splitting
# the small operators of one, and it never changes in which order a sum is taken.
THREADS_OF_AN_OPERATOR = 1

_NO_DEVICE = "Look for the GPU and its state with: nvidia-smi   (or use --device cpu)"

_one_at_a_time = threading.Lock()
"""Twice a process died in the constructor of a session while other threads were making some, too. It takes a few hundredths of a second."""

_log = logging.getLogger(__name__)


def open_session(
    model: bytes,
    *,
    device: str = "auto",
    weights: Mapping[str, bytes] | None = None,
    cuda_graph: bool = False,
    keeps_memory: bool = True,
    as_written: bool = False,
) -> onnxruntime.InferenceSession:
    """Load an ONNX model. Its operators run on one CPU thread each; the session may be used from several threads at once.

    Args:
        model: the bytes of the model.
        device: ``cpu``; ``cuda``, which has to work; or ``auto``: CUDA where it loads, else the CPU, with one warning in the log if there
            is an NVIDIA driver that could not be used.
        weights: the files that the model's external data lies in, by name. Nothing is ever read from disk.
        cuda_graph: let CUDA record the kernels of a run and replay them as one.
        keeps_memory: let a CPU keep what a run needed for the next one. Without, a run that comes seldom leaves nothing behind, and
            threads that run many small operators side by side do not wait for each other: what is kept has one lock. Then no value
            takes the place of another one either, for which all would have to be compared while it loads.
        as_written: the operators of the model are those that a CPU should run. It loads sooner if no others are looked for.

    Raises:
        UsageError: an unknown device.
        DeviceError: ``cuda`` was asked for and does not load.
        BundleError: the model holds what a bundle must not (see :mod:`emoterm.graph_check`), or ONNX Runtime cannot load it.
    """
    if device not in get_args(Device):
        raise UsageError(f"--device {device} is unknown.", fix=f"Use one of: {', '.join(get_args(Device))}")
    check_graph(model, weights)  # some two milliseconds a graph, so the bundle that ships is not spared either
    if device == "cpu" or (device == "auto" and not has_nvidia_driver()):
        return _create(model, [CPU], weights, keeps_memory=keeps_memory, as_written=as_written)
    problem = cuda_problem()
    if problem is None:
        session, problem = _create_on_cuda(model, weights, cuda_graph=cuda_graph)
        if session is not None:
            return session
    what, fix = f"CUDA cannot be used: {problem}.", _NO_DEVICE if "CUDA failure" in problem else cuda_fix()
    if device == "cuda":
        raise DeviceError(what, fix=fix)
    warn_once(what, fix)
    return _create(model, [CPU], weights, keeps_memory=keeps_memory, as_written=as_written)


class running:  # and not a @contextmanager, which would cost two microseconds: a step of the prior has 250
    """Whatever a model does wrong in the block is a :class:`BundleError`.

    Args:
        what: the model, for the message.

    Raises:
        BundleError: ONNX Runtime failed, or gave arrays of other shapes than a bundle promises.
        MemoryError: there was not enough.
    """

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        # The classes of ONNX Runtime's errors share no base but Exception.
        if not isinstance(error, Exception) or isinstance(error, EmotermError | MemoryError):
            return
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "Failed to allocate memory" in message:
            raise MemoryError(message) from error
        raise BundleError(
            f"The {self.what} of this bundle failed: {message:.300}", fix="Check it: emoterm doctor, or use another --bundle."
        ) from error


def active_provider(session: onnxruntime.InferenceSession) -> str:
    """The execution provider in use: :data:`CPU` or :data:`CUDA`, as told by the session itself."""
    return str(session.get_providers()[0])


def short_name(provider: str) -> str:
    """``cpu`` or ``cuda``, as ``--device`` has it."""
    return "cuda" if provider == CUDA else "cpu"


def usable_cores() -> int:
    """Cores this process may run on, which in a container or under ``taskset`` are fewer than the machine has."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def load_onnxruntime() -> Any:
    """Import ONNX Runtime quietly: no telemetry, and nothing on the terminal that a TUI may be drawing on."""
    # On some machines the import itself prints a GPU discovery warning from C++, which no log level silences.
    with captured_output(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a CUDA library that does not load is reported by cuda_problem, where it matters
        import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


@functools.cache
def has_nvidia_driver() -> bool:
    """Whether a CUDA driver is installed and not hidden by ``CUDA_VISIBLE_DEVICES``."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    import ctypes

    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


@functools.cache
def cuda_problem() -> str | None:
    """What keeps CUDA from working, as far as it can be told before a session exists; else ``None``. Loads the CUDA libraries."""
    ort = load_onnxruntime()
    if CUDA not in ort.get_available_providers():
        return f"the installed ONNX Runtime {ort.__version__} was built without it"
    if not has_nvidia_driver():
        return "there is no NVIDIA driver, or CUDA_VISIBLE_DEVICES hides it"
    with captured_output(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ort.preload_dlls()  # from the nvidia-* wheels that the cuda extra brings; prints what it does not find
    return None


def cuda_fix() -> str:
    """The command that would make ``--device cuda`` work, for the state this installation is in."""
    from importlib.metadata import distributions

    installed = {(dist.metadata["Name"] or "").lower().replace("_", "-") for dist in distributions()}
    if {"onnxruntime", "onnxruntime-gpu"} <= installed:
        # Both write the same folder, and the CPU build wins without a word.
        return "Two builds of ONNX Runtime are installed:\npip uninstall -y onnxruntime onnxruntime-gpu && pip install 'emoterm[cuda]'"
    if "onnxruntime-gpu" not in installed:
        return "pip uninstall -y onnxruntime && pip install 'emoterm[cuda]'   (or use --device cpu)"
    if not has_nvidia_driver():
        return "Install the NVIDIA driver and check it with: nvidia-smi   (or use --device cpu)"
    return "pip install 'emoterm[cuda]'   (or use --device cpu)"


def _create_on_cuda(model: bytes, weights: Mapping[str, bytes] | None, *, cuda_graph: bool) -> tuple[Any, str]:
    """A session that runs on CUDA, or None and why there is none.

    Raises:
        BundleError: ONNX Runtime cannot load the model, which is not CUDA's fault.
    """
    with captured_output() as read_output:
        try:
            session = _create(model, [(CUDA, {"use_tf32": "0", "enable_cuda_graph": str(int(cuda_graph))}), CPU], weights)
        except BundleError as error:  # with a driver and libraries, but no device, there is no fallback
            if "CUDA failure" not in error.what:
                raise
            return None, _reason_in(error.what)
        reason = _reason_in(read_output())
    return (session, "") if active_provider(session) == CUDA else (None, reason)


def _create(
    model: bytes,
    providers: list[Any],
    weights: Mapping[str, bytes] | None,
    *,
    keeps_memory: bool = True,
    as_written: bool = False,
) -> Any:
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    if weights:
        sizes = [len(data) for data in weights.values()]
        options.add_external_initializers_from_files_in_memory(list(weights), list(weights.values()), sizes)
    options.intra_op_num_threads = THREADS_OF_AN_OPERATOR
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    options.use_deterministic_compute = True
    options.enable_cpu_mem_arena = keeps_memory
    # What the system gives for each value, and gets back at once, needs no plan of which may take the place of which.
    options.enable_mem_reuse = keeps_memory
    # A pattern is planned and kept for every input shape, and batches come in all sizes.
    options.enable_mem_pattern = False
    # Spinning threads would keep every core busy while nothing is computed.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    unwanted = None
    if as_written:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC  # what is constant is still computed once
        unwanted = ["QDQPropagationTransformer"]  # what it rounds once more, only the next level would clear away
    try:
        with _one_at_a_time:
            # Without enable_fallback=0 a failure is printed to stdout, where only data belongs.
            return ort.InferenceSession(model, options, providers=providers, disabled_optimizers=unwanted, enable_fallback=0)
    except Exception as error:  # the classes of ONNX Runtime's errors share no base but Exception
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BundleError(
            f"ONNX Runtime {ort.__version__} cannot load the model: {message}",
            fix="Upgrade both: pip install -U emoterm onnxruntime",
        ) from error


def _reason_in(log: str) -> str:
    """Why CUDA did not load, from what ONNX Runtime wrote meanwhile: the missing library, or the failing CUDA call."""
    found = re.search(r"with error: (.+)|(CUDA failure .+)", log)
    return (found[1] or found[2]).strip().rstrip(".") if found else "ONNX Runtime fell back to the CPU"


@functools.cache
def warn_once(what: str, fix: str) -> None:
    """Say in the log, once, why CUDA is not used though there is a driver: what a :class:`DeviceError` holds."""
    _log.warning("%s Running on the CPU. To fix it: %s", what, fix)
