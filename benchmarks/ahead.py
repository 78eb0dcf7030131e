"""``python -m benchmarks.ahead``: what it brings to read several tokens of a single picture in one step."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict

from benchmarks.app import SEED, App
from benchmarks.machine import describe
from benchmarks.timing import say
from emoterm.bundle import open_bundle
from emoterm.pace import FINAL, Pace
from emoterm.prior_step import Decoding
from emoterm.vocabulary import Condition

PICTURES = 24
LEARNT = "as found best"


def main() -> None:
    """Print a line for each number of tokens, and one for what :class:`emoterm.pace.Pace` chooses once it knows them all."""
    say(str(describe()))
    learnt, step = Pace.size, Decoding.step_ahead
    paces = {str(size): lambda pace, size=size: size for size in FINAL} | {LEARNT: learnt}
    seconds: dict[str, list[float]] = defaultdict(list)
    steps: dict[str, int] = defaultdict(int)
    with open_bundle() as bundle:
        app = App(bundle, threads=1)
        for picture in range(-1, PICTURES):  # the first time does not count
            for name, pace in paces.items():

                def counted(*arguments, name=name, counts=picture >= 0):  # type: ignore[no-untyped-def]
                    steps[name] += counts
                    return step(*arguments)

                Pace.size, Decoding.step_ahead = pace, counted  # type: ignore[method-assign]
                begun = time.perf_counter()
                app.prior.generate([Condition()], seed=SEED, params=app.params, first_picture=max(picture, 0))
                if picture >= 0:
                    seconds[name].append(time.perf_counter() - begun)
        n_tokens = app.prior.n_tokens - 1  # the first one is drawn when the context is read
    print(f"{'tokens a step':15} {'final':>6} {'ms':>6} {'ratio':>6}")
    one = statistics.median(seconds["1"])
    for name, times in seconds.items():
        took = statistics.median(times)
        print(f"{name:15} {PICTURES * n_tokens / steps[name]:6.2f} {1000 * took:6.1f} {one / took:6.2f}")


if __name__ == "__main__":
    main()
