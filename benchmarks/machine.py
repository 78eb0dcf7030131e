"""What the machine can do at most: the multiply-adds and the bytes that nothing on it can outrun."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto

from emoterm.session import usable_cores
from export.graphs.builder import GraphBuilder

GEMM_SIZE = 1024
SECONDS = 0.5
"""Of repeating a measurement, of which the fastest counts: a limit is what the machine does at its best."""


@dataclass(frozen=True)
class Limits:
    """Measured peaks."""

    flops: float
    """Floating-point operations a second, float32, on all cores."""
    flops_of_one: float
    """The same on one core."""
    bytes: float
    """Bytes a second that one core reads from a working set as large as the prior's weights."""


def measure_limits(working_set_bytes: int) -> Limits:
    """Matrix products by NumPy, torch and ONNX Runtime, the fastest of them, and a sum over a block of memory."""
    cores = usable_cores()
    return Limits(flops=_gemm(cores), flops_of_one=_gemm(1), bytes=_bandwidth(working_set_bytes))


def describe() -> dict[str, Any]:
    """The machine and the versions, for the record."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    flags: set[str] = set()
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
            if line.startswith("flags"):
                flags = set(line.partition(":")[2].split())
    versions = {name: metadata.version(name) for name in ("numpy", "torch")} | {"onnxruntime": onnxruntime.__version__}
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile")
    return {
        "cpu": cpu,
        "cores": usable_cores(),
        "features": [flag for flag in wanted if flag in flags],
        "python": platform.python_version(),
        "versions": versions,
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _gemm(threads: int) -> float:
    a = np.random.default_rng(0).normal(size=(GEMM_SIZE, GEMM_SIZE)).astype(np.float32)
    graph = GraphBuilder("gemm")
    x, y = (graph.input(name, TensorProto.FLOAT, [GEMM_SIZE, GEMM_SIZE]) for name in "xy")
    graph.output(graph.node("MatMul", x, y, name="z"), TensorProto.FLOAT, [GEMM_SIZE, GEMM_SIZE])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph.build(20), options, providers=["CPUExecutionProvider"])
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    t = torch.from_numpy(a)
    picture = torch.randn(16, 256, 16, 16).to(memory_format=torch.channels_last)
    kernel = torch.randn(256, 256, 3, 3).to(memory_format=torch.channels_last)
    product, convolution = 2 * GEMM_SIZE**3, 2 * 16 * 16 * 16 * 256 * 256 * 9
    try:
        return max(
            product / _fastest(lambda: session.run(None, {"x": a, "y": a})),
            product / _fastest(lambda: t @ t),
            convolution / _fastest(lambda: torch.nn.functional.conv2d(picture, kernel, padding=1)),
        )
    finally:
        torch.set_num_threads(before)


def _bandwidth(size: int) -> float:
    block = np.ones(size // 8, np.int64)
    return size / _fastest(lambda: block.sum())


def _fastest(run: Any) -> float:
    best, until = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best
