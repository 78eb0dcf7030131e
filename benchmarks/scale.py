"""``python -m benchmarks.scale``: what 10⁶ and 10⁹ emojis cost, and how fast large galleries answer; ``--page`` fills docs/scale.md.

The rates are measured on this machine, in processes of their own, and everything else is arithmetic: pictures are independent of each
other, so that twice the cores take half the time.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.large_gallery import make_large_gallery
from benchmarks.machine import describe
from benchmarks.page import BEGIN, END, ROOT, replace_block
from benchmarks.timing import say
from emoterm.bundle import open_bundle

RESULTS = Path(__file__).parent / "scale.json"
PAGE = ROOT / "docs" / "scale.md"
COUNTS = (10**6, 10**9)
SIZES = (100_000, 1_000_000)
RUNS = {
    "tokens, `--free`": [],
    "tokens and PNG, `--free`": ["--png"],
    "tokens, by chance": ["--by-chance"],
    "tokens, prompt and guidance": ["--guided"],
}
MAX_QUERY_MS, MAX_MEMORY_MIB = 50, 2048
"""Of a gallery of 100,000, and of one of a million."""


def main() -> None:
    """Measure, print the tables, keep the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--page", action="store_true", help="put the tables into docs/scale.md")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument("--pictures", type=int, default=256, help="over which a rate is measured")
    parser.add_argument("--prefix", default="", help="put in front of each measured program: 'chrt -r 20' where other work would slow it")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="of the galleries")
    arguments = parser.parse_args()
    prefix = shlex.split(arguments.prefix)
    record: dict[str, Any] = {
        "machine": describe(),
        "pictures": arguments.pictures,
        "prefix": arguments.prefix,
        "rates": [],
        "galleries": [],
    }
    for device in ("cpu", "cuda"):
        for name, flags in RUNS.items():
            say(f"{name} on {device}")
            record["rates"].append({"device": device, "what": name, **_probe(prefix, "make", device, arguments.pictures, *flags)})
    for size in arguments.sizes:
        say(f"gallery of {size:,}")
        with tempfile.TemporaryDirectory() as folder, open_bundle() as bundle:
            made = make_large_gallery(bundle, Path(folder) / "bundle", size)
            record["galleries"].append({"n": size, **_probe(prefix, "gallery", made)})
    arguments.out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(block(record))
    if arguments.page:
        replace_block(PAGE, block(record))


def block(record: dict[str, Any]) -> str:
    """What stands between the marks of the page."""
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}, {versions}"
    how = "python -m benchmarks.scale --page" + (f" --prefix {record['prefix']!r}" if record["prefix"] else "")
    shared = " The machine was shared with other work; the prefix puts the measured programs before it." if record["prefix"] else ""
    return f"""{BEGIN}
Measured by `{how}` on {where}.{shared}

### Cost

Rates over {record["pictures"]} emojis, models loaded, one process; the rest is multiplied.

{costs(record)}

### Galleries

Made-up galleries (benchmarks/large_gallery.py) of emojis in one style; the first 24 results of each query, the best of nine
tries. The first search reads the file of names and makes the index, the first "more like this" reads the tokens.

{galleries(record)}

{END}"""


def costs(record: dict[str, Any]) -> str:
    """The table of rates and of what :data:`COUNTS` emojis take at them."""
    cores = record["machine"]["cores"]
    head = "".join(f" {_count(n)}: time | core- or GPU-hours | disk |" for n in COUNTS)
    lines = [f"| device | what | emojis a second | tokens a second |{head}", "|---" * (4 + 3 * len(COUNTS)) + "|"]
    for row in record["rates"]:
        if row.get("missing"):
            lines.append(f"| {row['device']} | {row['what']} | not measured |" + " |" * (1 + 3 * len(COUNTS)))
            continue
        cells = []
        for n in COUNTS:
            hours = n / row["per_second"] / 3600
            cells += [_hours(hours), f"{hours * (cores if row['device'] == 'cpu' else 1):,.0f}", _bytes(n * row["bytes"])]
        name = f"{cores} cores" if row["device"] == "cpu" else row["device"]
        lines.append(f"| {name} | {row['what']} | {row['per_second']:.1f} | {256 * row['per_second']:,.0f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def galleries(record: dict[str, Any]) -> str:
    """The table of queries."""
    head = ("emojis", "search, slowest query", "more like this", "first search", "first more like this", "peak memory")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in record["galleries"]:
        slowest = max(row["search_ms"], key=row["search_ms"].get)
        queries = [f"{row['search_ms'][slowest]:.1f} ms (`{slowest}`)", f"{row['nearest_ms']:.1f} ms"]
        first = [f"{row['first_search_s']:.1f} s", f"{row['first_nearest_s']:.1f} s"]
        count, memory = f"{row['n']:,}", f"{row['peak_mib']:,.0f} MiB"
        lines.append(f"| {' | '.join([count, *queries, *first, memory])} |")
    return "\n".join(lines)


def _probe(prefix: list[str], *arguments: object) -> dict[str, Any]:
    command = [*prefix, sys.executable, "-m", "benchmarks.scale_probe", *map(str, arguments)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
    return found


def _count(n: int) -> str:
    return f"10{str(len(str(n)) - 1).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _hours(hours: float) -> str:
    return f"{hours:,.1f} h" if hours < 48 else f"{hours / 24:,.1f} d" if hours < 2 * 24 * 365 else f"{hours / 24 / 365:,.1f} years"


def _bytes(size: float) -> str:
    unit, by = next((unit, by) for unit, by in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("B", 1)) if size >= by)
    return f"{size / by:,.1f} {unit}"


if __name__ == "__main__":
    main()
