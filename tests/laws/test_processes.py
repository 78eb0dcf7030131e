"""Two processes with half of each batch train what one process with whole batches trains. Real processes, started by torchrun."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torch import Tensor

from tests.made_once import made_once
from trainer import checkpoint, draws
from trainer.checkpoint import Checkpoint
from trainer.errors import TrainerError
from trainer.loop import share_of
from trainer.progress import read_log

pytestmark = pytest.mark.timeout(900)  # five processes import PyTorch; on a busy machine that takes a while
ROOT = Path(__file__).parents[2]
STEPS, STEPS_PER_EPOCH, SAVED_EVERY = 24, 6, 4
KILLED_IN_STEP = 11
# k-means in the fifth step, unused codes reset after 6, 12 and 18. All that is random is on, but for the dropout inside of the prior,
# which every process draws for itself.
CHANGES = {
    "data.flip": "0.5",
    "vqvae.codebook.reset_every_epochs": "1",
    "prior.fresh_tokens": "true",
    "prior.told_changes": "true",
    "prior.token_dropout": "0.1",
    "prior.dropout": "0",
    "vqvae.codebook.size": "32",
    **{
        f"{stage}_optim.{name}": value
        for stage in ("vqvae", "prior")
        for name, value in {
            "epochs": "4",
            "batch_size": "4",
            "checkpoint_every_steps": str(SAVED_EVERY),
            "eval_every_epochs": "2",
        }.items()
    },
}


def colourful_picture(random: np.random.Generator) -> bytes:
    """No two patches alike: of flat ones the same code would come twice in a codebook, and chance would decide between the two."""
    picture = Image.fromarray(random.integers(60, 256, (16, 16, 4), dtype=np.uint8), "RGBA").resize((64, 64), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """24 pictures to train on, 6 to test."""
    random, n = np.random.default_rng(0), 30
    table = {
        "image": [colourful_picture(random) for _ in range(n)],
        "text": [f"thing {i} {('cat', 'dog', 'owl')[i % 3]}" for i in range(n)],
        "style": ["noto" if i % 2 else "blob" for i in range(n)],
        "group": ["Animals"] * n,
        "split": ["test" if i % 5 == 4 else "train" for i in range(n)],
    }
    path = tmp_path_factory.mktemp("data") / "pictures.parquet"
    pq.write_table(pa.table(table), path)
    return str(path)


@pytest.fixture(scope="module")
def runs(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the runs that the tests compare."""

    def make(folder: Path) -> None:
        def job(name: str, stage: str = "vqvae", **options: Any) -> dict[str, Any]:
            return {"out": str(folder / name), "stage": stage, "data": data, "set": CHANGES, **options}

        folder.mkdir()
        killed = train(folder, [job("one", "all"), job("killed", die=KILLED_IN_STEP)])
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        other_codebook = {"set": CHANGES | {"vqvae.codebook.size": "64"}}
        finished = train(folder, [job("two", "all"), job("killed"), job("two") | other_codebook], processes=2)
        assert finished.returncode == 0, finished.stderr

    return made_once(tmp_path_factory, "runs_of_processes", make)


PORT_TAKEN = ("EADDRINUSE", "ddress already in use", "DistNetworkError", "RendezvousConnectionError")


