"""Programs that are started to be measured: ``python -m benchmarks.probe NAME [N]`` prints one number, or nothing.

``first`` one emoji by emoterm · ``first-torch`` one by torch with a cache · ``memory`` peak MiB of N emojis · ``busy`` keeps a core busy.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def first() -> None:
    """One emoji, decoded in memory."""
    from benchmarks.app import App
    from emoterm.bundle import open_bundle

    with open_bundle() as bundle:
        app = App(bundle)
        app.prior.preload()
        app.codec.preload("decoder")
        app.pictures(1)


def first_torch() -> None:
    """The same by torch with a cache, for which everything has to be imported and loaded too."""
    from benchmarks.references import TorchModels
    from emoterm.bundle import open_bundle

    with open_bundle() as bundle:
        TorchModels(bundle).with_cache(1)


def memory(n: int) -> None:
    """Peak resident memory in MiB of making ``n`` emojis."""
    from benchmarks.app import App
    from emoterm.bundle import open_bundle

    with open_bundle() as bundle:
        App(bundle).pictures(n)
    status = Path("/proc/self/status").read_text()
    print(next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")))


def busy() -> None:
    """Arithmetic without end, on the last core this process may use."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    while True:
        pass


if __name__ == "__main__":
    {"first": first, "first-torch": first_torch, "busy": busy, "memory": lambda: memory(int(sys.argv[2]))}[sys.argv[1]]()
