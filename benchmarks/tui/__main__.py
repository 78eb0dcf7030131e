"""``python -m benchmarks.tui``: the figures of the terminal interface alone."""

from __future__ import annotations

import argparse

from benchmarks.figures import markdown
from benchmarks.machine import describe
from benchmarks.page import TERMINAL, save
from benchmarks.timing import say
from benchmarks.tui import PARTS


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tui", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one round of each: shows that it runs, not how fast")
    parser.add_argument("--page", action="store_true", help="put the table into docs/performance.md and README.md; all parts only")
    arguments = parser.parse_args()
    if arguments.page and arguments.parts:
        parser.error("--page shows all parts")
    machine, rows = describe(), []
    for name in arguments.parts or PARTS:
        if name not in PARTS:
            parser.error(f"{name!r} is none of: {', '.join(PARTS)}")
        say(name)
        rows += PARTS[name](quick=arguments.quick)
    print(markdown(rows))
    if arguments.page:
        save({"machine": machine, "quick": arguments.quick, "rows": [row.to_json() for row in rows]}, TERMINAL.results)
        TERMINAL.write()


if __name__ == "__main__":
    main()
