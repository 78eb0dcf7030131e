"""Look for inputs that break a decoder, guided by coverage: ``python -m tests.hostile.fuzz --seconds 60 [--target recipe]``.

Needs the ``fuzz`` extra (atheris). Each target runs in a process of its own, over a copy of the corpus; an input that breaks it is written
into ``--out``, from where it goes into :mod:`tests.hostile.make_corpus`. Exit code 1 where there was one.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SLOWEST_S = 20
MOST_MEMORY_MB = 3000
MOST_BYTES = 1 << 14


@dataclass(frozen=True)
class Fuzzed:
    """What became of one target."""

    target: str
    inputs: int
    crashes: int
    hangs: int


def fuzz(target: str, seconds: float, out: Path, seed: int = 0) -> Fuzzed:
    """Run the fuzzer on one target.

    Args:
        target: a name in :data:`tests.hostile.targets.TARGETS`.
        seconds: how long.
        out: where inputs that break it go.
        seed: of the fuzzer; 0 takes another one every time.

    Raises:
        RuntimeError: the fuzzer did not run at all.
    """
    from tests.hostile.targets import CORPUS

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus = shutil.copytree(CORPUS / target, Path(folder) / "corpus")
        limits = [f"-timeout={SLOWEST_S}", f"-rss_limit_mb={MOST_MEMORY_MB}", f"-max_len={MOST_BYTES}", f"-seed={seed}"]
        command = [
            sys.executable,
            "-m",
            "tests.hostile.fuzz_one",
            target,
            str(corpus),
            *limits,
            f"-max_total_time={max(1, round(seconds))}",
        ]
        command += [f"-artifact_prefix={out}/{target}-", "-print_final_stats=1"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    broken = re.findall(r"Test unit written to .*/[\w-]+-(crash|timeout|oom|leak)-", done.stderr)
    if executed is None and not broken:
        raise RuntimeError(f"{target}: {done.stderr[-2000:]}")
    if broken:
        print(done.stderr[-3000:], file=sys.stderr)
    hangs = broken.count("timeout")
    return Fuzzed(target, int(executed[1]) if executed else 0, len(broken) - hangs, hangs)


def main() -> int:
    """Fuzz one target or all, one after the other."""
    from tests.hostile.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    args = parser.parse_args()
    found = [fuzz(name, args.seconds, args.out) for name in args.target or TARGETS]
    for each in found:
        print(f"{each.target:<12} {each.inputs:>9} inputs  {each.crashes} crashes  {each.hangs} hangs")
    return int(any(each.crashes or each.hangs for each in found))


if __name__ == "__main__":
    sys.exit(main())
