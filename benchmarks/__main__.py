"""``python -m benchmarks``: measure everything, print the table, keep the JSON; with ``--page`` the table also goes into the documents."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks import suite
from benchmarks.app import App
from benchmarks.figures import Row, markdown
from benchmarks.machine import describe, measure_limits
from benchmarks.page import FIGURES, TABLES, TERMINAL, save
from benchmarks.references import TorchModels
from benchmarks.timing import say
from emoterm.bundle import open_bundle


def main() -> None:
    """Exit code 1 with ``--check`` when a figure misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--out", type=Path, default=FIGURES.results, help="where the JSON goes")
    parser.add_argument("--quick", action="store_true", help="one round of each: shows that it runs, not how fast")
    parser.add_argument("--check", action="store_true", help="fail when a figure misses its limit")
    parser.add_argument("--page", action="store_true", help="put the table into docs/performance.md and README.md")
    arguments = parser.parse_args()
    started, quick = time.perf_counter(), arguments.quick
    machine = describe()
    with open_bundle() as bundle:
        app, torch_models = App(bundle), TorchModels(bundle)
        limits = measure_limits(len(bundle.read(bundle.manifest.prior.weights)))
        rows: list[Row] = [
            Row("float32 peak, all cores", limits.flops / 1e9, "GFLOP/s"),
            Row("float32 peak, one core", limits.flops_of_one / 1e9, "GFLOP/s"),
            Row("bandwidth over the prior's weights, one core", limits.bytes / 1e9, "GB/s"),
            *suite.speed(app, torch_models, bundle, limits, quick=quick),
            *suite.threads(app, bundle, quick=quick),
            *suite.decoder(app, torch_models, quick=quick),
            *suite.guidance(app, quick=quick),
            *suite.stolen_core(app, quick=quick),
            *suite.start_up(quick=quick),
            *suite.memory(quick=quick),
            *suite.disk(bundle),
            *suite.growth(quick=quick),
        ]
        interface = list(suite.terminal_interface(quick=quick))
        record = {"machine": machine, "bundle": bundle.sha256, "quick": quick}
    seconds = round(time.perf_counter() - started)
    save({**record, "rows": [row.to_json() for row in rows], "seconds": seconds}, arguments.out)
    if arguments.page:
        save({**record, "rows": [row.to_json() for row in interface]}, TERMINAL.results)
    print(markdown([*rows, *interface]))
    missed = [row.name for row in (*rows, *interface) if not row.holds]
    say(f"{seconds} s; written to {arguments.out}" + (f"; missed: {', '.join(missed)}" if missed else ""))
    if arguments.page:
        for table in TABLES:
            table.write()
    sys.exit(1 if arguments.check and missed else 0)


if __name__ == "__main__":
    main()
