"""``python -m benchmarks.tui``: the figures of the terminal interface alone."""

from __future__ import annotations

import argparse

from benchmarks.figures import markdown
from benchmarks.timing import say
from benchmarks.tui import PARTS


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tui", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one round of each: shows that it runs, not how fast")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.parts or PARTS:
        if name not in PARTS:
            parser.error(f"{name!r} is none of: {', '.join(PARTS)}")
        say(name)
        rows += PARTS[name](quick=arguments.quick)
    print(markdown(rows))


if __name__ == "__main__":
    main()
