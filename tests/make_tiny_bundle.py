"""Make ``tests/fixtures/tiny_bundle`` again: ``make fixtures``, about three minutes on two cores.

Needed only when the bundle format or the trainer changes; the result is committed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from export.build_bundle import build_bundle
from tests.drawing import write_emojis
from trainer.train import run_training

FIXTURE = Path(__file__).parent / "fixtures" / "tiny_bundle"
# Longer than the recipe says, so that the pictures of the fixture can be told apart.
LONGER = {"vqvae_optim.epochs": "120", "prior_optim.epochs": "60", "vqvae_optim.ema_weights": "0.98"}


def main() -> None:
    """Draw, train, export, replace."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        run_training("all", "tiny", str(write_emojis(Path(folder) / "drawn-emojis.parquet")), run, LONGER)
        print(build_bundle(run, FIXTURE, force=True))


if __name__ == "__main__":
    main()
