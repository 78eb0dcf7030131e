"""One target under atheris; started by :mod:`tests.hostile.fuzz`. What the decoders are made of is imported under instrumentation."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["emoterm"]):
    from tests.hostile.targets import TARGETS, try_input


def main() -> None:
    """Fuzz the target named first, with the other arguments as libFuzzer takes them."""
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, lambda data: try_input(target, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
