"""What several files of this folder begin with, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made_once import made_once


@pytest.fixture(scope="session")
def short_run(drawn_emojis: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of both stages, an epoch each, on the drawn emojis. Nobody writes into it."""
    from tests.no_figures import no_figures
    from trainer.train import run_training

    def train(run: Path) -> None:
        short = {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}
        with no_figures():
            run_training("all", "tiny", drawn_emojis, run, short)

    return made_once(tmp_path_factory, "short", train)
