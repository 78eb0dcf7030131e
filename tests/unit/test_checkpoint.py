"""Checkpoints: what goes in comes out, and a kill at any moment leaves a whole one behind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, safe_open
from torch import Tensor, nn

from trainer import checkpoint
from trainer.checkpoint import Checkpoint
from trainer.errors import TrainerError
from trainer.judge.run import read_facts as read_judge_facts
from trainer.run import read_facts as read_run_facts

torch.set_num_threads(1)


class Killed(BaseException):
    """Nothing in the trainer catches this."""


def make(step: int) -> Checkpoint:
    """A checkpoint whose every tensor says which step it is of."""
    value = torch.full((3, 2), float(step))
    return Checkpoint(step, {"w": value}, {"0.exp_avg": value}, {"w": value}, {"best": float(step)})


def assert_is(found: Checkpoint | None, step: int) -> None:
    assert found is not None
    assert (found.step, found.state) == (step, {"best": float(step)})
    for tensors in (found.model, found.optimizer, found.ema):
        assert len(tensors) == 1
        assert all(torch.equal(value, torch.full((3, 2), float(step))) for value in tensors.values())


def test_there_is_none_before_the_first(tmp_path: Path) -> None:
    assert checkpoint.load(tmp_path / "checkpoint") is None


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    model = {
        "float": torch.randn(3, 4),
        "half": torch.randn(3).to(torch.bfloat16),
        "counter": torch.tensor(7),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "part": torch.arange(12).view(3, 4)[:, 1],
    }
    shared = torch.randn(5)
    checkpoint.save(tmp_path, Checkpoint(3, model, {"0.a": shared, "1.a": shared}, {}, {"best": None, "note": "ä"}))
    found = checkpoint.load(tmp_path)
    assert found is not None
    assert found.model.keys() == model.keys()
    for name, value in model.items():
        assert torch.equal(found.model[name], value), name
        assert found.model[name].dtype == value.dtype
    assert torch.equal(found.optimizer["1.a"], shared)
    assert found.ema == {}
    assert (found.step, found.state) == (3, {"best": None, "note": "ä"})


def test_a_saved_tensor_is_a_copy(tmp_path: Path) -> None:
    weight = nn.Parameter(torch.zeros(2))
    checkpoint.save(tmp_path, Checkpoint(1, {"w": weight}))
    nn.init.ones_(weight)
    found = checkpoint.load(tmp_path)
    assert found is not None
    assert found.model["w"].tolist() == [0, 0]
    assert not found.model["w"].requires_grad


def test_only_the_newest_is_kept(tmp_path: Path) -> None:
    for step in (5, 10, 20):
        checkpoint.save(tmp_path, make(step))
        assert_is(checkpoint.load(tmp_path), step)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "step-00000020"]


def test_an_earlier_step_can_follow_a_later_one(tmp_path: Path) -> None:
    """A run that starts again in the same folder."""
    checkpoint.save(tmp_path, make(20))
    checkpoint.save(tmp_path, make(5))
    assert_is(checkpoint.load(tmp_path), 5)


def test_every_file_is_safetensors_or_text(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, make(1))
    names = sorted(path.name for path in (tmp_path / "step-00000001").iterdir())
    assert names == ["ema.safetensors", "model.safetensors", "optimizer.safetensors", "state.json"]
    for name in names[:3]:
        with safe_open(tmp_path / "step-00000001" / name, framework="pt") as file:
            assert len(file.keys()) == 1
    (tmp_path / "step-00000001" / "state.json").read_text(encoding="utf-8")


def kill_before(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], bool]:
    """Let the process die before its n-th change of the disk, counted from 0; returns whether it did."""
    done, killed = 0, False

    def guard(change: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            nonlocal done, killed
            if done == number:
                killed = True
                raise Killed
            done += 1
            return change(*args, **kwargs)

        return guarded

    monkeypatch.setattr(checkpoint, "save_file", guard(checkpoint.save_file))
    monkeypatch.setattr(shutil, "rmtree", guard(shutil.rmtree))
    monkeypatch.setattr(os, "replace", guard(os.replace))
    for name in ("rename", "replace", "mkdir", "write_text", "write_bytes", "unlink"):
        monkeypatch.setattr(Path, name, guard(getattr(Path, name)))
    return lambda: killed


@pytest.mark.parametrize("step", [40, 20], ids=["the next step", "the same step again"])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_one(step: int, tmp_path: Path) -> None:
    """Also when a resumed run comes to the step of the checkpoint that is there, as the folder of the best weights does."""
    for number in range(100):
        folder = tmp_path / str(number)
        checkpoint.save(folder, make(20))
        old = checkpoint.load(folder)
        assert old is not None
        new = make(step)
        new.state["which"] = "new"
        with pytest.MonkeyPatch.context() as patch:
            was_killed = kill_before(patch, number)
            try:
                checkpoint.save(folder, new)
            except Killed:
                assert was_killed()
        found = checkpoint.load(folder)
        assert found is not None
        assert found.state in (old.state, new.state), number
        # and the next one can be saved over what the kill left behind
        checkpoint.save(folder, make(60))
        assert_is(checkpoint.load(folder), 60)
        assert sorted(path.name for path in folder.glob("step-*")) == ["step-00000060"]
        if not was_killed():
            assert number > 8
            return
    pytest.fail("saving never came to an end")


def test_a_half_written_folder_is_never_read(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, make(20))
    for name in (".step-00000040.partial", "step-00000040"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(b"\x10\x00")
    assert_is(checkpoint.load(tmp_path), 20)


def test_a_half_written_first_checkpoint_is_none_at_all(tmp_path: Path) -> None:
    shutil.copytree(_saved(tmp_path / "other", 5), tmp_path / "here" / "step-00000005")
    assert checkpoint.load(tmp_path / "here") is None


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "ema.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_a_damaged_file_is_an_error_that_says_where_and_what_to_do(name: str, damage: str, tmp_path: Path) -> None:
    path = _saved(tmp_path, 5) / name
    path.write_bytes(path.read_bytes()[:-5] if damage == "cut" else b"\xff" * 40)
    with pytest.raises(TrainerError) as caught:
        checkpoint.load(tmp_path)
    assert str(path.parent) in caught.value.what
    assert str(tmp_path) in str(caught.value.fix)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
def test_a_missing_file_is_an_error_too(name: str, tmp_path: Path) -> None:
    (_saved(tmp_path, 5) / name).unlink()
    with pytest.raises(TrainerError, match="cannot be read"):
        checkpoint.load(tmp_path)


def _saved(folder: Path, step: int) -> Path:
    checkpoint.save(folder, make(step))
    return folder / f"step-{step:08d}"


# --- optimizer ---


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, seeds: range) -> None:
    for seed in seeds:
        torch.manual_seed(seed)
        model(torch.randn(2, 8, 8, 8)).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["contiguous", "channels_last"])
def test_a_restored_optimizer_goes_on_as_if_nothing_had_happened(layout: torch.memory_format, fused: bool, tmp_path: Path) -> None:
    def start() -> tuple[nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)).to(memory_format=layout)
        return model, torch.optim.AdamW(model.parameters(), lr=0.01, fused=fused)

    model, optimizer = start()
    steps(model, optimizer, range(3))
    checkpoint.save(tmp_path, Checkpoint(3, model.state_dict(), checkpoint.optimizer_tensors(optimizer)))
    steps(model, optimizer, range(3, 6))

    resumed, its_optimizer = start()
    found = checkpoint.load(tmp_path)
    assert found is not None
    resumed.load_state_dict(found.model)
    checkpoint.restore_optimizer(its_optimizer, found.optimizer)
    steps(resumed, its_optimizer, range(3, 6))
    for wanted, value in zip(model.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(value, wanted)


def test_an_optimizer_of_fewer_parameters_is_not_restored() -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    with pytest.raises(TrainerError, match="other weights were trained") as caught:
        checkpoint.restore_optimizer(torch.optim.AdamW([model.weight]), checkpoint.optimizer_tensors(optimizer))
    assert "--fresh" in str(caught.value.fix)


def test_restoring_leaves_the_parameter_groups_as_they_are() -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.5)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    tensors = checkpoint.optimizer_tensors(optimizer)
    assert set(tensors) == {f"{index}.{name}" for index in range(2) for name in ("step", "exp_avg", "exp_avg_sq")}
    other = torch.optim.AdamW(nn.Linear(2, 2).parameters(), lr=0.25, weight_decay=0.125)
    checkpoint.restore_optimizer(other, tensors)
    assert (other.param_groups[0]["lr"], other.param_groups[0]["weight_decay"]) == (0.25, 0.125)
    restored = checkpoint.optimizer_tensors(other)
    assert all(torch.equal(restored[name], value) for name, value in tensors.items())


# --- single files ---


def test_weights_are_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.safetensors"
    checkpoint.save_weights(path, {"w": torch.zeros(2)})

    def half(tensors: dict[str, Tensor], target: Path) -> None:
        Path(target).write_bytes(b"\x10\x00")
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", half)
        with pytest.raises(Killed):
            checkpoint.save_weights(path, {"w": torch.ones(2)})
    assert load_file(path)["w"].tolist() == [0, 0]
    checkpoint.save_weights(path, {"w": torch.ones(2)})
    assert checkpoint.load_weights(path, "unused")["w"].tolist() == [1, 1]
    assert [file.name for file in tmp_path.iterdir()] == ["weights.safetensors"]


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 30])
def test_weights_that_cannot_be_read_say_what_to_do(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrainerError) as caught:
        checkpoint.load_weights(path, "Finish it.")
    assert str(path) in caught.value.what
    assert caught.value.fix == "Finish it."


def test_text_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "recipe.json"
    checkpoint.write_text_atomic(path, "old ä")
    with monkeypatch.context() as patch:
        kill_before(patch, 1)  # after the temporary file was written
        with pytest.raises(Killed):
            checkpoint.write_text_atomic(path, "new")
    assert path.read_text(encoding="utf-8") == "old ä"
    checkpoint.write_text_atomic(path, "new")
    assert path.read_text(encoding="utf-8") == "new"


# --- what a folder says of itself ---


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "No such file"),
        ("not json", "Expecting value"),
        ("[]", "holds no JSON object"),
        ("{{}}", "does not say {0} and {1}"),
        ('{{"{0}": {{}}}}', "does not say {1}"),
        ('{{"{0}": [], "{1}": []}}', "does not say {0} and {1}"),
    ],
)
@pytest.mark.parametrize(
    ("read", "name", "wanted"),
    [(read_run_facts, "recipe.json", ("recipe", "data")), (read_judge_facts, "judge.json", ("labels", "seed"))],
    ids=["run", "judge"],
)
def test_a_folder_that_is_no_run_says_what_it_lacks(
    read: Callable[[Path], Any], name: str, wanted: tuple[str, str], content: str | None, problem: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content.format(*wanted))
    with pytest.raises(TrainerError, match=re.escape(problem.format(*wanted))) as caught:
        read(tmp_path)
    assert str(tmp_path) in caught.value.what
    assert "Make one" in str(caught.value.fix)
