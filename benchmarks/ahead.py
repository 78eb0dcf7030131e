"""``python -m benchmarks.ahead``: what it brings to read several tokens of a single picture in one step."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.app import SEED, App
from benchmarks.machine import describe
from benchmarks.timing import say
from emoterm.bundle import open_bundle
from emoterm.pace import FINAL, Pace
from emoterm.prior_step import Decoding
from emoterm.vocabulary import Condition

PICTURES = 24


def main() -> None:
    """Print a line for each number of tokens, and one for what :class:`emoterm.pace.Pace` chooses."""
    say(str(describe()))
    with open_bundle() as bundle:
        app = App(bundle, threads=1)
        chosen = Pace.size
        seconds: dict[str, list[float]] = {}
        for picture in range(-1, PICTURES):  # the first time does not count
            for size in (*FINAL, None):
                Pace.size = chosen if size is None else lambda self, size=size: size  # type: ignore[method-assign]
                begun = time.perf_counter()
                app.prior.generate([Condition()], seed=SEED, params=app.params, first_picture=max(picture, 0))
                if picture >= 0:
                    seconds.setdefault("as found best" if size is None else str(size), []).append(time.perf_counter() - begun)
        Pace.size = chosen  # type: ignore[method-assign]
        steps = {}
        for size in FINAL:
            with _counted() as count:
                Pace.size = lambda self, size=size: size  # type: ignore[method-assign]
                for picture in range(PICTURES):
                    app.prior.generate([Condition()], seed=SEED, params=app.params, first_picture=picture)
            steps[str(size)] = count[0] / PICTURES
    print(f"{'tokens a step':20} {'final':>6} {'ms':>6} {'ratio':>6}")
    one = statistics.median(seconds["1"])
    for name, times in seconds.items():
        final = f"{(app.prior.n_tokens - 1) / steps[name]:6.2f}" if name in steps else " " * 6
        print(f"{name:20} {final} {1000 * statistics.median(times):6.1f} {one / statistics.median(times):6.2f}")


@contextmanager
def _counted() -> Iterator[list[int]]:
    """How many steps are made."""
    count, step = [0], Decoding.step_ahead

    def counting(*arguments):  # type: ignore[no-untyped-def]
        count[0] += 1
        return step(*arguments)

    Decoding.step_ahead = counting  # type: ignore[method-assign]
    try:
        yield count
    finally:
        Decoding.step_ahead = step  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
