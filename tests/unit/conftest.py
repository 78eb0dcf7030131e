"""What several files of this folder begin with, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import write_emojis


@pytest.fixture(scope="session")
def drawn_emojis(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The drawn emojis as training data."""
    return str(write_emojis(tmp_path_factory.mktemp("data") / "emojis.parquet"))


@pytest.fixture(scope="session")
def short_run(drawn_emojis: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of both stages, an epoch each, on the drawn emojis. Nobody writes into it."""
    from trainer.train import run_training

    run = tmp_path_factory.mktemp("short") / "run"
    run_training(
        "all", "tiny", drawn_emojis, run, {"vqvae_optim.epochs": "1", "vqvae.codebook.kmeans_start_steps": "1", "prior_optim.epochs": "1"}
    )
    return run
