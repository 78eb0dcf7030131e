"""Recorded steps: a batch whose steps a GPU records and replays draws the same tokens as one whose steps are run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import emoterm.prior_graphs
from emoterm.bundle import Bundle
from emoterm.prior import Prior
from emoterm.prior_model import PriorModel, open_prior
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition


@dataclass
class Recording:
    """A session on the CPU that does what ONNX Runtime does on CUDA when it records: the first run under a number is run more than once."""

    session: Any
    recorded: list[str] = field(default_factory=list)
    replayed: int = 0
    threads: set[int] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run_with_iobinding(self, binding: Any, options: Any) -> None:
        number = options.get_run_config_entry("gpu_graph_id")
        self.threads.add(threading.get_ident())
        times = 1
        if number in self.recorded:
            self.replayed += 1
        elif number != "-1":
            self.recorded.append(number)
            times = 3
        for _ in range(times):
            self.session.run_with_iobinding(binding)


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_what_is_recorded_draws_the_same(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, guidance: float) -> None:
    sessions: list[Recording] = []

    def open_recording(bundle: Bundle, device: str, *, name: str) -> PriorModel:
        model = open_prior(bundle, device, name=name)
        sessions.append(Recording(model.session))
        return PriorModel(sessions[-1], model.spec, model.codebook_size, cuda_graph=True)  # type: ignore[arg-type]

    prior = Prior(tiny_bundle, device="cpu", threads=1)
    conditions = [Condition(style=prior.vocabulary.styles[0])] * 5
    params = SamplingParams(top_k=None, guidance=guidance)
    wanted = prior.generate(conditions, seed=3, params=params, batch_size=4)
    monkeypatch.setattr(emoterm.prior_graphs, "open_prior", open_recording)
    found = Prior(tiny_bundle, device="cpu", threads=2).generate(conditions, seed=3, params=params, batch_size=4)
    assert np.array_equal(found, wanted)
    (session,) = sessions
    batches = len(session.recorded)
    assert batches == len(set(session.recorded)) > 1  # none replays what another one recorded
    assert session.replayed == batches * (prior.n_tokens - 1)
    assert len(session.threads) == 1  # another one would disturb the recording
