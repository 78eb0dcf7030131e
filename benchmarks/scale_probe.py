"""Programs that are started to be measured by :mod:`benchmarks.scale`; each prints one JSON object.

``make DEVICE N [--png] [--by-chance] [--guided]``: N emojis as one file · ``gallery BUNDLE``: search and neighbours.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

QUERIES = ("cat", "smiling face", "a", "heart face cat", "octopis", "xyzzyx")
ROUNDS, LIMIT = 9, 24


def make(device: str, n: int, flags: list[str]) -> dict[str, object]:
    """Emojis a second, and bytes of each on disk; ``missing`` where the device does not load."""
    from emoterm.brief import sampling_for
    from emoterm.bundle import open_bundle
    from emoterm.errors import DeviceError
    from emoterm.request import Request
    from emoterm.sampling import SamplingParams
    from emoterm.shards.maker import Maker
    from emoterm.shards.plan import make_plan

    with open_bundle() as bundle:
        defaults = bundle.manifest.prior.sampling
        law = SamplingParams(**vars(defaults))
        by_chance = "--by-chance" in flags
        request = Request(words=("cat",) if "--guided" in flags else (), by_chance=by_chance)
        asked = {"params": sampling_for(law) if by_chance else law, "device": device, "images": "--png" in flags}
        plan = make_plan(bundle, request, n=n, seed=0, per_file=n, **asked)
        try:
            maker = Maker(bundle, plan)
        except DeviceError as error:
            return {"missing": error.what}
        warm = make_plan(bundle, request, n=16, seed=1, **asked)
        Maker(bundle, warm, pipeline=maker.pipeline).make(0)
        started = time.perf_counter()
        size = len(maker.make(0))
        return {"per_second": n / (time.perf_counter() - started), "bytes": size / n}


def gallery(path: str) -> dict[str, object]:
    """Milliseconds of queries, the best of :data:`ROUNDS`, seconds of the first ones, and the peak memory of it all in MiB."""
    from emoterm.bundle import open_bundle
    from emoterm.gallery import Gallery
    from emoterm.neighbours import Neighbours

    with open_bundle(path) as bundle:
        found, started = Gallery.from_bundle(bundle), time.perf_counter()
        entry = found.search("cat", limit=LIMIT)[0]
        first_search, near = time.perf_counter() - started, Neighbours(found, bundle.codebook())
        search = {query: _best(lambda query=query: found.search(query, limit=LIMIT)) for query in QUERIES}
        started, tokens = time.perf_counter(), found.tokens(entry)
        near.nearest(tokens, LIMIT)
        first_nearest = time.perf_counter() - started
        nearest = _best(lambda: near.nearest(tokens, LIMIT, without=entry.emoji))
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return {
        "rounds": ROUNDS,
        "search_ms": search,
        "nearest_ms": nearest,
        "first_search_s": first_search,
        "first_nearest_s": first_nearest,
        "peak_mib": peak,
    }


def _best(run: Callable[[], object]) -> float:
    seconds = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        seconds = min(seconds, time.perf_counter() - started)
    return 1000 * seconds


if __name__ == "__main__":
    print(json.dumps(make(sys.argv[2], int(sys.argv[3]), sys.argv[4:]) if sys.argv[1] == "make" else gallery(sys.argv[2])))
