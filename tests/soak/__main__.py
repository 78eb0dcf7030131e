"""``make soak``: pulled plugs and hostile input for a quarter of an hour, into docs/soak.md and docs/soak.json.

Exit code 1 if anything broke. Needs no privileges: processes are killed, never the machine; everything is written into temporary folders.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from emoterm import __version__
from tests.soak.parts import KILLS, Row, all_parts

WHOLE_S = 840
ROOT = Path(__file__).parents[2]
COLUMNS = ("faults_injected", "faults_survived", "inputs_tried", "crashes", "hangs", "records_lost")


def main() -> int:
    """Run every part and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=WHOLE_S, help="budget of all parts together")
    parser.add_argument("--kills", type=int, default=KILLS, help="of each job, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "soak.md")
    args = parser.parse_args()
    started = time.monotonic()
    rows = []
    for name, part in all_parts(args.seconds, args.kills, args.seed):
        print(f"{time.monotonic() - started:6.0f} s  {name}", file=sys.stderr, flush=True)
        rows.append(_timed(name, part))
    facts = {"version": __version__, "machine": machine(), "seed": args.seed, "kills": args.kills, "budget_s": args.seconds}
    facts["seconds"] = round(time.monotonic() - started)
    args.page.write_text(page(rows, facts), encoding="utf-8")
    args.page.with_suffix(".json").write_text(
        json.dumps({**facts, "rows": [asdict(row) for row in rows]}, indent=1) + "\n", encoding="utf-8"
    )
    print(table(rows))
    return int(not all(row.clean for row in rows))


def _timed(name: str, part: object) -> Row:
    started = time.monotonic()
    try:
        row: Row = part()  # type: ignore[operator]
    except Exception as error:  # a job that did not survive; the other parts still run
        print(f"{name}: {error!r}", file=sys.stderr)
        row = Row(name, faults_injected=1, crashes=1)
    row.seconds = round(time.monotonic() - started, 1)
    return row


def table(rows: list[Row]) -> str:
    """As Markdown, with a last line of sums."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in COLUMNS}
    lines = ["| part | " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " | s |", "|---|" + "--:|" * (len(COLUMNS) + 1)]
    lines += [f"| {row.part} | " + " | ".join(f"{getattr(row, name):,}" for name in COLUMNS) + f" | {row.seconds:.0f} |" for row in rows]
    lines.append("| **all** | " + " | ".join(f"**{sums[name]:,}**" for name in COLUMNS) + f" | {sum(row.seconds for row in rows):.0f} |")
    return "\n".join(lines)


def page(rows: list[Row], facts: dict[str, object]) -> str:
    """docs/soak.md."""
    short = "" if facts["budget_s"] == WHOLE_S else f"**A short run**: the whole one has a budget of {WHOLE_S} seconds.\n\n"
    return f"""# Soak

Made by `make soak` (`python -m tests.soak --seconds {facts["budget_s"]:g} --kills {facts["kills"]}`, seed {facts["seed"]}), emoterm
{facts["version"]}, on {facts["machine"]}. It took {facts["seconds"]} seconds.

{short}{table(rows)}

* **kill -9**: a process is killed at a random moment of its work. Survived: everything that can be read afterwards is whole, and after
  every fifth kill a rerun completes; a training run ends at the very weights of one that nobody killed. Where the budget ends first, fewer
  than {facts["kills"]} kills fit in.
* **two processes, one library**: both keep and mark pictures under one name. A record is lost when a picture or a mark is missing that was
  reported as written.
* **hostile input**: damaged files for each decoder, guided by coverage where the `fuzz` extra is installed. A crash is anything but the
  documented errors, a hang more than 20 seconds.

A short form of each part runs in `make test`.
"""


def machine() -> str:
    """Processor and system, in words."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} cores of {name}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
