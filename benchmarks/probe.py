"""Programs that are started to be measured: ``python -m benchmarks.probe NAME``.

``first`` one emoji by emoterm · ``first-by-chance`` one after an emoji that chance picks · ``first-torch`` one by torch with a cache; each
says so once it is in memory · ``many N GUIDANCE`` prints the seconds and the peak MiB of N emojis · ``busy`` keeps a core busy.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def first() -> None:
    """One emoji, decoded in memory."""
    from emoterm.bundle import open_bundle
    from emoterm.prior_graphs import PriorGraphs

    with open_bundle() as bundle:
        graphs = PriorGraphs(bundle, device="cpu")
        graphs.preload("plain")
        from benchmarks.app import App  # while they load, as the command line does

        app = App(bundle, graphs=graphs)
        app.codec.preload("decoder")
        app.pictures(1)
        print("made", flush=True)


def first_by_chance() -> None:
    """The same of an emoji that is drawn after another one."""
    from emoterm.bundle import open_bundle
    from emoterm.prior_graphs import PriorGraphs

    with open_bundle() as bundle:
        graphs = PriorGraphs(bundle, device="cpu")
        graphs.preload()
        from benchmarks.app import App

        app = App(bundle, graphs=graphs)
        app.codec.preload("decoder")
        app.codec.decode_tokens(app.by_chance(1))
        print("made", flush=True)


def first_torch() -> None:
    """The same by torch with a cache, for which everything has to be imported and loaded too."""
    from benchmarks.references import TorchModels
    from emoterm.bundle import open_bundle

    with open_bundle() as bundle:
        TorchModels(bundle).with_cache(1)
        print("made", flush=True)


def many(n: int, guidance: float) -> None:
    """Seconds of making ``n`` emojis once the models are warm, and the peak resident memory in MiB of it all."""
    from benchmarks.app import App
    from benchmarks.timing import interleaved
    from emoterm.bundle import open_bundle

    with open_bundle() as bundle:
        app = App(bundle)
        app.pictures(1, guidance=guidance)
        seconds = interleaved({"": lambda: app.pictures(n, guidance=guidance)}, 3 if n <= 16 else 1, warm=False)[""]
    status = Path("/proc/self/status").read_text()
    print(seconds, next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")))


def busy() -> None:
    """Arithmetic without end, on the last core this process may use."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    while True:
        pass


if __name__ == "__main__":
    {
        "first": first,
        "first-by-chance": first_by_chance,
        "first-torch": first_torch,
        "busy": busy,
        "many": lambda: many(int(sys.argv[2]), float(sys.argv[3])),
    }[sys.argv[1]]()
