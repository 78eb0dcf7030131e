"""Print what is installed as constraints: ``python -m tests.lock``. Names and versions only, no place they came from; see ``make lock``."""

from __future__ import annotations

from importlib.metadata import distributions

_NOT_PINNED = {"emoterm", "pip", "setuptools", "wheel"}


def main() -> None:
    """One line a package, sorted."""
    print("# Versions that the tests run with. Written by make lock; any package may be newer where emoterm is installed for use.")
    found = {dist.metadata["Name"]: dist.version.partition("+")[0] for dist in distributions()}  # 2.13.0+cpu is a build of 2.13.0
    for name in sorted(found.keys() - _NOT_PINNED, key=str.lower):
        print(f"{name}=={found[name]}")


if __name__ == "__main__":
    main()
