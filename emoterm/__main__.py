"""``python -m emoterm``."""

from __future__ import annotations

from emoterm.cli.start import run

if __name__ == "__main__":
    run()
