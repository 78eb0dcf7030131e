"""What is measured, and what it is compared with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from benchmarks import tui
from benchmarks.app import App
from benchmarks.figures import Row
from benchmarks.machine import Limits
from benchmarks.references import TorchModels
from benchmarks.timing import first_lines, interleaved, programs, say
from emoterm.bundle import Bundle
from emoterm.session import usable_cores

# n: against A, against B, rounds. A takes one picture at a time, so its time for n is n times that for one.
SPEED = {1: (80.0, 12.0, 15), 16: (180.0, 4.5, 11), 64: (170.0, 2.8, 7)}
GROWTH = (1, 4, 16, 64, 256, 1024, 4096)
HELP, TYPER = ["-m", "emoterm", "--help"], ["-c", "import typer"]


def speed(app: App, torch_models: TorchModels, bundle: Bundle, limits: Limits, *, quick: bool) -> Iterator[Row]:
    """Warm, in memory: against A and B with the same weights, and as a share of what the machine could do at most."""
    say("reference A: a notebook, one emoji")
    with _torch_threads(1):
        a = interleaved({"A": lambda: torch_models.as_a_notebook(1)}, 1 if quick else 3)["A"]
    work = app.multiply_adds(bundle, _decoder_multiply_adds(torch_models))
    for n, (over_a, over_b, rounds) in SPEED.items():
        say(f"emoterm and reference B: {n} emojis")
        with _torch_threads(1 if n == 1 else usable_cores()):
            seconds = interleaved(
                {"emoterm": lambda n=n: app.pictures(n), "B": lambda n=n: torch_models.with_cache(n)}, 1 if quick else rounds
            )
        ours, label = seconds["emoterm"], "1 emoji" if n == 1 else f"{n} emojis"
        yield Row(label, 1000 * ours, "ms")
        yield Row(f"{label} against A", n * a / ours, at_least=over_a, note="one thread, n × one emoji")
        yield Row(f"{label} against B", seconds["B"] / ours, at_least=over_b, note="one thread" if n == 1 else "all cores")
        peak = limits.flops_of_one if n == 1 else limits.flops
        share = 100 * 2 * work * n / peak / ours
        yield Row(f"{label} as a share of the limit", share, "%", at_least=50 if n == 16 else None, note="float32 peak")


def threads(app: App, bundle: Bundle, *, quick: bool) -> Iterator[Row]:
    """What the second and further cores bring."""
    say("threads")
    one = App(bundle, threads=1)
    seconds = interleaved({"one": lambda: one.pictures(16), "all": lambda: app.pictures(16)}, 1 if quick else 11)
    yield Row("16 emojis on all cores against one thread", seconds["one"] / seconds["all"], note=f"{usable_cores()} cores")


def guidance(app: App, *, quick: bool) -> Iterator[Row]:
    """Guidance reads every picture twice."""
    say("guidance")
    work = {"off": lambda: app.tokens(16), "on": lambda: app.tokens(16, guidance=3.0), "by chance": lambda: app.by_chance(16)}
    seconds = interleaved(work, 1 if quick else 7)
    yield Row("16 emojis with guidance against without", seconds["on"] / seconds["off"], at_most=2.1)
    yield Row("16 emojis after emojis of chance, against asked for nothing", seconds["by chance"] / seconds["off"], note="emoterm sample")


def decoder(app: App, torch_models: TorchModels, *, quick: bool) -> Iterator[Row]:
    """The decoder's part, and decoding by itself against torch."""
    say("decoder")
    tokens = np.random.default_rng(0).integers(0, torch_models.prior.codebook_size, (64, 256))
    written = torch.from_numpy(tokens)
    work = {
        "sample": lambda: app.tokens(16),
        "decode 16": lambda: app.codec.decode_tokens(tokens[:16]),
        "decode 64": lambda: app.codec.decode_tokens(tokens),
        "torch": lambda: torch_models.decode(written),
    }
    with torch.inference_mode():
        seconds = interleaved(work, 1 if quick else 11)
    yield Row("decoder's share of 16 emojis", 100 * seconds["decode 16"] / (seconds["sample"] + seconds["decode 16"]), "%", at_most=10)
    yield Row("decode 64 against torch, eager, channels last", seconds["torch"] / seconds["decode 64"], at_least=1.5)