def train(folder: Path, jobs: list[dict[str, Any]], *, processes: int = 1) -> subprocess.CompletedProcess[str]:
    path = folder / "jobs.json"
    path.write_text(json.dumps(jobs), encoding="utf-8")
    launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"] if processes > 1 else []
    command = [sys.executable, "-m", *launcher, "tests.training_process", str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if processes > 1 and any(sign in done.stderr for sign in PORT_TAKEN):  # by another test, between its choice and its use
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done


def last_checkpoint(folder: Path) -> Checkpoint:
    found = checkpoint.load(folder / "checkpoint")
    assert found is not None
    assert found.step == STEPS
    return found


def assert_same_log(folder: Path, other: Path) -> None:
    """The same events, and the same numbers in them."""
    records, others = read_log(folder / "metrics.jsonl"), read_log(other / "metrics.jsonl")
    for record, wanted in zip(records, others, strict=True):
        assert record.pop("event") == wanted.pop("event")
        assert record == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def assert_same_checkpoint(folder: Path, other: Path) -> None:
    """The same of all that training goes on from, so it goes on alike with any number of processes."""
    found, wanted = last_checkpoint(folder), last_checkpoint(other)
    assert found.state == pytest.approx(wanted.state)
    for part in ("model", "optimizer", "ema"):
        torch.testing.assert_close(getattr(found, part), getattr(wanted, part), rtol=1e-7, atol=1e-9)


def test_what_is_compared_has_losses_of_every_step_and_resets_that_replaced_codes(runs: Path) -> None:
    for stage in ("vqvae", "prior"):
        records = read_log(runs / "one" / stage / "metrics.jsonl")
        losses = [record["loss"] for record in records if record["event"] == "train"]
        assert len(losses) == STEPS
        assert losses[-1] < 0.9 * losses[0]
    resets = [r for r in read_log(runs / "one" / "vqvae" / "metrics.jsonl") if r["event"] == "codebook_reset"]
    assert [reset["step"] for reset in resets] == [STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH]
    assert sum(reset["replaced"] for reset in resets) > 10


def test_two_processes_have_the_losses_codebook_and_resets_of_one(runs: Path) -> None:
    assert_same_log(runs / "two" / "vqvae", runs / "one" / "vqvae")
    assert_same_checkpoint(runs / "two" / "vqvae", runs / "one" / "vqvae")


def test_two_processes_train_the_prior_that_one_does(runs: Path) -> None:
    assert_same_log(runs / "two" / "prior", runs / "one" / "prior")
    assert_same_checkpoint(runs / "two" / "prior", runs / "one" / "prior")


def test_a_run_of_one_process_that_was_killed_is_finished_by_two(runs: Path) -> None:
    starts = [record["step"] for record in read_log(runs / "killed" / "vqvae" / "metrics.jsonl") if record["event"] == "start"]
    assert starts == [0, KILLED_IN_STEP // SAVED_EVERY * SAVED_EVERY]
    assert_same_checkpoint(runs / "killed" / "vqvae", runs / "one" / "vqvae")


def test_an_error_of_the_process_that_writes_ends_all_of_them(runs: Path) -> None:
    messages = [(runs / f"two.error-{process}").read_text(encoding="utf-8") for process in (0, 1)]
    assert messages[0] == messages[1]
    assert "another configuration of vqvae" in messages[0]


# --- what each process draws ---


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_the_parts_of_a_batch_draw_what_the_whole_batch_draws(parts: int) -> None:
    def drawn(n: int) -> tuple[Tensor, Tensor, Tensor]:
        torch.manual_seed(5)
        return draws.rand(n), draws.randint(0, 9, (2, n), batch_dim=1), draws.rand(n, 7)

    torch.manual_seed(5)
    wanted = torch.rand(6), torch.randint(0, 9, (2, 6)), torch.rand(6, 7)
    found = []
    for index in range(parts):
        with draws.part_of_batch(index, parts):
            found.append(drawn(6 // parts))
    for i, batch_dim in enumerate((0, 1, 0)):
        assert torch.equal(torch.cat([part[i] for part in found], batch_dim), wanted[i])


def test_a_batch_is_shared_equally_or_not_at_all() -> None:
    assert share_of(128, 8, "prior") == 16
    with pytest.raises(TrainerError, match="128 cannot be shared equally by 6") as caught:
        share_of(128, 6, "prior")
    assert "--set prior_optim.batch_size=126" in str(caught.value.fix)
    with pytest.raises(TrainerError) as caught:
        share_of(2, 8, "prior")
    assert "batch_size=8" in str(caught.value.fix)
