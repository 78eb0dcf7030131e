"""Training without the figures at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import trainer.train


@contextmanager
def no_figures() -> Iterator[None]:
    """Stages that end meanwhile leave no figures: they take longer than to train for an epoch, and change no weight.

    tests/unit/test_figures.py tests what draws them, tests/cli/test_train_export_sample.py that a run leaves them. Where a run is of an
    unusual kind, as one without alpha or of a decoder alone, some test lets them be drawn too.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("draw_vqvae_figures", "draw_prior_figures"):
            patch.setattr(trainer.train, name, lambda *_: None)
        yield