def stolen_core(app: App, *, quick: bool) -> Iterator[Row]:
    """Another process keeps one core busy."""
    say("64 emojis with a core stolen")
    work = {"64": lambda: app.pictures(64)}
    alone = interleaved(work, 1 if quick else 3)["64"]
    with _thief():
        robbed = interleaved(work, 1 if quick else 3)["64"]
    yield Row("64 emojis with one core stolen, against alone", robbed / alone, at_most=2.2, note=f"{usable_cores()} cores")


def start_up(*, quick: bool) -> Iterator[Row]:
    """From the start of the process."""
    say("start-up")
    probe = ["-m", "benchmarks.probe"]
    commands = {"emoterm": [*probe, "first"], "by chance": [*probe, "first-by-chance"], "torch": [*probe, "first-torch"]}
    seconds = first_lines(commands, 1 if quick else 7)
    yield Row("process start to first emoji in memory", 1000 * seconds["emoterm"], "ms", at_most=500)
    yield Row("the same against torch with a cache, from cold", seconds["torch"] / seconds["emoterm"], at_least=8)
    yield Row("process start to first emoji in memory, after one of chance", 1000 * seconds["by chance"], "ms")
    seconds = programs({"help": HELP, "typer": TYPER}, 3 if quick else 15)
    yield Row("emoterm --help against import typer", seconds["help"] / seconds["typer"], at_most=1.5)


def memory(*, quick: bool) -> Iterator[Row]:
    """Peak memory, and how it grows."""
    say("memory")
    most = 256 if quick else 1024
    peak = {n: _many(n)[1] for n in (64, most)}
    yield Row("peak memory of 64 emojis", peak[64], "MiB", at_most=160)
    yield Row("memory for each further emoji", (peak[most] - peak[64]) / (most - 64), "MiB", at_most=0.1, note=f"64 to {most}")


def disk(bundle: Bundle) -> Iterator[Row]:
    """What the prior and the decoder weigh."""
    manifest = bundle.manifest
    files = [manifest.graphs["prior"], manifest.prior.weights, manifest.graphs["decoder"]]
    yield Row("prior and decoder on disk", sum(len(bundle.read(file)) for file in files) / 1e6, "MB", at_most=8)


def terminal_interface(*, quick: bool) -> Iterator[Row]:
    """The program on a pseudo-terminal."""
    for name, part in tui.PARTS.items():
        say(f"terminal interface: {name}")
        yield from part(quick=quick)


def growth(*, quick: bool) -> Iterator[Row]:
    """Time and memory over n: alone, with guidance, and beside another process that keeps one core busy."""
    for setting, strength in (("guidance off", 1.0), ("guidance on", 3.0), ("one core stolen", 1.0)):
        with _thief() if setting == "one core stolen" else nullcontext():
            for n in GROWTH[:2] if quick else GROWTH:
                label = f"{'1 emoji' if n == 1 else f'{n} emojis'}, {setting}"
                say(f"growth: {label}")
                seconds, mib = _many(n, strength)
                yield Row(f"{label}, for each", 1000 * seconds / n, "ms")
                yield Row(f"{label}, peak memory", mib, "MiB")


@contextmanager
def _thief() -> Iterator[None]:
    """A process that keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.probe", "busy"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _many(n: int, guidance: float = 1.0) -> tuple[float, float]:
    """Seconds and peak MiB of n emojis, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.probe", "many", str(n), str(guidance)]
    seconds, mib = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(mib)


def _decoder_multiply_adds(torch_models: TorchModels) -> int:
    """Counted while one picture goes through: output elements times the weights behind each, and attention's two products."""
    count = 0

    def add(module: torch.nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal count
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        count += output.numel() * weight[0].numel()

    layers = [m for m in torch_models.vqvae.decoder.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    hooks = [layer.register_forward_hook(add) for layer in layers]
    with torch.inference_mode():
        torch_models.decode(torch.zeros(1, 256, dtype=torch.int64))
    for hook in hooks:
        hook.remove()
    return count


@contextmanager
def _torch_threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
